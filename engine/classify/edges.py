"""The edges of a run: modules attach, refusals are told, and what drivers still hold at the end is named.

Source: callouts-nbl-injection 1.4, 3.6, 7 (M47, M56, M66).
"""

from __future__ import annotations

from engine.classify.host import Host, Steps
from engine.classify.modules import wanted_handlers
from engine.classify.verifier.leaving import judge_leak, judge_references, referrer
from engine.errors import PolicyError
from engine.ndis.mdl import Mdl
from engine.ndis.snapshot import NblKind, NblState
from engine.ndis.status import status_text
from engine.trace import events as ev
from engine.wfp.document import PolicyDocument
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.layers import LAYERS
from engine.wfp.members import as_policy_error
from engine.wfp.objects import Filter
from engine.wfp.types import ActionType, FilterFlag, Guid
from engine.wfp.validation import key_of

_OWED = (NblState.ALLOCATED, NblState.COMPLETED, NblState.IN_FLIGHT, NblState.LOST)
"""States of an NBL that its driver has yet to free."""


def notification_failed(document: PolicyDocument, filter_: Filter, status: int) -> PolicyError:
    """notifyFn has refused a filter: adding it fails, and with it the policy (1.4)."""
    keys = [key_of(spec) for spec in document.filters]
    error = WfpError(
        FwpCode.FWP_E_CALLOUT_NOTIFICATION_FAILED, f"$.filters[{keys.index(filter_.key)}]",
        f"notify of its callout refused filter {filter_.name!r} with {status_text(status)}",
        "let notify return STATUS_SUCCESS, or leave the filter out")
    return as_policy_error(error, document.path or "policy")


def attach_modules(host: Host) -> Steps[None]:
    """A module has the handlers of a direction while its layer has a filter (3.6)."""
    for module, handlers in wanted_handlers(host).items():
        if handlers != host.lwf.handlers[module]:
            host.lwf.handlers[module] = handlers
            yield ev.ModuleRestarted(module, *handlers)


def name_unregistered(host: Host, callout: Guid | None = None) -> None:
    """M66: filters (of one callout, if it is given) that block all they match, as nobody has registered theirs.

    A driver that says in DriverEntry that it cannot do its work has done all it could (DriverEntryFailed).
    """
    known = {key for name in host.bfe.not_loaded for key in host.drivers[name].instances}.union(host.callout_drivers)
    for layer in LAYERS:
        for at in host.policy.at(layer.id):
            for one in (compiled.filter for compiled in at.filters):
                blocks = one.action.is_callout and one.action is not ActionType.FWP_ACTION_CALLOUT_INSPECTION
                permits = one.flags & FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED
                asked = callout is None or one.callout == callout
                if asked and blocks and not permits and one.callout not in known:
                    host.broken(
                        "M66", f"filter {one.name!r}: its callout is not registered; all that matches is blocked")


def report_leaks(host: Host) -> Steps[None]:
    """M47, M56: what drivers still hold when they are gone."""
    for nbl in list(host.nbls.values()):
        host.frame = nbl.frame
        driver = host.drivers.get(nbl.allocated_by or "")
        if nbl.kind is not NblKind.ORIGINAL and nbl.state in _OWED:
            host.broken("M47", f"{nbl.id} ({nbl.kind.value}, {nbl.state.value}) was never freed", nbl,
                        driver=driver, line=nbl.origin)
            judge_leak(host, nbl)
        for name, count in sorted(nbl.references.items()):
            if count:
                owner, line = referrer(host, nbl, name)
                host.broken("M56", f"{count} reference(s) of {nbl.id} were never given back", nbl, driver=owner,
                            line=line)
        yield from host.flush()
    host.frame = 0
    judge_references(host)
    leaked: dict[str, list[Mdl]] = {}
    for mdl in host.mdls.values():
        leaked.setdefault(mdl.allocated_by or "", []).append(mdl)
    for name, mdls in leaked.items():
        first = mdls[0]
        host.broken("M47", f"{len(mdls)} MDL(s) were never freed, the first {first.id}",
                    driver=host.drivers.get(name), line=first.origin, about=(first.id,))
    yield from host.flush()
