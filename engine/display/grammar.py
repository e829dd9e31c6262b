"""Wireshark's grammar of display filters, for the parser generator lark: a maintained LALR(1) parser.

LALR needs no backtracking, so a text is read in time that grows with its length only, and at an error it says which
words could have stood there.
"""

from __future__ import annotations

from functools import cache

from lark import Lark

GRAMMAR = r"""
start: _any
_any: either
?either: xor (OR xor)*
?xor: both (XOR both)*
?both: one (AND one)*
?one: NOT one -> negation
    | test
?test: "(" either ")"
    | operand COMPARE operand -> compare
    | operand COMPARE value -> compare
    | operand IN set -> within
    | operand NOT IN set -> not_within
    | operand CONTAINS (value | NAME) -> contains
    | operand MATCHES TEXT -> matches
    | operand -> exists
operand: NAME SLICE? (BITS (NUMBER | NAME))? -> plain
    | NAME "(" NAME SLICE? ")" -> called
    | QUANTIFIER NAME SLICE? -> quantified
set: "{" item (","? item)* "}"
?item: value RANGE value -> span
    | value
    | NAME -> word
?value: NUMBER -> number
    | OCTETS -> octets
    | TEXT -> text
    | MOMENT -> moment

AND.6: /and(?![\w.])|&&/i
OR.6: /or(?![\w.])|\|\|/i
XOR.6: /xor(?![\w.])|\^\^/i
NOT.6: /not(?![\w.])|!(?!=)/i
IN.6: /in(?![\w.])/i
CONTAINS.6: /contains(?![\w.])/i
MATCHES.6: /matches(?![\w.])|~(?!=)/i
QUANTIFIER.6: /(any|all)(?![\w.(])/i
COMPARE.6: /[=!]==|[~=!<>]=|[<>=]|(any_eq|all_ne|all_eq|any_ne|eq|ne|lt|le|gt|ge)(?![\w.])/i
BITS.6: /&(?!&)|bitwise_and(?![\w.])/i
RANGE: ".."

MOMENT.5: /\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?Z?(?![\w:])/i
OCTETS.4: /([0-9a-f]{2}([:-]([0-9a-f]{2}|\*))+|[0-9a-f]{4}(\.[0-9a-f]{4}){2})(\/\d{1,2})?(?![\w:*])/i
NUMBER.3: /-?(0x[0-9a-f]+|0b[01]+|\d+(\.\d+)?)(?!\w)/i
NAME.2: /[a-z_][a-z0-9_]*(\.[a-z0-9_]+)*/i
TEXT.6: /r?"([^"\\]|\\.)*"/i | /'([^'\\]|\\.)*'/
SLICE: /\[[^\]]*\]/

%ignore /[ \t\r\n]+/
"""

WORDS = {
    "AND": "`and`", "OR": "`or`", "XOR": "`xor`", "NOT": "`not`", "IN": "`in`", "CONTAINS": "`contains`",
    "MATCHES": "`matches`", "COMPARE": "a comparison such as `==`", "BITS": "`&`", "RANGE": "`..`",
    "QUANTIFIER": "`any` or `all`", "MOMENT": "a time", "OCTETS": "an address", "NUMBER": "a number", "NAME": "a name",
    "TEXT": 'a "text"', "SLICE": "`[…]`", "LPAR": "`(`", "RPAR": "`)`", "LBRACE": "`{`", "RBRACE": "`}`",
    "COMMA": "`,`", "$END": "the end",
}  # fmt: skip
"""How the parser's words read in a message."""


@cache
def parser() -> Lark:
    """The parser; making it takes some 50 ms, once."""
    return Lark(GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False)
