"""A chain's way through the LWF modules: runs, classification, relinking.

Source: callouts-nbl-injection A.1, A.2; CH-16, CH-19.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec

from engine.classify.arbitration import Resume, Verdict, classify_layer
from engine.classify.drop_events import audited
from engine.classify.host import BATCH, Host, Steps
from engine.classify.invocation import Invoker
from engine.classify.kernel.views import KernelViews
from engine.classify.release import drop
from engine.classify.verifier.calls import judge_veto
from engine.frames.ethernet import EthernetHeader, parse_ethernet
from engine.frames.frame import Interface
from engine.frames.link.framing import native_header
from engine.ndis.nbl import NetBufferList, link
from engine.ndis.snapshot import IN_FLIGHT, PASSED, NblSnapshot
from engine.trace import events as ev
from engine.trace.world import BLOCK
from engine.wfp.fields import (
    L2_METADATA_FIELD_ETHERNET_MAC_HEADER_SIZE,
    L2_METADATA_FIELD_WIFI_OPERATION_MODE,
    METADATA_FIELD_ETHER_FRAME_LENGTH,
    FieldValue,
    LayerMetadata,
    layer_metadata,
    layer_values,
)
from engine.wfp.layers import LAYERS, Layer
from engine.wfp.types import DataType

_ADDRESSES = {layer.id: [one.index for one in layer.fields if one.type is DataType.FWP_BYTE_ARRAY6_TYPE]
              for layer in LAYERS}
"""Fields that hold octets."""


class Seen(msgspec.Struct, frozen=True, gc=False):
    """What a layer sees of one NBL."""

    nbl: NetBufferList
    interface: Interface
    header: EthernetHeader
    values: tuple[FieldValue, ...]
    metadata: LayerMetadata


def module_of(layer: Layer) -> str:
    return "native" if layer.is_native else "802.3"


def traverse(host: Host, views: KernelViews, layer: Layer,
             nbls: list[NetBufferList]) -> Steps[list[list[NetBufferList]]]:
    """Bring a chain through the module of one layer; return what goes on, linked in its old order.

    It goes on in one NDIS call, or in one for each run (`forward_per_run`).
    """
    ids = tuple([nbl.id for nbl in nbls])
    module = module_of(layer)
    sublayers = host.policy.at(layer.id)
    if not sublayers:
        yield ev.ModuleBypassed(module, layer.id, ids)
        return [nbls]
    seen = [_look(host, layer, nbl) for nbl in nbls]
    hides_header = layer.data_starts_at_ip_header
    if hides_header:
        yield ev.ModuleEntered(module, layer.id, ids, changed=tuple([_advance(one) for one in seen]))
    else:
        yield ev.ModuleEntered(module, layer.id, ids)
    runs, reason = _runs(host, layer, seen)
    per_run: list[list[NetBufferList]] = []
    for run in runs:
        link([one.nbl for one in run])  # a callout sees Next == NULL behind the last of its run
    if len(seen) > 1:
        yield ev.ChainSplit(layer.id, tuple([tuple([one.nbl.id for one in run]) for run in runs]), reason,
                            changed=tuple([nbl.snapshot() for nbl in nbls]))
    place = host.frame
    for run in runs:
        passed_of_run: list[NetBufferList] = []
        verdict, broken = yield from _classify_run(host, views, layer, run, None)
        parts: list[tuple[Sequence[Seen], Verdict]] = [(run if broken is None else run[:1], verdict)]
        if broken is not None:
            parts += yield from _classify_rest(host, views, layer, run[1:], broken)
        for part, verdict in parts:
            if verdict.action == BLOCK:
                yield from _drop(host, layer, part, verdict)
                continue
            passed_of_run += _let_go(part)
        if host.stopped is not None:
            return []
        if passed_of_run:
            per_run.append(passed_of_run)
    host.frame = place
    passed = [nbl for chain in per_run for nbl in chain]
    if host.options.forward_per_run == "off":
        per_run = [passed] if passed else []
    for chain in per_run:
        link(chain)
    left = tuple([nbl.id for nbl in passed])
    if len(seen) > 1 and passed:
        yield ev.ChainRelinked(layer.id, left)
    changed = tuple([nbl.snapshot() for nbl in passed]) if hides_header or len(seen) > 1 else ()
    yield ev.ModuleLeft(module, layer.id, left, changed=changed)
    return per_run


def _let_go(part: Sequence[Seen]) -> list[NetBufferList]:
    for one in part:
        one.nbl.show_header()
    return [one.nbl for one in part]


def _drop(host: Host, layer: Layer, part: Sequence[Seen], verdict: Verdict) -> Steps[None]:
    for one in part:
        host.frame = one.nbl.frame
        if not verdict.absorb:
            yield audited(host, layer, one.nbl, one.header, verdict)
        one.nbl.next = None
        drop(host, one.nbl, layer, absorb=verdict.absorb)
        yield from host.flush()


def _look(host: Host, layer: Layer, nbl: NetBufferList) -> Seen:
    """Fields come from the frame's bytes and from the interface of the call (3.3), of the first NET_BUFFER (CH-34)."""
    nb = nbl.first_net_buffer
    if nb is not None and nb.next is not None and host.options.multi_nb_values == "last":
        nb = list(nbl.net_buffers())[-1]
    interface = host.interfaces[nbl.interface_index]
    data = nb.read() if nb is not None else b""
    is_ethernet = not interface.medium or not layer.is_native
    header = parse_ethernet(data) if is_ethernet else native_header(interface.medium, data)
    values = layer_values(layer, interface, layer.direction, header, out_of_band_tci=nbl.vlan)
    metadata = layer_metadata(layer, header, nb.data_length if nb is not None else 0, interface.medium)
    choices = host.choices.fields
    if choices is not None:
        values = choices.values(layer, header, data, values, nbl.vlan)
        metadata = choices.metadata(layer, metadata)
    return Seen(nbl, interface, header, values, metadata)


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
    reasons = [_difference(layer, one[0], other[0]) for one, other in pairwise(groups)]
    for group in groups:
        whole = len(group) == 1 or host.options.batch_delivery == "per_callout"
        without = None if whole else _without_batch_flag(host, layer, group[0].values)
        if without is None:
            runs.append(group)
        else:
            runs.extend([one] for one in group)
            reasons.append(f"{without} has no batch flag")
    return runs, "; ".join(dict.fromkeys(reasons)) or "one run"


def _difference(layer: Layer, one: Seen, other: Seen) -> str:
    """`VLAN_ID differs`: why two NBLs cannot share a run."""
    names = [field.name for field in layer.fields if one.values[field.index] != other.values[field.index]]
    now, then = _metadata(one.metadata), _metadata(other.metadata)
    names += [name for name in {**now, **then} if now.get(name) != then.get(name)]
    return f"{' and '.join(names)} {'differs' if len(names) == 1 else 'differ'}"


def _matching_callouts(host: Host, layer: Layer, values: Sequence[FieldValue]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for at in host.policy.at(layer.id):
        for compiled in at.filters:
            key = compiled.filter.callout
            if key is not None and key in host.callout_drivers and compiled.first_mismatch(values) is None:
                callout = host.policy.callouts[key]
                found.append((callout.name, host.bfe.registrations[key].flags))
    return found


def _takes_chains(host: Host) -> bool:
    """Some registered callout has the batch flag, wherever it is."""
    return BATCH in [registration.flags & BATCH for registration in host.bfe.registrations.values()]


def _shown(layer: Layer, values: Sequence[FieldValue]) -> tuple[ev.Value, ...]:
    """The values as the trace has them, addresses as text."""
    found: list[Any] = list(values)
    for place in _ADDRESSES[layer.id]:
        value = found[place]
        if value is not None:
            found[place] = value.hex(":")
    return tuple(found)


def _without_batch_flag(host: Host, layer: Layer, values: Sequence[FieldValue]) -> str | None:
    """Name of a callout that takes single NBLs only; None when all behind matching filters take chains."""
    for name, flags in _matching_callouts(host, layer, values):
        if not flags & BATCH:
            return name
    return None


def _classify_rest(host: Host, views: KernelViews, layer: Layer, rest: Sequence[Seen],
                   broken: Resume) -> Steps[list[tuple[Sequence[Seen], Verdict]]]:
    """A callout has broken a run up: what stands behind its head goes on NBL by NBL (`batch_delivery=per_callout`)."""
    found: list[tuple[Sequence[Seen], Verdict]] = []
    for one in rest:
        if host.stopped is None:
            verdict, _ = yield from _classify_run(host, views, layer, [one], broken)
            found.append(([one], verdict))
    return found


def _classify_run(host: Host, views: KernelViews, layer: Layer, run: Sequence[Seen],
                  resume: Resume | None) -> Steps[tuple[Verdict, Resume | None]]:
    """Verdict, and where the rest of the run goes on by itself: then the verdict is the head's alone."""
    first = run[0]
    host.frame = first.nbl.frame
    nbls = [one.nbl for one in run]
    if host.callout_drivers:
        tainted = _takes_chains(host) and any(
            flags & BATCH for _, flags in _matching_callouts(host, layer, first.values))
        for nbl in nbls:
            nbl.batch_tainted = tainted  # CH-19: until the module lets go of it
    ids = tuple([nbl.id for nbl in nbls])
    yield ev.ClassifyBegan(layer.id, ids, _shown(layer, first.values), _metadata(first.metadata))
    invoker = Invoker(host, views, layer, nbls, first.values, first.metadata)
    verdict = yield from classify_layer(host.policy.at(layer.id), first.values, invoker.invoke, host.choices.verdicts,
                                        resume)
    if invoker.broken_up is not None:
        nbls, ids = nbls[:1], ids[:1]
    if verdict.action != BLOCK:
        for nbl in nbls:
            nbl.batch_tainted = False
    yield ev.ClassifyEnded(
        layer.id, ids, verdict.action, verdict.hard, verdict.decided_by, verdict.absorb, verdict.veto)
    if verdict.decided_by is not None and verdict.vetoed is not None:
        judge_veto(host, host.policy.filter_by_id[verdict.decided_by], verdict.vetoed, nbls[0])
        yield from host.flush()
    return verdict, invoker.broken_up


def _metadata(metadata: LayerMetadata) -> dict[str, int]:
    """What is present, by its name in the structure."""
    l2 = metadata.current_l2_metadata_values
    found: dict[str, int] = {}
    if l2 & L2_METADATA_FIELD_ETHERNET_MAC_HEADER_SIZE:
        found["ethernetMacHeaderSize"] = metadata.ethernet_mac_header_size
    if metadata.current_metadata_values & METADATA_FIELD_ETHER_FRAME_LENGTH:
        found["frameLength"] = metadata.frame_length
    if l2 & L2_METADATA_FIELD_WIFI_OPERATION_MODE:
        found["wiFiOperationMode"] = metadata.wifi_operation_mode
    return found


def passed_state(nbl: NetBufferList, owner: str) -> NblSnapshot:
    """An NBL that has left the stack on the other side."""
    nbl.state = PASSED if nbl.injection is None else IN_FLIGHT
    nbl.owner = owner
    return nbl.snapshot()
