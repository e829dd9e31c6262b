"""What the callout that holds an NBL must do with it now, in words, from what is true at the cursor.

Source: callouts-nbl-injection 2.5, 3.4, 5.8, 7; the rules are those of resources/rules.json.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.ndis.snapshot import NblId, NblKind, NblSnapshot, NblState
from engine.ndis.status import nt_success, status_name
from engine.trace.world import Injection, World

_FREES = {
    NblKind.CLONE: "FwpsFreeCloneNetBufferList0",
    NblKind.NEW: "FwpsFreeNetBufferList0",
    NblKind.FRAGMENT: "NdisFreeFragmentNetBufferList",
    NblKind.REASSEMBLED: "NdisFreeReassembledNetBufferList",
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do, or to leave; `is_warning`: forgetting it breaks what is still out."""

    text: str
    is_warning: bool = False


def duties_of(world: World, nbl: NblId) -> tuple[Duty, ...]:
    """In the order in which they are done; empty where nothing is asked of anybody."""
    one = world.nbls[nbl]
    if one.kind is NblKind.ORIGINAL:
        return _of_original(world, one)
    match one.state:
        case NblState.ALLOCATED:
            return (Duty(f"Inject {nbl}, or free it with {_FREES[one.kind]} (M47)."),)
        case NblState.IN_FLIGHT:
            return (Duty(f"Leave {nbl} alone: it is the driver's again when {one.completion or 'its completion'} "
                         f"is called for it."),)
        case NblState.COMPLETED:
            return _of_completed(world, one)
        case NblState.LOST:
            return (Duty(f"Nobody can free {nbl}: its completion went to a stranger.", is_warning=True),)
    return ()


def injection_of(world: World, nbl: NblSnapshot) -> Injection | None:
    """The call that sent it last."""
    return world.injections.get(nbl.history[-1].injection) if nbl.history else None


def _of_original(world: World, one: NblSnapshot) -> tuple[Duty, ...]:
    if one.state is not NblState.ABSORBED_HELD:
        return ()
    found = []
    if one.child_ref_count:
        clones = [nbl.id for nbl in world.frame_nbls(one.frame)
                  if nbl.parent == one.id and nbl.state is not NblState.FREED]
        first = f": free {', '.join(clones[:3])} first" if clones else ""
        found.append(Duty(f"{one.id} is released when ChildRefCount is 0{first} (M49)."))
    if one.references:
        times = "once" if one.references == 1 else f"{one.references} times"
        found.append(Duty(f"Call FwpsDereferenceNetBufferList0 for {one.id} {times} (M47)."))
    return tuple(found)


def _of_completed(world: World, one: NblSnapshot) -> tuple[Duty, ...]:
    found = []
    if one.status is not None and not nt_success(one.status):
        found.append(Duty(f"Count {one.id} as lost: {status_name(one.status)}. Only its own Status tells (M11).",
                          is_warning=True))
    mdls = one.net_buffers[0].mdls if one.net_buffers else ()
    has_own = any(mdl.owner != "engine" for mdl in mdls)
    if one.kind is NblKind.CLONE:
        if has_own:
            found.append(Duty("Put the clone's first MDL back, then free your own (M45)."))
        found.append(Duty(f"{_FREES[one.kind]} for {one.id}."))
    else:
        memory = " then free its MDL and buffer." if has_own else ""
        found.append(Duty(f"{_FREES[one.kind]} for {one.id}{',' + memory if memory else '.'}"))
    injection = injection_of(world, one)
    if injection is not None and (out := len(injection.nbls) - injection.completed) > 0:
        verb = "is" if out == 1 else "are"
        found.append(Duty(f"Keep the context: {out} of {len(injection.nbls)} NBLs {verb} still out (M13).",
                          is_warning=True))
    return tuple(found)
