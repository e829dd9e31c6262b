"""`World` at any step of a trace, forwards and backwards."""

from __future__ import annotations

from engine.trace.folding import apply
from engine.trace.pools import is_over
from engine.trace.trace import Trace
from engine.trace.world import World


class WorldHistory:
    """`World` at any step of a trace, going back as cheaply as forward: checkpoints, then a short fold.

    Old, settled NBLs are dropped from the state (`forget_settled`), so that a checkpoint stays small in a long run.
    """

    INTERVAL = 512
    KEPT = 1024
    """Checkpoints kept; when there are more, every other one goes and the interval doubles."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._checkpoints: list[World] = [World()]
        self._interval = self.INTERVAL
        self._now = self._checkpoints[0].copy()

    def at(self, length: int) -> World:
        """The world after the first `length` records (0 is the empty world). Do not change what comes back."""
        length = max(0, min(length, len(self._trace)))
        if self._now.length > length or length - self._now.length > self._interval:
            index = min(length // self._interval, len(self._checkpoints) - 1)
            if not self._now.length <= length or self._checkpoints[index].length > self._now.length:
                self._now = self._checkpoints[index].copy()
        while self._now.length < length:
            apply(self._now, self._trace[self._now.length])
            if self._now.length % self.INTERVAL == 0:
                forget_settled(self._now)  # always at the same steps: how one came here must not show
            if self._now.length == len(self._checkpoints) * self._interval:
                self._checkpoint()
        return self._now

    def _checkpoint(self) -> None:
        self._checkpoints.append(self._now.copy())
        if len(self._checkpoints) > self.KEPT:
            self._checkpoints = self._checkpoints[::2]
            self._interval *= 2


def forget_settled(world: World) -> None:
    """Drop NBLs, memories and injections of finished frames other than the current one from the state."""
    gone = [id_ for id_, nbl in world.nbls.items()
            if nbl.frame != world.frame and nbl.frame in world.outcomes and is_over(nbl)]
    for id_ in gone:
        del world.nbls[id_]
        world.places.pop(id_, None)
        world.since.pop(id_, None)
    live = {mdl.memory for nbl in world.nbls.values() for nb in nbl.net_buffers for mdl in nb.mdls}
    for memory in [m for m in world.memories if m not in live and int(m.partition(":")[0]) != world.frame]:
        del world.memories[memory]
        world.writers.pop(memory, None)
    done = [number for number, injection in world.injections.items()
            if all(nbl not in world.nbls for nbl in injection.nbls)]
    for number in done:
        del world.injections[number]
