"""What the NBL chain shows at one moment: the family of the frame in focus with all that is printed about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.ndis.snapshot import NblId, NblSnapshot, NblState
from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.trace.world import World
from gui.models.nbl.buffers import Buffer, buffer_of
from gui.models.nbl.geometry import Contents, Segment
from gui.models.nbl.layout import is_crowded
from gui.models.nbl.lineage import Family, family_of
from gui.models.nbl.members import Member, crowded_members, members_of, shown_members
from gui.models.nbl.outlines import segments_of
from gui.models.nbl.writes import WriteLog
from gui.models.packet.bytes_shown import nbl_bytes
from gui.theme import BadgeKind


@dataclass(frozen=True, slots=True)
class Sight:
    """One NBL as it is shown."""

    snapshot: NblSnapshot
    members: tuple[Member, ...]
    """All of them."""
    shown: tuple[Member, ...]
    """Those in the box."""
    is_changed: bool
    """The last step changed or made it."""
    buffer: Buffer | None
    badge: BadgeKind
    """What the callout that runs would be told of it; without one, whether it was injected at all."""

    @property
    def owner(self) -> Member:
        return self.members[-1]

    @property
    def is_freed(self) -> bool:
        return self.snapshot.state is NblState.FREED

    def words(self) -> str:
        """The box for a screen reader."""
        changed = ", ".join(f"{one.name} {one.before} to {one.value}" for one in self.members if one.is_changed)
        told = f", changed: {changed}" if changed else ""
        return f"NBL {self.snapshot.id}, {self.snapshot.kind.value.lower()}, {self.snapshot.state.value}{told}"


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn, apart from where."""

    family: Family = field(default_factory=Family)
    sights: dict[NblId, Sight] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()

    def contents(self, focus: NblId | None) -> Contents:
        """What the layout has to place."""
        nexts = {id_: next(one for one in sight.members if one.name == "Next") for id_, sight in self.sights.items()}
        return Contents(
            family=self.family,
            members={id_: len(sight.shown) for id_, sight in self.sights.items()},
            buffers={id_: sight.buffer for id_, sight in self.sights.items() if sight.buffer is not None},
            parents={id_: sight.snapshot.parent for id_, sight in self.sights.items() if sight.snapshot.parent},
            next_of={id_: sight.snapshot.next for id_, sight in self.sights.items() if sight.snapshot.next},
            gone_next=tuple((id_, NblId(one.before)) for id_, one in nexts.items()
                            if one.before is not None and one.before in self.sights),
            new_next=frozenset(id_ for id_, one in nexts.items() if one.is_changed),
            focus=focus,
            segments=self.segments,
        )


class ChainReader:
    """Reads pictures of one run. Who wrote what is read from each story once."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._logs: dict[int, WriteLog] = {}

    def picture(self, world: World, frame: int) -> Picture:
        """The family of a frame at the moment of `world`."""
        family = family_of(world, frame)
        crowded = is_crowded(family)
        sights = {id_: self._sight(world, id_, family, crowded=crowded) for id_ in family.nbls}
        return Picture(family, sights, segments_of(world, [sight.snapshot for sight in sights.values()]))

    def _sight(self, world: World, id_: NblId, family: Family, *, crowded: bool) -> Sight:
        snapshot = world.nbls[id_]
        is_changed = id_ in world.changed
        members = members_of(snapshot, world.before.get(id_) if is_changed else None)
        buffer = None if snapshot.state is NblState.FREED else self._buffer(world, snapshot)
        shown = (crowded_members(members) if crowded else
                 shown_members(snapshot, members, is_chained=family.is_chained))
        running = world.classifications[world.layer].callout if world.layer is not None else None
        badge = snapshot.badge if running is None else snapshot.badge_for(running.driver)
        return Sight(snapshot, members, shown, is_changed, buffer, badge.value)

    def _buffer(self, world: World, nbl: NblSnapshot) -> Buffer | None:
        # Any type will do: it is answered only where the MAC header is not in the bytes.
        shown = nbl_bytes(world, self._trace, nbl.id, link_type=1, ether_type=0)
        if shown is None:
            return None
        log = self._logs.setdefault(nbl.frame, WriteLog(self._trace, nbl.frame))
        parent = world.nbls.get(nbl.parent) if nbl.parent is not None else None
        has_mac = shown.ether_type is None and shown.base == shown.used[0]
        return buffer_of(nbl, parent, shown.data, log.before(world.length), has_mac=has_mac)


def made_at(trace: Trace, nbl: NblId) -> int | None:
    """The step that brought an NBL into being: its frame came, or a driver cloned or allocated it."""
    for seq in trace.of_frame(int(nbl.partition(".")[0])):
        match trace[seq].event:
            case ev.FrameEntered(changed=changed) if any(one.id == nbl for one in changed):
                return seq
            case ev.NblCloned(clone=made) | ev.NblAllocated(nbl=made) if made == nbl:
                return seq
            case _:
                pass
    return None
