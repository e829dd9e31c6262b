"""Windows compares MAC addresses only for equality: a range or a mask becomes one EQUAL for each address that was seen.

Source: layers-and-filters 3.2, 3.3 (FWP_BYTE_ARRAY6_TYPE is not sortable and has no mask).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice

from engine.debugger.session import DebugSession
from engine.frames.frame import Direction
from engine.wfp.types import DataType, MatchType
from gui.models.policy.filter_draft import Checked, ConditionDraft, FilterDraft, Problem, condition_index, field_of

ROWS_LOOKED_AT = 5_000
"""The first frames of a capture."""
MOST_CONDITIONS = 64
REMOTE = "MAC_REMOTE_ADDRESS"

Fits = Callable[[bytes], bool]

_OCTETS = re.compile(r"[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){0,5}")


def addresses_seen(session: DebugSession | None, field: str) -> list[bytes]:
    """The distinct addresses that the field has in the first frames, in the order in which they came."""
    found: dict[str, None] = {}
    for row in islice(() if session is None else session.rows, ROWS_LOOKED_AT):
        local = row.destination if row.direction is Direction.INBOUND else row.source
        address = row.remote if field == REMOTE else local
        if address is not None:
            found[address] = None
    return [bytes.fromhex(address.replace(":", "")) for address in found]


def wanted_addresses(condition: ConditionDraft) -> Fits | None:
    """What somebody means by a range, an order or a mask of addresses; None where that cannot be read."""
    low, high = _octets(condition.text), _octets(condition.high)
    match condition.match:
        case MatchType.FWP_MATCH_RANGE if low is not None and high is not None:
            return lambda address: low <= address <= high
        case MatchType.FWP_MATCH_GREATER | MatchType.FWP_MATCH_GREATER_OR_EQUAL if low is not None:
            return lambda address: address >= low
        case MatchType.FWP_MATCH_LESS | MatchType.FWP_MATCH_LESS_OR_EQUAL if low is not None:
            return lambda address: address <= low
        case MatchType.FWP_MATCH_EQUAL:
            return _masked(condition.text)
        case _:
            return None


def _octets(text: str) -> bytes | None:
    wanted = text.strip()
    if _OCTETS.fullmatch(wanted) is None or len(wanted) != 17:
        return None
    return bytes.fromhex(wanted.replace(":", "").replace("-", ""))


def _masked(text: str) -> Fits | None:
    """`02:00:00:*`, `02:00:00:00:00:00/24`, `02:00:00:00:00:01 & ff:ff:ff:00:00:00`."""
    wanted = text.strip()
    if wanted.endswith("*"):
        start = wanted.rstrip("*:-")
        if _OCTETS.fullmatch(start) is None:
            return None
        prefix = bytes.fromhex(start.replace(":", "").replace("-", ""))
        return lambda address: address.startswith(prefix)
    base, sign, rest = wanted.partition("&") if "&" in wanted else wanted.partition("/")
    value, mask = _octets(base), _octets(rest) if sign == "&" else _bits(rest)
    if value is None or mask is None:
        return None
    number, bits = int.from_bytes(value), int.from_bytes(mask)
    return lambda address: int.from_bytes(address) & bits == number & bits


def _bits(text: str) -> bytes | None:
    length = text.strip()
    if not length.isdecimal() or int(length) > 48:
        return None
    return ((1 << 48) - (1 << 48 - int(length))).to_bytes(6)


def with_address_fixes(checked: Checked, draft: FilterDraft, seen: Callable[[str], Sequence[bytes]]) -> Checked:
    """Add the remedy to every error of a condition on addresses that stands for some of those that were seen."""
    return replace(checked, problems=tuple(_with_fix(one, draft, seen) for one in checked.problems))


def _with_fix(problem: Problem, draft: FilterDraft, seen: Callable[[str], Sequence[bytes]]) -> Problem:
    index = condition_index(problem.place)
    if index is None or problem.severity != "error":
        return problem
    condition = draft.conditions[index]
    field = field_of(draft, condition)
    fits = wanted_addresses(condition)
    if field is None or field.type is not DataType.FWP_BYTE_ARRAY6_TYPE or fits is None:
        return problem
    found = [address for address in seen(field.name) if fits(address)][:MOST_CONDITIONS]
    if not found:
        return problem
    words = f"One EQUAL for each of {len(found)} addresses seen" if len(found) > 1 else "EQUAL to the one address seen"
    fix = (words, lambda before: with_addresses(before, index, found))
    return replace(problem, fixes=(*problem.fixes, fix))


def with_addresses(draft: FilterDraft, index: int, addresses: Iterable[bytes]) -> FilterDraft:
    """One EQUAL for each address in the place of a condition."""
    condition = draft.conditions[index]
    equal = tuple(replace(condition, match=MatchType.FWP_MATCH_EQUAL, text=address.hex(":"), high="")
                  for address in addresses)  # fmt: skip
    return replace(draft, conditions=(*draft.conditions[:index], *equal, *draft.conditions[index + 1 :]))
