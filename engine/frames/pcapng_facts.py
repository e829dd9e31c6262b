"""What the blocks of a pcapng file say beside packets and interfaces: who wrote it, statistics, and what else it holds.

Source: draft-ietf-opsawg-pcapng, sections 4.1, 4.5 to 4.9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address
from itertools import islice
from struct import Struct

from engine.frames.file_facts import MOST_LINES, FileFacts
from engine.frames.pcapng_blocks import KIND_NAMES, NAMES, STATISTICS, Block
from engine.frames.pcapng_options import label, number, text

_SECTION_OPTIONS = {2: "hardware", 3: "operating system", 4: "application"}
_STATISTICS_OPTIONS = {4: "received", 5: "dropped by the interface", 6: "accepted by the filter",
                       7: "dropped by the system", 8: "delivered"}
_ADDRESSES: dict[int, tuple[int, Callable[[bytes], str]]] = {
    1: (4, lambda value: str(IPv4Address(value))), 2: (16, lambda value: str(IPv6Address(value))),
    3: (6, lambda value: value.hex(":")), 4: (8, lambda value: value.hex(":")),
}
_SECRETS, _CUSTOM = 10, frozenset((0xBAD, 0x40000BAD))
CONTENTS = _CUSTOM | {_SECRETS}
"""Blocks of which the first word is told."""
_SECRET_KINDS = {0x544C534B: "TLS key log", 0x5353484B: "SSH key log", 0x57474B4C: "WireGuard key log",
                 0x5A4E574B: "ZigBee network key", 0x5A415053: "ZigBee application key"}


def add_section(facts: FileFacts, order: str, found: Sequence[tuple[int, bytes]]) -> None:
    """Take in a section header's options."""
    said = [(_SECTION_OPTIONS[code], label(value)) for code, value in found if code in _SECTION_OPTIONS]
    said += [("comment", text(value)) for code, value in found if code == 1]
    if len(facts.sections) < MOST_LINES:
        facts.sections.append((("byte order", "little" if order == "<" else "big"), *said))


def add_block(facts: FileFacts, block: Block, first_interface_id: int) -> None:
    """Take in a block that is neither section, interface nor packet. Damage inside of it harms nobody."""
    first = number(block.order, block.body[:4]) if len(block.body) >= 4 else None
    add_blocks(facts, block.kind, first, 1)
    if block.kind == STATISTICS and len(block.body) >= 12 and len(facts.statistics) < MOST_LINES:
        facts.statistics[first_interface_id + (first or 0)] = tuple(_counts(block))
    elif block.kind == NAMES:
        facts.names += islice(_names(block), MOST_LINES - len(facts.names))


def add_blocks(facts: FileFacts, kind: int, first: int | None, count: int) -> None:
    """Count blocks of a type; `first` is the first word of their bodies, where there is one."""
    name = KIND_NAMES.get(kind, f"type 0x{kind:08x}")
    facts.blocks[name if name in facts.blocks or len(facts.blocks) < MOST_LINES else "of other types"] += count
    said = _content(kind, first)
    if said and (said in facts.contents or len(facts.contents) < MOST_LINES):
        facts.contents[said] += count


def _counts(block: Block) -> list[tuple[str, int]]:
    head = Struct(block.order + "HH")
    at, found = 12, []
    while at + 4 <= len(block.body):
        code, length = head.unpack_from(block.body, at)
        value = block.body[at + 4 : at + 4 + length]
        if code == 0:
            break
        if code in _STATISTICS_OPTIONS and len(value) == 8:
            found.append((_STATISTICS_OPTIONS[code], number(block.order, value)))
        at += 4 + length + (-length & 3)
    return found


def _names(block: Block) -> Iterator[tuple[str, str]]:
    head, at = Struct(block.order + "HH"), 0
    while at + 4 <= len(block.body):
        kind, length = head.unpack_from(block.body, at)
        value = block.body[at + 4 : at + 4 + length]
        if kind == 0 or len(value) < length:
            return
        if kind in _ADDRESSES and length > _ADDRESSES[kind][0]:
            size, written = _ADDRESSES[kind]
            for name in filter(None, value[size:].split(b"\0")):
                yield written(value[:size]), label(name)
        at += 4 + length + (-length & 3)


def _content(kind: int, first: int | None) -> str:
    """Which secrets a block holds, or whose it is; empty for other blocks."""
    if first is None:
        return ""
    if kind == _SECRETS:
        return f"secrets: {_SECRET_KINDS.get(first, f'type 0x{first:08x}')}"
    return f"custom block of private enterprise {first}" if kind in _CUSTOM else ""
