"""The frames whose fate differs between two policies, by the stepping path: what the bulk path leaves open.

Every frame is stepped in its order, so what a callout remembers counts. The answers read as those of
`engine.bulk.whatif.Difference`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from engine.bulk.columns import Ids, Mask
from engine.bulk.fates import Fate, FateNumbers, FateTable
from engine.bulk.whatif import Change
from engine.callouts.counter import Watch
from engine.classify.engine import Engine
from engine.classify.options import EngineOptions
from engine.debugger.frames.row import FrameState, FrameStates
from engine.frames.frame import Direction, Frame
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import PATHS, layer_by_id
from engine.wfp.policy import Policy

FRAMES_AT_ONCE = 20
"""The work can be left after so many frames."""
LAST_LAYERS = {"delivered": PATHS[Direction.INBOUND][-1], "sent": PATHS[Direction.OUTBOUND][-1]}
PIECE = 10_000
"""Frame numbers that are handed out at a time."""


@dataclass(frozen=True, slots=True)
class SteppedOutcomes:
    """What one policy makes of every frame."""

    policy: Policy
    numbers: FateNumbers
    """Of each frame, from the first on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a policy is run over frames."""

    document: PolicyDocument
    options: EngineOptions
    seed: int
    trusted: bool = True
    watch: Watch | None = None

    def outcomes(self, frames: Iterable[Frame], table: FateTable) -> Generator[int, None, SteppedOutcomes]:
        """Step frames 1 to the last; yields how many are done. Raises EngineError if the policy cannot be used."""
        engine = Engine(self.document, self.options, self.seed, trusted=self.trusted, watch=self.watch)
        states, count = FrameStates(), 0
        for event in engine.start():
            states.take(event, engine.place.frame)
        for frame in frames:
            for event in engine.take(frame):
                states.take(event, engine.place.frame)
            count += 1
            if count % FRAMES_AT_ONCE == 0:
                yield count
        for event in engine.finish():
            states.take(event, engine.place.frame)
        policy = engine.policy
        numbers = [table.number(_fate(states.get(number), policy)) for number in range(1, count + 1)]
        return SteppedOutcomes(policy, np.array(numbers, np.int32))


def _fate(state: FrameState | None, policy: Policy) -> Fate:
    if state is None:
        return Fate("skipped")
    layer = None if state.layer is None else layer_by_id(state.layer)
    known = None if state.decided_by is None else policy.filter_by_id.get(state.decided_by)
    if known is None and state.outcome in LAST_LAYERS:
        # By default or since no filter stands there: the same to whoever asks who decided.
        layer = LAST_LAYERS[state.outcome]
    return Fate(state.outcome, None if layer is None else layer.name, None if known is None else known.key)


@dataclass(frozen=True, slots=True)
class SteppedDifference:
    """What differs; nothing is left unsettled."""

    old: SteppedOutcomes
    new: SteppedOutcomes
    table: FateTable
    changes: tuple[Change, ...]
    """Groups by fate before and after, the largest first."""

    @property
    def frames(self) -> int:
        """Frames whose outcome or deciding filter differs."""
        return sum(one.frames for one in self.changes)

    @property
    def outcomes(self) -> int:
        """Of these the frames whose outcome differs."""
        return sum(one.frames for one in self.changes if one.is_outcome)

    @property
    def unsettled(self) -> int:
        return 0

    def fate(self, number: int) -> tuple[Fate, Fate]:
        """Of one frame (from 1): before and after."""
        return self.table[int(self.old.numbers[number - 1])], self.table[int(self.new.numbers[number - 1])]

    def changed_frames(self, change: Change | None = None, first: int = 1) -> Iterator[Ids]:
        """Numbers of the frames of one group, or of all groups, ascending from `first`, in pieces."""
        found = np.flatnonzero(self._of(change)).astype(np.int64) + 1
        found = found[found >= first]
        for begin in range(0, len(found), PIECE):
            yield found[begin : begin + PIECE]

    def stepped_frames(self, _first: int = 1) -> Iterator[Ids]:
        """None: all frames are settled."""
        return iter(())

    def _of(self, change: Change | None) -> Mask:
        if change is None:
            return np.asarray(self.old.numbers != self.new.numbers, np.bool_)
        old, new = self.table.number(change.old), self.table.number(change.new)
        return np.asarray((self.old.numbers == old) & (self.new.numbers == new), np.bool_)


def stepped_difference(old: SteppedOutcomes, new: SteppedOutcomes, table: FateTable) -> SteppedDifference:
    """Compare two runs over the same frames."""
    changed = np.flatnonzero(old.numbers != new.numbers)
    pairs = old.numbers[changed].astype(np.int64) << 32 | new.numbers[changed]
    kinds, firsts, counts = np.unique(pairs, return_index=True, return_counts=True)
    changes = [
        Change(table[pair >> 32], table[pair & 0xFFFFFFFF], frames, int(changed[first]) + 1)
        for pair, frames, first in zip(kinds.tolist(), counts.tolist(), firsts.tolist(), strict=True)]
    changes.sort(key=lambda one: (-one.frames, one.exemplar))
    return SteppedDifference(old, new, table, tuple(changes))
