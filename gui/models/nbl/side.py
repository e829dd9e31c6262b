"""What stands beside the drawing of an NBL chain: more about one NBL, how it was injected, and what must be done."""

from __future__ import annotations

from dataclasses import dataclass

from engine.ndis.snapshot import NblId, NblSnapshot, NblState
from engine.ndis.status import nt_success, status_class, status_text
from engine.trace.world import Injection, World
from gui.models.inspected import Fact
from gui.models.nbl.chain import Picture, Sight
from gui.models.nbl.duties import Duty, duties_of, injection_of
from gui.models.nbl.members import NONE

_MEMBERS = ("State", "Next", "Owner")


@dataclass(frozen=True, slots=True)
class Side:
    """All that is printed about one NBL."""

    sight: Sight
    facts: tuple[Fact, ...]
    history: tuple[Fact, ...]
    duties: tuple[Duty, ...]

    @property
    def title(self) -> str:
        snapshot = self.sight.snapshot
        return snapshot.kind.value.lower() + (f" of {snapshot.parent}" if snapshot.parent is not None else "")


def side_of(picture: Picture, world: World, focus: NblId | None) -> Side | None:
    """The NBL in focus, else one that the last step changed, a completed one first, else the first one."""
    sights = picture.sights
    if not sights:
        return None
    if focus not in sights:
        changed = [id_ for id_ in world.changed if id_ in sights]
        done = [id_ for id_ in changed if sights[id_].snapshot.state is NblState.COMPLETED]
        focus = next(iter((*done, *changed, *sights)))
    assert focus is not None
    sight = sights[focus]
    snapshot = sight.snapshot
    injection = injection_of(world, snapshot)
    members = {one.name: one for one in sight.members}
    facts = [Fact(name, members[name].text(), mono=True, strong=members[name].is_changed) for name in _MEMBERS]
    facts[1:1] = _status(snapshot, is_changed=members["Status"].is_changed)
    if injection is not None:
        facts.append(Fact("Segment", *_segment(injection, focus), mono=True))
    facts.append(Fact("Allocated", snapshot.origin or NONE, mono=True))
    history = tuple(Fact(f"injection {one.injection}", f"{one.handle} · layer {one.layer}",
                         f"ctx {one.context or NONE} · {one.driver}", mono=True) for one in snapshot.history)
    return Side(sight, tuple(facts), history, duties_of(world, focus))


def _status(snapshot: NblSnapshot, *, is_changed: bool) -> list[Fact]:
    if snapshot.status is None:
        return [Fact("Status", NONE, mono=True)]
    word = "true" if nt_success(snapshot.status) else "false: this NBL is lost"
    informs = status_class(snapshot.status) == "informational"
    return [Fact("Status", status_text(snapshot.status), mono=True, strong=is_changed),
            Fact("NT_SUCCESS", f"{word}, with information" if informs else word)]


def _segment(injection: Injection, nbl: NblId) -> tuple[str, str]:
    """Which segment, and what came with it."""
    for segment in injection.segments:
        if nbl in segment.nbls:
            return f"{segment.number} of injection {injection.id}", " → ".join(segment.nbls)
    return f"injection {injection.id}", "still out"
