"""Runs of the engine over generated frames: policies, callout scripts, and what came of them.

`Bench(tmp_path)` collects callouts and filters; `bench.run(frame, …)` brings frames through a new engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent
from typing import Any, TypeVar

import msgspec

from engine.classify.engine import Engine
from engine.classify.options import EngineOptions
from engine.frames.frame import Frame
from engine.report.trace_file import trace_line
from engine.trace import events as ev
from engine.trace.folding import apply
from engine.trace.trace import Record, Trace
from engine.trace.world import World
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, Layer
from engine.wfp.objects import AnySpec, CalloutSpec, FilterSpec, ProviderSpec, SublayerSpec
from engine.wfp.types import ActionType, CalloutFlag, FilterId
from tests.builders.policies import calls

NO_FLAGS = CalloutFlag(0)
BATCH = CalloutFlag.FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY
TERMINATING = ActionType.FWP_ACTION_CALLOUT_TERMINATING
INSPECTION = ActionType.FWP_ACTION_CALLOUT_INSPECTION
UNKNOWN = ActionType.FWP_ACTION_CALLOUT_UNKNOWN

HEAD = "from engine.callouts import Action, Callout, InjectionState\n\n"

TOOLS = '''
from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)
SENDS = (57, 59)


def each(nbl):
    """The NBLs of a segment; each may be freed when it is met."""
    while nbl is not None:
        following = nbl.next
        yield nbl
        nbl = following


class Driver(Callout):
    """What an injecting callout needs; tests write `seen`, for frames that are not its own."""

    def start(self, fwps, config):
        self.config = config or {}
        self.completed_with = []
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        if not fwps.nt_success(status):
            return status
        self.pool = fwps.allocate_net_buffer_list_pool(None)
        if self.pool is None:
            fwps.injection_handle_destroy(self.handle)
            return fwps.STATUS_INSUFFICIENT_RESOURCES
        return fwps.STATUS_SUCCESS

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, _ = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        self.seen(fwps, values, meta, layer_data, out)

    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()

    def inject(self, fwps, values, nbl, layer=None, completion=True, **changes):
        layer = values.layer_id if layer is None else layer
        inject = fwps.inject_mac_send_async if layer in SENDS else fwps.inject_mac_receive_async
        given = dict(handle=self.handle, context=None, flags=0, interface=values.INTERFACE_INDEX,
                     port=values.NDIS_PORT, completion_context=None)
        given.update(changes)
        return inject(given["handle"], given["context"], given["flags"], layer, given["interface"], given["port"], nbl,
                      self.completed if completion else None, given["completion_context"])

    def clone(self, fwps, meta, layer_data):
        """Clone with the MAC header; at layer 56 it stands before the data."""
        size = meta.ethernet_mac_header_size if self.at_ip_header else 0
        buffer = layer_data.first_net_buffer
        if size:
            fwps.retreat_net_buffer_data_start(buffer, size, 0, None)
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
        if size:
            fwps.advance_net_buffer_data_start(buffer, size, False, None)
        return status, clone

    at_ip_header = False

    def copy(self, fwps, data):
        memory = bytearray(data)
        mdl = fwps.allocate_mdl(None, memory, len(memory))
        return fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(memory))

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        for nbl in each(net_buffer_list):
            self.completed_with.append(nbl.status)
            self.release(fwps, nbl)

    def release(self, fwps, nbl):
        if nbl.parent_net_buffer_list is not None:
            fwps.free_clone_net_buffer_list(nbl, 0)
        else:
            mdl = nbl.first_net_buffer.mdl_chain
            fwps.free_net_buffer_list(nbl)
            fwps.free_mdl(mdl)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)
'''

VERDICTS = (
    HEAD
    + '''
class Says(Callout):
    """Returns what its configuration says: {"action": "BLOCK", "hard": true, "absorb": true}."""

    def start(self, fwps, config):
        self.config = config

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if "action" in self.config:
            out.action_type = int(Action[self.config["action"]])
        if self.config.get("hard"):
            out.rights &= ~fwps.RIGHT_ACTION_WRITE
        if self.config.get("absorb"):
            out.flags |= fwps.CLASSIFY_OUT_FLAG_ABSORB
'''
)


E = TypeVar("E", bound=ev.Event)


@dataclass
class Run:
    """An engine that has run, and its trace."""

    engine: Engine
    trace: Trace

    @property
    def records(self) -> list[Record]:
        return self.trace.slice(0, len(self.trace))

    @property
    def events(self) -> list[ev.TraceEvent]:
        return [record.event for record in self.records]

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def one(self, kind: type[E]) -> E:
        (found,) = self.of(kind)
        return found

    def kinds(self, *left_out: type[ev.Event], frame: int | None = None) -> list[str]:
        """Class names of the events, those of one frame's lineage if it is given."""
        return [
            type(record.event).__name__
            for record in self.records
            if not isinstance(record.event, left_out) and frame in (None, record.frame)
        ]

    @property
    def rules(self) -> list[str]:
        """Broken rules in the order in which they were noticed."""
        return [event.rule for event in self.of(ev.RuleBroken)]

    @property
    def failures(self) -> list[str]:
        return [event.error for event in self.of(ev.CalloutFailed)]

    @property
    def outcomes(self) -> dict[int, str]:
        skipped = {event.number: "skipped" for event in self.of(ev.FrameSkipped)}
        return skipped | {event.number: event.outcome for event in self.of(ev.FrameFinished)}

    @property
    def world(self) -> World:
        world = World()
        for record in self.records:
            apply(world, record)
        return world

    @property
    def lines(self) -> bytes:
        """The trace as its file has it."""
        return b"\n".join(trace_line(record) for record in self.records)

    def filter_name(self, id_: FilterId | None) -> str:
        return "default" if id_ is None else self.engine.policy.filter_by_id[id_].name


class Bench:
    """Collects a policy; each script is one file, one driver."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.specs: list[AnySpec] = []

    def add(self, *specs: AnySpec) -> None:
        self.specs += specs

    def script(self, text: str, name: str = "driver.py") -> str:
        (self.folder / name).write_text(dedent(text), encoding="utf-8")
        return name

    def callout(
        self,
        name: str,
        layer: Layer = INBOUND_MAC_FRAME_NATIVE,
        *,
        script: str = "driver.py",
        class_: str = "Driver",
        **members: Any,
    ) -> CalloutSpec:
        spec = CalloutSpec(name=name, layer=layer.name, script=script, class_=class_, **members)
        self.add(spec)
        return spec

    def calls(
        self,
        name: str,
        layer: Layer = INBOUND_MAC_FRAME_NATIVE,
        *conditions: Any,
        action: ActionType = TERMINATING,
        script: str = "driver.py",
        class_: str = "Driver",
        flags: CalloutFlag = NO_FLAGS,
        config: object = None,
        **members: Any,
    ) -> FilterSpec:
        """A callout of the script at a layer, and a filter that calls it."""
        callout = self.callout(f"{name} callout", layer, script=script, class_=class_, flags=flags, config=config)
        spec = calls(callout, name, *conditions, layer=layer, action=action, **members)
        self.add(spec)
        return spec

    def driver(self, body: str, name: str = "driver.py") -> str:
        """A script whose class Driver has these methods beside the usual ones."""
        return self.script(TOOLS + "\n\nclass Driver(Driver):\n" + indent(dedent(body), "    "), name)

    def document(self, options: dict[str, Any] | None = None, faults: Sequence[dict[str, Any]] = ()) -> PolicyDocument:
        of = {
            kind: tuple(one for one in self.specs if isinstance(one, kind))
            for kind in (ProviderSpec, SublayerSpec, CalloutSpec, FilterSpec)
        }
        return PolicyDocument(
            providers=of[ProviderSpec],
            sublayers=of[SublayerSpec],
            callouts=of[CalloutSpec],
            filters=of[FilterSpec],
            options=options or {},
            faults=tuple(faults),
            path=self.folder / "policy.json",
        )

    def run(self, *frames: Frame, seed: int = 1, faults: Sequence[dict[str, Any]] = (), **options: Any) -> Run:
        return run(self.document(faults=faults), frames, seed=seed, **options)


def run(document: PolicyDocument, frames: Iterable[Frame], *, seed: int = 1, **options: Any) -> Run:
    """Bring frames through a new engine, to the end."""
    engine = Engine(document, EngineOptions().with_all(document.options | options), seed)
    trace = Trace()

    def take(events: Iterable[ev.TraceEvent]) -> None:
        for event in events:
            trace.append(event, engine.place.frame, engine.place.now_ns, engine.place.irql)

    take(engine.start())
    for frame in frames:
        take(engine.take(frame))
    take(engine.finish())
    return Run(engine, trace)


def bare(event: E) -> E:
    """The event without its snapshots: what happened, not what it looked like."""
    return msgspec.structs.replace(event, changed=()) if isinstance(event, ev.Touching) else event


def assert_whole(run: Run) -> None:
    """The trace can be written, nests, and says of every frame exactly once how it ended."""
    assert run.lines
    ended = [event.number for event in run.of(ev.FrameFinished)] + [event.number for event in run.of(ev.FrameSkipped)]
    assert sorted(ended) == list(range(1, max(ended) + 1))
    assert min(record.depth for record in run.records) == 0
    assert not re.search(rb" at 0x[0-9a-f]", run.lines)
