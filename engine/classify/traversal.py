"""A chain's way through the LWF modules: runs, classification, relinking.

Source: callouts-nbl-injection A.1, A.2; CH-16, CH-19.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from engine.classify.arbitration import Verdict, classify_layer
from engine.classify.host import BATCH, Host, Steps
from engine.classify.invocation import Invoker
from engine.classify.kernel.views import KernelViews
from engine.classify.release import drop
from engine.classify.verdict_rules import Said
from engine.classify.verifier.calls import judge_veto
from engine.frames.ethernet import EthernetHeader, format_mac, parse_ethernet
from engine.frames.frame import Direction, Interface
from engine.ndis.nbl import NetBufferList, link
from engine.ndis.snapshot import NblSnapshot, NblState
from engine.trace import events as ev
from engine.trace.world import BLOCK
from engine.wfp.fields import FieldValue, LayerMetadata, layer_metadata, layer_values
from engine.wfp.layers import Layer
from engine.wfp.objects import Filter

MS_FWP_DIRECTION_IN, MS_FWP_DIRECTION_OUT = 0x3900, 0x3901


@dataclass(frozen=True, slots=True)
class Seen:
    """What a layer sees of one NBL."""

    nbl: NetBufferList
    interface: Interface
    header: EthernetHeader
    values: tuple[FieldValue, ...]
    metadata: LayerMetadata


def module_of(layer: Layer) -> str:
    return "native" if layer.is_native else "802.3"


def traverse(host: Host, views: KernelViews, layer: Layer, nbls: list[NetBufferList]) -> Steps[list[NetBufferList]]:
    """Bring a chain through the module of one layer; return what goes on, linked in its old order."""
    ids = tuple(nbl.id for nbl in nbls)
    module = module_of(layer)
    sublayers = host.policy.at(layer.id)
    if not sublayers:
        yield ev.ModuleBypassed(module, layer.id, ids)
        return nbls
    seen = [_look(host, layer, nbl) for nbl in nbls]
    if layer.data_starts_at_ip_header:
        yield ev.ModuleEntered(module, layer.id, ids, changed=tuple(_advance(one) for one in seen))
    else:
        yield ev.ModuleEntered(module, layer.id, ids)
    runs, reason = _runs(host, layer, seen)
    for run in runs:
        link([one.nbl for one in run])  # a callout sees Next == NULL behind the last of its run
    if len(seen) > 1:
        yield ev.ChainSplit(layer.id, tuple(tuple(one.nbl.id for one in run) for run in runs), reason,
                            changed=tuple(nbl.snapshot() for nbl in nbls))
    passed: list[NetBufferList] = []
    for run in runs:
        verdict = yield from _classify(host, views, layer, run)
        if verdict.action == BLOCK:
            for one in run:
                if not verdict.absorb:
                    yield _audit(layer, one, verdict)
                one.nbl.next = None
                drop(host, one.nbl, layer, absorb=verdict.absorb)
                yield from host.flush()
        else:
            for one in run:
                one.nbl.show_header()
                passed.append(one.nbl)
        if host.stopped is not None:
            return []
    link(passed)
    left = tuple(nbl.id for nbl in passed)
    if len(seen) > 1 and passed:
        yield ev.ChainRelinked(layer.id, left)
    changed = tuple(nbl.snapshot() for nbl in passed) if layer.data_starts_at_ip_header or len(seen) > 1 else ()
    yield ev.ModuleLeft(module, layer.id, left, changed=changed)
    return passed


def _look(host: Host, layer: Layer, nbl: NetBufferList) -> Seen:
    """Fields come from the frame's bytes and from the interface of the call (3.3), of the first NET_BUFFER (CH-34)."""
    nb = nbl.first_net_buffer
    interface = host.interfaces[nbl.interface_index]
    header = parse_ethernet(nb.read() if nb is not None else b"")
    values = layer_values(layer, interface, layer.direction, header, out_of_band_tci=nbl.vlan)
    return Seen(nbl, interface, header, values, layer_metadata(layer, header, nb.data_length if nb is not None else 0))


def _advance(one: Seen) -> NblSnapshot:
    """At layer 56 the NBL is shown from the IP header on (0.1)."""
    one.nbl.hide_header(one.header.header_bytes)
    return one.nbl.snapshot()


def _runs(host: Host, layer: Layer, seen: Sequence[Seen]) -> tuple[list[list[Seen]], str]:
    """CH-16: maximal sequences with equal values and metadata; NBL by NBL where a callout has no batch flag."""
    if len(seen) == 1:
        return [[seen[0]]], ""
    groups: list[list[Seen]] = []
    for one in seen:
        if groups and groups[-1][0].values == one.values and groups[-1][0].metadata == one.metadata:
            groups[-1].append(one)
        else:
            groups.append([one])
    runs: list[list[Seen]] = []
    reasons = [] if len(groups) == 1 else ["values differ"]
    for group in groups:
        without = _without_batch_flag(host, layer, group[0].values) if len(group) > 1 else None
        if without is None:
            runs.append(group)
        else:
            runs.extend([one] for one in group)
            reasons.append(f"{without} has no batch flag")
    return runs, "; ".join(dict.fromkeys(reasons)) or "one run"


def _matching_callouts(host: Host, layer: Layer, values: Sequence[FieldValue]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for at in host.policy.at(layer.id):
        for compiled in at.filters:
            key = compiled.filter.callout
            if key is not None and key in host.callout_drivers and compiled.first_mismatch(values) is None:
                callout = host.policy.callouts[key]
                found.append((callout.name, int(callout.flags)))
    return found


def _without_batch_flag(host: Host, layer: Layer, values: Sequence[FieldValue]) -> str | None:
    """Name of a callout that takes single NBLs only; None when all behind matching filters take chains."""
    for name, flags in _matching_callouts(host, layer, values):
        if not flags & BATCH:
            return name
    return None


def _classify(host: Host, views: KernelViews, layer: Layer, run: Sequence[Seen]) -> Steps[Verdict]:
    first = run[0]
    nbls = [one.nbl for one in run]
    if host.callout_drivers:
        callouts = _matching_callouts(host, layer, first.values)
        tainted = any(flags & BATCH for _, flags in callouts)
        for nbl in nbls:
            nbl.batch_tainted = tainted  # CH-19: until the module lets go of it
    ids = tuple(nbl.id for nbl in nbls)
    shown = tuple(value.hex(":") if isinstance(value, bytes) else value for value in first.values)
    yield ev.ClassifyBegan(layer.id, ids, shown, _metadata(first.metadata))
    invoker = Invoker(host, views, layer, nbls, first.values, first.metadata)
    verdict = yield from classify_layer(host.policy.at(layer.id), first.values, partial(_call, invoker))
    if verdict.action != BLOCK:
        for nbl in nbls:
            nbl.batch_tainted = False
    yield ev.ClassifyEnded(
        layer.id, ids, verdict.action, verdict.hard, verdict.decided_by, verdict.absorb, verdict.veto)
    if verdict.decided_by is not None and verdict.vetoed is not None:
        judge_veto(host, host.policy.filter_by_id[verdict.decided_by], verdict.vetoed, nbls[0])
        yield from host.flush()
    return verdict


def _call(invoker: Invoker, filter_: Filter, running: str, rights: bool) -> Steps[Said]:
    return (yield from invoker.invoke(filter_, running, rights=rights))


def _metadata(metadata: LayerMetadata) -> dict[str, int]:
    if not metadata.current_l2_metadata_values and not metadata.current_metadata_values:
        return {}
    return {"ethernetMacHeaderSize": metadata.ethernet_mac_header_size, "frameLength": metadata.frame_length}


def _audit(layer: Layer, one: Seen, verdict: Verdict) -> ev.DropAudited:
    header, interface = one.header, one.interface
    inbound = layer.direction is Direction.INBOUND
    local, remote = (header.destination, header.source) if inbound else (header.source, header.destination)
    tag = one.nbl.vlan if one.nbl.vlan is not None else (header.tags[0][1] if header.tags else 0)
    assert verdict.decided_by is not None
    return ev.DropAudited(
        one.nbl.id, verdict.decided_by, layer.id, format_mac(local) if local else None,
        format_mac(remote) if remote else None, header.outer_type, tag, interface.medium, interface.if_type,
        interface.luid, one.nbl.ndis_port, MS_FWP_DIRECTION_IN if inbound else MS_FWP_DIRECTION_OUT)


def passed_state(nbl: NetBufferList, owner: str) -> NblSnapshot:
    """An NBL that has left the stack on the other side."""
    nbl.state = NblState.PASSED if nbl.injection is None else NblState.IN_FLIGHT
    nbl.owner = owner
    return nbl.snapshot()
