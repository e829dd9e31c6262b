"""What one may type to go somewhere: `12`, `12.1`, `#13`, `0x11F23`, `50 %`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.ndis.snapshot import NblId
from engine.wfp.types import FilterId


@dataclass(frozen=True, slots=True)
class FramePlace:
    number: int


@dataclass(frozen=True, slots=True)
class NblPlace:
    frame: int
    nbl: NblId


@dataclass(frozen=True, slots=True)
class StepPlace:
    """The n-th event of the frame in focus, as the status line counts them."""

    event: int


@dataclass(frozen=True, slots=True)
class FilterPlace:
    id: FilterId


@dataclass(frozen=True, slots=True)
class SharePlace:
    """So far into the recorded steps, as `!tt 50` of WinDbg."""

    percent: int


Place = FramePlace | NblPlace | StepPlace | FilterPlace | SharePlace

_NBL = re.compile(r"(\d{1,9})\.(\d{1,6})")
_STEP = re.compile(r"#\s*(\d{1,9})")
_SHARE = re.compile(r"(\d{1,3})\s*%")
_HEXADECIMAL = re.compile(r"0x([0-9a-f]{1,16})", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,9}")


def parse_place(text: str) -> Place | None:
    """Return where `text` leads, or None if it is no place."""
    text = text.strip()
    if match := _NBL.fullmatch(text):
        frame = int(match[1])
        return NblPlace(frame, NblId(f"{frame}.{int(match[2])}")) if frame else None
    if match := _STEP.fullmatch(text):
        return StepPlace(int(match[1])) if int(match[1]) else None
    if (match := _SHARE.fullmatch(text)) and int(match[1]) <= 100:
        return SharePlace(int(match[1]))
    if match := _HEXADECIMAL.fullmatch(text):
        return FilterPlace(FilterId(int(match[1], 16)))
    if _NUMBER.fullmatch(text) and int(text):
        return FramePlace(int(text))
    return None
