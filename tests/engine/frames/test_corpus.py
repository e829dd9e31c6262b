"""Real captures: all open or are refused in one line, with the frames that they are known to have."""

import re
from functools import cache

import pytest

from engine.errors import CaptureError
from engine.frames.capture import open_capture
from tests.corpus import CAPTURES, capture_files, needs_captures

_ROW = re.compile(r"\| `(?P<name>[^`]+)` \|.*\| (?P<frames>0 or 1|\d+(?: \(.*?\))?) \| [^|]* \|$")


@cache
def known_frames() -> dict[str, set[int]]:
    """Frames by file name, from the table that comes with the captures."""
    assert CAPTURES is not None
    rows = (_ROW.match(line) for line in (CAPTURES / "README.md").read_text(encoding="utf-8").splitlines())
    return {row["name"]: {int(n) for n in re.findall(r"\b\d+\b", row["frames"].split("(")[0])} for row in rows if row}


@needs_captures
def test_the_table_names_every_capture():
    assert sorted(known_frames()) == sorted(path.name for path in capture_files())


@pytest.mark.parametrize("path", capture_files(), ids=lambda path: path.name)
def test_each_capture_has_the_frames_it_is_known_to_have(path):
    message, frames, opened = "", [], None
    try:
        opened = open_capture(path)
        frames = list(opened)
        message = str(opened.damage or "")
    except CaptureError as error:
        message = str(error)

    assert "\n" not in message
    assert len(frames) in known_frames()[path.name]
    if opened is None:
        return
    with opened:
        list(opened.index())
        assert [opened.read(frame.number) for frame in frames] == frames
