"""The state of everything at one step: a fold over the trace. Whatever a view shows comes from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.ndis.snapshot import MemoryId, NblId, NblSnapshot
from engine.trace import events as ev
from engine.trace.pools import PoolBook
from engine.trace.provenance import Runs
from engine.wfp.types import FilterId, Guid

BLOCK, PERMIT, CONTINUE = "FWP_ACTION_BLOCK", "FWP_ACTION_PERMIT", "FWP_ACTION_CONTINUE"


@dataclass(slots=True)
class LayerCounts:
    """What a layer has done so far, in classified NBLs; `inject` counts NBLs accepted for injection at it."""

    classified: int = 0
    permit: int = 0
    block: int = 0
    absorb: int = 0
    inject: int = 0


@dataclass(slots=True)
class FilterCounts:
    """Classifications in which the filter was tried, matched, and decided the layer."""

    tested: int = 0
    matched: int = 0
    decided: int = 0


@dataclass(frozen=True, slots=True)
class Rung:
    """What has become of one filter in the classification shown for its layer."""

    state: str
    """`failed` (did not match), `matched` (and is being applied), `decided`, `overridden`."""
    test: ev.FilterTested
    action: str | None = None
    hard: bool = False
    absorb: bool = False
    note: str = ""
    """The rule that overrode it."""


@dataclass(frozen=True, slots=True)
class Classification:
    """The latest classification of one layer, as far as it has come."""

    began: ev.ClassifyBegan
    seq: int
    rungs: dict[FilterId, Rung] = field(default_factory=dict)
    sublayer: Guid | None = None
    rights: bool = True
    current: FilterId | None = None
    """The filter that was tested last while the classification runs."""
    callout: ev.CalloutEntered | None = None
    """The callout that is running."""
    arbitration: tuple[ev.ActionArbitrated, ...] = ()
    ended: ev.ClassifyEnded | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an NBL is: the token of the stack."""

    where: str
    """`layer` (of `layer`), `queue` (waits to re-enter at `layer`), `between` (has passed `layer`), `protocols`,
    `wire`, `held` (absorbed at `layer`, waits for its holders), `driver`, `gone`."""
    layer: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One call of a completion function."""

    number: int
    seq: int
    time_ns: int
    nbls: tuple[NblId, ...]
    statuses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LaneStage:
    """Part of an injected NBL's way: `queued`, `classified` (at `layer`), `wire` (or consumed by protocols)."""

    kind: str
    layer: int | None
    seq: int
    time_ns: int


@dataclass(frozen=True, slots=True)
class Injection:
    """One accepted injection call: a swim lane for each NBL."""

    id: int
    driver: str
    function: str
    layer: int
    handle: str
    completion: str | None
    nbls: tuple[NblId, ...]
    accepted_seq: int
    accepted_ns: int
    stages: dict[NblId, tuple[LaneStage, ...]]
    outcomes: dict[NblId, tuple[str, int]] = field(default_factory=dict)
    """Fate and final status, once known."""
    segments: tuple[Segment, ...] = ()

    @property
    def completed(self) -> int:
        return sum(len(segment.nbls) for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule and where it was noticed."""

    seq: int
    frame: int
    event: ev.RuleBroken


class Outcomes(Mapping[int, str]):
    """Outcome of each frame that has come to its end.

    One log serves all worlds of a trace: each reads as far as its own length.
    """

    __slots__ = ("_log", "_world")

    def __init__(self, world: World, log: dict[int, tuple[int, str]] | None = None) -> None:
        self._world = world
        self._log: dict[int, tuple[int, str]] = {} if log is None else log
        """Position in the trace and outcome, by frame."""

    def add(self, number: int, seq: int, outcome: str) -> None:
        self._log.setdefault(number, (seq, outcome))

    def copy_for(self, world: World) -> Outcomes:
        return Outcomes(world, self._log)

    def __getitem__(self, number: int) -> str:
        seq, outcome = self._log[number]
        if seq >= self._world.length:
            raise KeyError(number)
        return outcome

    def __iter__(self) -> Iterator[int]:
        return (number for number, (seq, _) in self._log.items() if seq < self._world.length)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class World:
    """State after the first `length` records. `folding.apply` is the only way it changes."""

    def __init__(self) -> None:
        self.length = 0
        self.frame = 0
        self.time_ns = 0
        self.nbls: dict[NblId, NblSnapshot] = {}
        self.memories: dict[MemoryId, bytes] = {}
        self.writers: dict[MemoryId, Runs] = {}
        """Which record put each byte of a memory there."""
        self.since: dict[NblId, tuple[int, int]] = {}
        """Position and time of the record since which an NBL is in its state and its owner's hands."""
        self.pools = PoolBook()
        self.places: dict[NblId, Place] = {}
        self.classifications: dict[int, Classification] = {}
        self.layer: int | None = None
        """The layer that is classifying now."""
        self.layers: dict[int, LayerCounts] = {id_: LayerCounts() for id_ in (56, 57, 58, 59)}
        self.filters: dict[FilterId, FilterCounts] = {}
        self.modules: dict[str, tuple[bool, bool]] = {"802.3": (False, False), "native": (False, False)}
        """tx and rx handlers of each LWF module; both False is detached."""
        self.module_states: dict[str, str] = {}
        """State of a module that has restarted, on the interface where it did last: `Pausing` to `Running`."""
        self.injections: dict[int, Injection] = {}
        self.findings: list[Finding] = []
        self.outcomes = Outcomes(self)
        self.changed: tuple[NblId, ...] = ()
        """NBLs that the last record changed."""
        self.before: dict[NblId, NblSnapshot] = {}
        """How those looked just before."""
        self.stopped: ev.BugCheckSimulated | None = None

    def copy(self) -> World:
        """A world that can go its own way; frozen parts are shared."""
        other = World()
        other.__dict__.update(self.__dict__)
        other.outcomes = self.outcomes.copy_for(other)
        other.pools = self.pools.copy()
        for name in ("nbls", "memories", "writers", "since", "places", "modules", "module_states", "injections"):
            setattr(other, name, dict(getattr(self, name)))
        other.classifications = {id_: replace(one, rungs=dict(one.rungs)) for id_, one in self.classifications.items()}
        other.layers = {id_: replace(counts) for id_, counts in self.layers.items()}
        other.filters = {id_: replace(counts) for id_, counts in self.filters.items()}
        other.findings = list(self.findings)
        return other

    def frame_nbls(self, number: int) -> list[NblSnapshot]:
        """NBLs of one frame's lineage, by copy number."""
        mine = [nbl for nbl in self.nbls.values() if nbl.frame == number]
        return sorted(mine, key=lambda nbl: int(nbl.id.partition(".")[2]))

    def data(self, nbl: NblId) -> bytes:
        """All bytes of the MDL chain of the first NET_BUFFER, backfill and unused space included."""
        snapshot = self.nbls[nbl]
        if not snapshot.net_buffers:
            return b""
        return b"".join(
            self.memories.get(mdl.memory, b"")[mdl.start:mdl.start + mdl.byte_count]
            for mdl in snapshot.net_buffers[0].mdls
        )

    def frame_bytes(self, nbl: NblId) -> bytes:
        """Used data of the first NET_BUFFER: what a callout reads from DataOffset on."""
        snapshot = self.nbls[nbl]
        if not snapshot.net_buffers:
            return b""
        first = snapshot.net_buffers[0]
        return self.data(nbl)[first.data_offset:first.data_offset + first.data_length]
