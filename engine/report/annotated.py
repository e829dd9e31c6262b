"""A capture written again as pcapng, with what became of each frame as a comment on it.

Source: draft-ietf-opsawg-pcapng, section 3.5 (opt_comment).
"""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path

from engine.debugger.frames.row import FrameState
from engine.debugger.session import DebugSession
from engine.errors import OptionError
from engine.frames.rewrite import Rewritten, rewriting
from engine.report.verdicts import FrameVerdict
from engine.wfp.layers import layer_by_id
from engine.wfp.policy import Policy

Comments = Mapping[int, tuple[str, ...]]


def outcome_text(outcome: str, layer: str | None = None, filter_name: str | None = None,
                 findings: tuple[str, ...] = ()) -> str:
    """`L2Scope: blocked at INBOUND_MAC_FRAME_ETHERNET by filter “no ARP”; M06`."""
    where = f" at {layer.removeprefix('FWPM_LAYER_')}" if layer else ""
    by = f" by filter “{filter_name}”" if filter_name is not None else ""
    broken = f"; {', '.join(findings)}" if findings else ""
    return f"L2Scope: {outcome}{where}{by}{broken}"


class VerdictComments(Comments):
    """Comments by frame number, from verdicts as they come; 4 bytes a frame."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._texts: list[tuple[str, ...]] = [()]
        self._places: dict[tuple[str, ...], int] = {}
        self._frames = array("I")

    def take(self, verdict: FrameVerdict) -> None:
        last = verdict.layers[-1] if verdict.layers else None
        filter_ = self._policy.filters.get(last.filter) if last is not None and last.filter is not None else None
        text = outcome_text(verdict.outcome, last.layer if last is not None else None,
                            filter_.name if filter_ is not None else None, verdict.findings)
        said = (text, verdict.reason) if isinstance(verdict.reason, str) else (text,)
        place = self._places.setdefault(said, len(self._texts))
        if place == len(self._texts):
            self._texts.append(said)
        missing = verdict.frame + 1 - len(self._frames)
        if missing > 0:
            self._frames.frombytes(bytes(self._frames.itemsize * missing))
        self._frames[verdict.frame] = place

    def __getitem__(self, number: int) -> tuple[str, ...]:
        """What is said of a frame. Raises KeyError for one that has no verdict."""
        if not 0 <= number < len(self._frames) or not self._frames[number]:
            raise KeyError(number)
        return self._texts[self._frames[number]]

    def __iter__(self) -> Iterator[int]:
        return (number for number, place in enumerate(self._frames) if place)

    def __len__(self) -> int:
        return sum(1 for place in self._frames if place)


class SessionComments(Comments):
    """Comments by frame number, from the states of a session; behind those that the user has `noted`."""

    def __init__(self, session: DebugSession, noted: Mapping[int, tuple[str, ...]]) -> None:
        self._session, self._noted = session, noted
        self._texts: dict[FrameState, str] = {}

    def __getitem__(self, number: int) -> tuple[str, ...]:
        """What is said of a frame. Raises KeyError where nothing is known."""
        noted, state = self._noted.get(number, ()), self._session.outcome(number)
        if state is None:
            if not noted:
                raise KeyError(number)
            return noted
        text = self._texts.get(state)
        if text is None:
            layer = None if state.layer is None else layer_by_id(state.layer)
            filter_ = None if state.decided_by is None else self._session.policy.filter_by_id.get(state.decided_by)
            text = self._texts[state] = outcome_text(
                state.outcome, layer.name if layer else None, filter_.name if filter_ else None, state.findings)
        return (*noted, text)

    def __iter__(self) -> Iterator[int]:
        return (row.number for row in self._session.rows if row.number in self)

    def __len__(self) -> int:
        return len(self._session.rows)


def write_capture(source: Path | str, name: str, *, option: str = "", is_wanted: Callable[[int], bool] | None = None,
                  comments: Comments | None = None) -> Generator[int, None, Rewritten]:
    """Write a capture, or some frames of it, to a pcapng file: whole or not at all. `option` is what it was named with.

    Yields how many packets have been read; whoever stops asking and closes it leaves no file. Raises OptionError for
    a file that cannot be written, CaptureError for a source that is no capture.
    """
    target = Path(name).resolve()
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        if target.exists() and target.samefile(source):
            raise OptionError(f"{option} {name}".strip(), "this is the capture itself", "name another file")
        try:
            with unfinished.open("wb") as file:
                done = yield from rewriting(source, file, is_wanted=is_wanted, comments=comments)
            unfinished.replace(target)
        finally:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise OptionError(
            f"{option} {name}".strip(), error.strerror or str(error), "name a file that can be written") from None
    return done
