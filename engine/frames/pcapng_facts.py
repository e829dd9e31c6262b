"""What the blocks of a pcapng file say beside packets and interfaces: who wrote it, statistics, and what else it holds.

Source: draft-ietf-opsawg-pcapng, sections 4.1, 4.5 to 4.9.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

from engine.frames.file_facts import MOST_LINES, FileFacts
from engine.frames.pcapng_blocks import KIND_NAMES, STATISTICS, Block
from engine.frames.pcapng_options import label, number, text

_SECTION_OPTIONS = {2: "hardware", 3: "operating system", 4: "application"}
_STATISTICS_OPTIONS = {4: "received", 5: "dropped by the interface", 6: "accepted by the filter",
                       7: "dropped by the system", 8: "delivered"}


def add_section(facts: FileFacts, order: str, found: Sequence[tuple[int, bytes]]) -> None:
    """Take in a section header's options."""
    said = [(_SECTION_OPTIONS[code], label(value)) for code, value in found if code in _SECTION_OPTIONS]
    said += [("comment", text(value)) for code, value in found if code == 1]
    if len(facts.sections) < MOST_LINES:
        facts.sections.append((("byte order", "little" if order == "<" else "big"), *said))


def add_block(facts: FileFacts, block: Block, first_interface_id: int) -> None:
    """Take in a block that is neither section, interface nor packet. Damage inside of it harms nobody."""
    name = KIND_NAMES.get(block.kind, f"type 0x{block.kind:08x}")
    facts.blocks[name if name in facts.blocks or len(facts.blocks) < MOST_LINES else "of other types"] += 1
    if block.kind == STATISTICS and len(block.body) >= 12 and len(facts.statistics) < MOST_LINES:
        id_ = first_interface_id + number(block.order, block.body[:4])
        facts.statistics[id_] = tuple(_counts(block))


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
