"""How a broken rule came about: the earlier events that concern the same objects.

The recorder notes landmarks as they pass, a list for each frame, and hands a finding those that explain its rule. They
are sorted out only then: a run in which nothing is broken pays for an append. A frame's notes are dropped some time
after it has come to its end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from engine.trace import events as ev
from engine.trace.landmarks import BEGINNINGS, LANDMARKS, OF_A_CALL, OF_THE_RUN, OF_THE_RUN_LATELY, in_words
from engine.trace.record import Record
from engine.trace.story_rules import ANCESTRAL, IN_THE_CALL, OF_THE_DRIVER, Kinds, kinds_of

FRAMES_REMEMBERED = 256
"""Frames that have come to their end and may still be asked for: a driver may touch what it gave away long ago."""
KEPT, KEPT_FIRST = 4_096, 1_024
"""Landmarks of one frame, or of the run; of more, the first and the latest are kept."""
CLUES_FIRST, CLUES_LAST = 4, 8
"""A finding tells so many of the first and of the latest events."""

_CHAINS = frozenset({ev.CalloutEntered, ev.InjectAccepted, ev.InjectCompleted, ev.InjectRefused})
_CLONED: Kinds = frozenset({ev.NblCloned})


class Landmarks:
    """What has happened to which object, for as long as a finding may ask for it."""

    KINDS = frozenset({*LANDMARKS, *OF_A_CALL, *BEGINNINGS, ev.FrameFinished})
    """Kinds of events that findings may want."""
    MORE = BEGINNINGS | _CHAINS | OF_THE_RUN | {ev.CalloutEntered, ev.FrameFinished}
    """Those that belong to more than their frame's story: for `note`, while `keep` will do for the others."""

    def __init__(self) -> None:
        self._stories: dict[int, list[Record]] = {}
        """By frame."""
        self._frame, self._story = -1, list[Record]()
        """The frame whose story was told last, and that story."""
        self._finished: deque[int] = deque()
        self._of_the_run: list[Record] = []
        self._lately: deque[Record] = deque(maxlen=KEPT)
        self._call: Record | None = None
        """CalloutEntered of the classify call that runs now, or has just returned."""
        self._began = 0
        """Where the classification that runs now has begun."""

    def keep(self, record: Record) -> None:
        """Take in one record of the KINDS that are not of MORE."""
        if record.frame != self._frame:
            self._frame = record.frame
            self._story = self._stories.setdefault(record.frame, [])
        story = self._story
        story.append(record)
        if len(story) > KEPT:
            del story[KEPT_FIRST]

    def note(self, record: Record) -> None:
        """Take in one record of any of the KINDS."""
        event = record.event
        kind = type(event)
        if kind in BEGINNINGS:
            self._call, self._began = None, record.seq
            if kind not in LANDMARKS:
                return
        self.keep(record)
        if kind is ev.CalloutEntered:
            self._call = record
        if kind in _CHAINS:
            self._note_chain(record)
        elif kind in OF_THE_RUN:
            self._note_of_the_run(record)
        elif isinstance(event, ev.FrameFinished):
            self._finish(event.number)

    def completed(self, event: ev.RuleBroken) -> ev.RuleBroken:
        """A finding that is about to be recorded, with its evidence."""
        return msgspec.structs.replace(event, evidence=self.led_to(event))

    def led_to(self, event: ev.RuleBroken) -> tuple[ev.Clue, ...]:
        """The events that led to the finding, in their order."""
        names = [*([event.nbl] if event.nbl is not None else []), *event.about]
        if event.rule in OF_THE_DRIVER and event.driver is not None:
            names.append(f"driver {event.driver}")
        found = {one.seq: one for name in names for one in self._of(name, kinds_of(event.rule))}
        if event.rule in ANCESTRAL:
            kinds = ANCESTRAL[event.rule]
            found |= {one.seq: one for name in self._ancestors(names) for one in self._of(name, kinds)}
        if event.rule in IN_THE_CALL:
            found |= {one.seq: one for one in self._of_the_call(event, IN_THE_CALL[event.rule])}
        ordered = [found[seq] for seq in sorted(found)]
        if len(ordered) > CLUES_FIRST + CLUES_LAST:
            ordered = [*ordered[:CLUES_FIRST], *ordered[-CLUES_LAST:]]
        return tuple(ev.Clue(one.seq, one.frame, in_words(one.event), getattr(one.event, "line", None) or None)
                     for one in ordered)

    # --- noting ----------------------------------------------------------------------------------------------------

    def _note_chain(self, record: Record) -> None:
        """What concerns a chain stands under one frame, and belongs to the story of each."""
        nbls: tuple[str, ...] = record.event.nbls  # type: ignore[union-attr]  # those of _CHAINS have them
        if len(nbls) > 1:
            for frame in {int(_frame_of(nbl)) for nbl in nbls} - {record.frame}:
                self._stories.setdefault(frame, []).append(record)
        if type(record.event) is ev.InjectRefused:
            self._lately.append(record)

    def _note_of_the_run(self, record: Record) -> None:
        if type(record.event) in OF_THE_RUN_LATELY:
            self._lately.append(record)
            return
        self._of_the_run.append(record)
        if len(self._of_the_run) > KEPT:
            del self._of_the_run[KEPT_FIRST]

    def _finish(self, frame: int) -> None:
        self._finished.append(frame)
        while len(self._finished) > FRAMES_REMEMBERED:
            forgotten = self._finished.popleft()
            self._stories.pop(forgotten, None)
            if forgotten == self._frame:
                self._frame = -1

    # --- looking ---------------------------------------------------------------------------------------------------

    def _of(self, name: str, kinds: Kinds) -> Iterator[Record]:
        """What of these kinds concerns an object."""
        frame = _frame_of(name)
        stories: Iterable[Record] = self._stories.get(int(frame), ()) if frame else (*self._of_the_run, *self._lately)
        for one in stories:
            concerned = LANDMARKS.get(type(one.event)) if type(one.event) in kinds else None
            if concerned is not None and name in concerned[0](one.event):
                yield one

    def _ancestors(self, names: Iterable[str]) -> list[str]:
        """The NBLs of which these are clones, and theirs."""
        found: list[str] = []
        left = list(names)
        while left:
            name = left.pop()
            for one in self._of(name, _CLONED):
                if isinstance(one.event, ev.NblCloned) and one.event.clone == name and one.event.parent not in found:
                    found.append(one.event.parent)
                    left.append(one.event.parent)
        return found

    def _of_the_call(self, finding: ev.RuleBroken, kinds: Kinds) -> Iterator[Record]:
        """The classify call that the finding is about, and the verdicts of the sublayers before it."""
        call = self._call
        entered = call.event if call is not None else None
        if call is None or not isinstance(entered, ev.CalloutEntered) or entered.driver != finding.driver:
            return
        if finding.nbl is not None and finding.nbl not in entered.nbls:
            return
        for one in self._stories.get(call.frame, ()):
            is_verdict = one.seq >= self._began and type(one.event) is ev.ActionArbitrated
            if type(one.event) in kinds and (is_verdict or one.seq >= call.seq):
                yield one
            if one.seq > call.seq and type(one.event) is ev.CalloutReturned:
                return


def _frame_of(name: str) -> str:
    """`12` for the NBL 12.1 and the MDL 12:3; empty for handles, pools and drivers, which outlive frames."""
    if not name[:1].isdigit():
        return ""
    return name.partition(":" if ":" in name else ".")[0]
