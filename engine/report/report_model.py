"""What a report says: the members of the JSON form, and what the HTML form shows. Source: ui.md 7."""

from __future__ import annotations

import msgspec

from engine.wfp.types import Guid

FORMAT, VERSION = "l2scope-report", 1


class SessionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was run."""

    source: str
    """Capture or interface, as it was named."""
    policy: str | None
    """Policy file; None when there was none."""
    seed: int
    options: dict[str, str]
    """Engine options that are not at their default."""
    engine: str
    """Version."""


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of the whole run."""

    frames: int
    outcomes: dict[str, int]
    """Those that occurred."""
    injected: int
    """NBLs accepted for injection in the lineage of a frame."""
    injections_refused: int
    injections_failed: int
    findings: int
    simulated_ns: int


class LayerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One layer's counts, in NBLs; `inject` counts those accepted for injection at it."""

    id: int
    layer: str
    direction: str
    classified: int
    permit: int
    block: int
    absorb: int
    inject: int


class EvidenceStep(msgspec.Struct, frozen=True, kw_only=True):
    """One of the events that led to a finding."""

    seq: int
    frame: int
    """0 outside any frame."""
    text: str
    line: str | None


class FindingPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a rule was broken, and how it came about."""

    seq: int
    frame: int
    """0 outside any frame."""
    nbl: str | None
    driver: str | None
    line: str | None
    detail: str
    evidence: tuple[EvidenceStep, ...] = ()


class FindingGroup(msgspec.Struct, frozen=True, kw_only=True):
    """All findings of one rule; the first places of them."""

    rule: str
    severity: str
    """`F`, `E`, `W` or `I`."""
    title: str
    says: str
    """What the rule demands."""
    remedy: str
    source: str
    count: int
    places: tuple[FindingPlace, ...]


class PathStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a fate's path: `layer`, `filter` or `event`."""

    kind: str
    text: str
    layer: int | None = None
    filter: int | None = None
    filter_hex: str | None = None


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """A path that frames took, and how many."""

    path: tuple[PathStep, ...]
    outcome: str
    label: str
    """`Absorbed, clone sent`."""
    frames: int
    share: float
    """Of all frames, 0 to 1."""
    exemplar: int
    """Number of the first frame that took it."""


class StoryStep(msgspec.Struct, frozen=True):
    """One step of a frame's story."""

    text: str
    note: str
    mark: str | None
    reasons: tuple[str, ...] = ()
    """Why not otherwise: filters that were overridden or did not match."""


class FrameRow(msgspec.Struct, frozen=True, kw_only=True):
    """One frame: what became of it, and why."""

    frame: int
    direction: str | None
    outcome: str
    reason: str | None
    decided_at: int | None
    """Layer of the verdict that settled it; None where only defaults were met."""
    decided_by: str | None
    filter: int | None
    filter_hex: str | None
    findings: tuple[str, ...]
    story: tuple[StoryStep, ...]
    story_left_out: int


class ProviderRow(msgspec.Struct, frozen=True, kw_only=True):
    key: Guid
    name: str
    description: str


class SublayerRow(msgspec.Struct, frozen=True, kw_only=True):
    key: Guid
    name: str
    weight: int
    provider: str | None


class CalloutRow(msgspec.Struct, frozen=True, kw_only=True):
    key: Guid
    name: str
    layer: str
    script: str
    class_: str = msgspec.field(name="class")
    flags: tuple[str, ...]
    registered: bool


class FilterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A filter and what it did: classifications in which it was tried, matched, and decided the layer."""

    id: int
    id_hex: str
    key: Guid
    name: str
    layer: str
    sublayer: str
    weight: str
    """As it was given: `auto`, `15 + auto`, or the number."""
    effective_weight: int
    conditions: str
    action: str
    callout: str | None
    flags: tuple[str, ...]
    enforced: bool
    tested: int
    matched: int
    decided: int


class PolicyTables(msgspec.Struct, frozen=True, kw_only=True):
    """The policy; built-in objects only where a filter uses them."""

    providers: tuple[ProviderRow, ...]
    sublayers: tuple[SublayerRow, ...]
    callouts: tuple[CalloutRow, ...]
    filters: tuple[FilterRow, ...]


class NetEventRow(msgspec.Struct, frozen=True, kw_only=True):
    """FWPM_NET_EVENT_CLASSIFY_DROP_MAC0, as far as it says something here."""

    seq: int
    frame: int
    time_ns: int
    layer: int
    filter: int
    """0: the layer's default."""
    filter_hex: str
    by: str
    local_mac: str | None
    remote_mac: str | None
    ether_type: str | None
    vlan_tag: str
    if_luid: str
    direction: str
    """`MS_FWP_DIRECTION_IN` or `MS_FWP_DIRECTION_OUT`."""


class LogStep(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has happened to an NBL."""

    seq: int
    time_ns: int
    event: str
    detail: str
    line: str | None


class PendingRow(msgspec.Struct, frozen=True, kw_only=True):
    """An NBL that is not back at the end of the run (`!ndiskd.pendingnbls`)."""

    nbl: str
    kind: str
    state: str
    holder: str
    why: str
    since_seq: int
    age_ns: int
    """In simulated time."""
    stuck: str | None
    """Severity of its age, from `recording_level` 2 on."""
    line: str | None
    """Where its driver has allocated it."""
    log: tuple[LogStep, ...]
    """The latest that happened to it, from `recording_level` 3 on."""


class PoolSite(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a script that allocates."""

    line: str | None
    allocated: int
    out: int
    nbls: tuple[str, ...]
    """What is out, the first of it."""


class PoolTable(msgspec.Struct, frozen=True, kw_only=True):
    """A pool at the end of the run (`!ndiskd.nblpool`)."""

    pool: str
    owner: str
    line: str | None
    allocated: int | None
    out: int
    state: str
    sites: tuple[PoolSite, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report; its members in this order are the JSON form."""

    format: str = FORMAT
    version: int = VERSION
    session: SessionFacts
    digest: str
    """The run in a few sentences."""
    totals: Totals
    stopped: str | None
    """Why the run ended early (a simulated bug check, or the stop before one)."""
    layers: tuple[LayerRow, ...]
    findings: tuple[FindingGroup, ...]
    fates: tuple[Fate, ...]
    fates_left_out: int
    """Frames on paths beyond those listed."""
    policy: PolicyTables
    frames: tuple[FrameRow, ...]
    frames_left_out: int
    net_events: tuple[NetEventRow, ...] = ()
    """The latest drop events that the filter engine keeps, the oldest first (C24)."""
    recording_level: int = 3
    """What is known of who has each NBL: 0 nothing, 1 who has it, 2 what is stuck, 3 its log, 4 with call paths."""
    pending: tuple[PendingRow, ...] = ()
    pending_left_out: int = 0
    pools: tuple[PoolTable, ...] = ()
