"""Breakpoints on what becomes of frames: a display filter that one passes as its story ends, or trouble of a kind."""

from __future__ import annotations

from collections.abc import Callable

from engine.display.tree import DisplayFilter
from engine.ndis.status import nt_success
from engine.trace import events as ev
from engine.trace.trace import Record

WATCHED = ("match", "finding", "failed", "loop")
"""`match`: a frame passes a display filter as its story ends; `finding`: a rule is broken; `failed`: a completion
brings a status that is no success; `loop`: an NBL re-enters for the `number`-th time."""

LOOP_OF = 8
"""Ways through the stack of one NBL that count as a loop, unless told otherwise."""

Passes = Callable[[DisplayFilter, int], bool]
"""Whether a frame passes a display filter now."""

WORDS = {"finding": "any finding", "failed": "a failed completion"}


def filter_of(condition: str) -> DisplayFilter:
    """The display filter of a `match`. Raises DisplayFilterError."""
    from engine.display.parse import parse_filter  # the parser takes a moment to load

    return parse_filter(condition)


def describe_watched(kind: str, condition: str, number: int | None) -> str:
    """In words: `frames that pass arp`, `any finding`, `a loop of 8`."""
    match kind:
        case "match":
            return f"frames that pass {condition}"
        case "loop":
            return f"a loop of {number or LOOP_OF}"
        case _:
            return WORDS[kind]


def is_met(kind: str, number: int | None, record: Record) -> bool:
    """Whether a record is one where a point of this kind may stop; a `match` asks the frame's filter besides."""
    match kind, record.event:
        case "match", ev.FrameFinished():
            return True
        case "finding", ev.RuleBroken():
            return True
        case "failed", ev.InjectCompleted(statuses=statuses):
            return not all(map(nt_success, statuses))
        case "loop", ev.FrameReentered(changed=changed):
            return any(len(one.history) >= (number or LOOP_OF) for one in changed)
        case _:
            return False
