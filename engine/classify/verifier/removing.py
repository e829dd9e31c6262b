"""Filters that go while frames are under way.

Source: callouts-nbl-injection 3.5 (R-INJ-2), 7 (M03, M04, M05).
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.classify.host import Driver, Host
from engine.classify.verifier.ledger import Removal
from engine.ndis.nbl import NetBufferList
from engine.wfp.layers import layer_by_id
from engine.wfp.objects import Filter


def judge_commit(host: Host, by: Driver | None, deleted: Sequence[Filter]) -> None:
    """M04, M05: a commit has deleted filters. `by` is the driver that did it; None for anybody else."""
    _forget_filled(host)
    for one in deleted:
        if by is not None and not _is_its_own(host, by, one):
            empty = not host.policy.at(one.layer_id)
            host.broken("M05", f"filter {one.name!r} is not {by.name}'s to delete"
                        + ("; nothing is left at its layer" if empty else ""), driver=by,
                        severity="E" if empty else None, about=(f"filter {one.id}",))
        owner = host.callout_drivers.get(one.callout) if one.callout is not None else None
        layer = layer_by_id(one.layer_id)
        if owner is None or layer is None or _has_filter(host, owner, layer.id):
            continue
        host.ledger.removed[owner.name, layer.id] = Removal(one.name, one.id, frozenset(host.lineages))
        under_way = [nbl.id for injection in host.injections.values()
                     if injection.driver is owner and injection.layer == layer.id for nbl in injection.out]
        out = len(under_way)
        if out and by is owner:
            host.broken("M04", f"filter {one.name!r} was the last of {owner.name} at {layer.short_name}, where {out} "
                        f"injected NBL{'s are' if out > 1 else ' is'} under way", driver=owner,
                        about=(f"filter {one.id}", *under_way))


def judge_late(host: Host, driver: Driver, nbls: Sequence[NetBufferList], layer_id: int) -> None:
    """M03: an injection of what was taken in when the driver's filter at the layer was still there."""
    removal, layer = host.ledger.removed.get((driver.name, layer_id)), layer_by_id(layer_id)
    if removal is None or layer is None:
        return
    late = next((nbl for nbl in nbls if nbl.frame in removal.frames), None)
    if late is not None:
        anybody = host.callout_in_use(layer.id)
        host.broken("M03", f"{late.id} is injected at {layer.short_name}, where filter {removal.filter!r} is deleted",
                    late, driver=driver, severity=None if anybody else "F", about=(f"filter {removal.id}",))


def _has_filter(host: Host, driver: Driver, layer: int) -> bool:
    return any(one.filter.callout in driver.instances for at in host.policy.at(layer) for one in at.filters)


def _is_its_own(host: Host, driver: Driver, one: Filter) -> bool:
    """By callout, by who added it, or by provider: BFE itself asks none of this of a driver."""
    if one.callout in driver.instances or any(one.id in engine.mine for engine in host.bfe.engines
                                              if engine.driver == driver.name):
        return True
    callouts = (host.policy.callouts.get(key) for key in driver.instances)
    providers = {callout.provider for callout in callouts if callout is not None}
    return one.provider is not None and one.provider in providers


def _forget_filled(host: Host) -> None:
    """Layers at which a driver has a filter again."""
    for name, layer in list(host.ledger.removed):
        if name in host.drivers and _has_filter(host, host.drivers[name], layer):
            del host.ledger.removed[name, layer]
