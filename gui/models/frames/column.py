"""The columns that the frames table has by itself."""

from __future__ import annotations

from enum import IntEnum


class Column(IntEnum):
    """In their first order."""

    NUMBER = 0
    TIME = 1
    DIRECTION = 2
    REMOTE = 3
    TYPE = 4
    VLAN = 5
    LENGTH = 6
    OUTCOME = 7
    TAG = 8
    DECIDED_BY = 9
    FINDINGS = 10


TITLES = ("No.", "Time s", "", "Remote", "Type", "VLAN", "Len", "Outcome", "Tag", "Decided by", "Findings")
WORDS = ("Number", "Time", "Direction", "Remote", "Type", "VLAN", "Length", "Outcome", "Injection state", "Decided by",
         "Findings")  # fmt: skip
"""Names of the columns in full, for menus and screen readers."""
NUMBERS = frozenset({Column.NUMBER, Column.TIME, Column.VLAN, Column.LENGTH})
MONO = frozenset({Column.TIME, Column.REMOTE, Column.FINDINGS})

FIELDS = {
    Column.NUMBER: "frame.number", Column.TIME: "frame.time_relative", Column.DIRECTION: "direction",
    Column.REMOTE: "eth.addr", Column.VLAN: "vlan.id", Column.LENGTH: "frame.len", Column.OUTCOME: "outcome",
    Column.TAG: "tag", Column.DECIDED_BY: "filter.id", Column.FINDINGS: "finding",
}  # fmt: skip
"""The field of a display filter that a column shows; the type's depends on the frame."""
