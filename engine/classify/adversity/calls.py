"""Calls that fail: at their n-th use, for a seeded share of their uses, or throughout a frame. Source: contracts 2."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from engine.classify.adversity.members import WHEN, Rule, When, read_status, read_when, refuse_unknown
from engine.errors import OptionError

COMPLETION = "completion"
ALLOCATIONS = (
    "FwpsAllocateCloneNetBufferList0", "FwpsAllocateNetBufferAndNetBufferList0", "FwpsAllocateDeepCloneNetBufferList0",
    "NdisAllocateFragmentNetBufferList", "NdisAllocateReassembledNetBufferList", "NdisRetreatNetBufferDataStart",
)
"""What makes NBLs, and a retreat, which may need an MDL. Pools and MDLs are never refused (contracts 4)."""
INJECTIONS = ("FwpsInjectMacSendAsync0", "FwpsInjectMacReceiveAsync0")
MANAGEMENT = (
    *(f"FwpsCalloutRegister{version}" for version in range(4)), "FwpsCalloutUnregisterByKey0",
    "FwpsCalloutUnregisterById0", "FwpmEngineOpen0", "FwpmEngineClose0", "FwpmTransactionBegin0",
    "FwpmTransactionCommit0", "FwpmTransactionAbort0", "FwpmFilterAdd0", "FwpmFilterDeleteByKey0",
    "FwpmFilterDeleteById0", "FwpmCalloutAdd0", "FwpmCalloutDeleteByKey0", "FwpmCalloutDeleteById0",
    "FwpmSubLayerAdd0", "FwpmSubLayerDeleteByKey0", "FwpmProviderAdd0", "FwpmProviderDeleteByKey0",
)
"""At PASSIVE_LEVEL: registration, sessions, transactions, objects."""
CALLS = (*ALLOCATIONS, *INJECTIONS, "FwpsInjectionHandleCreate0", COMPLETION, *MANAGEMENT)


@dataclass(slots=True)
class CallFault:
    """One rule. `completion` puts the status into NBL.Status."""

    call: str
    status: int
    when: When
    random: Random
    uses: int = field(default=0)

    def strikes(self, frame: int) -> bool:
        """Whether this use of the call fails; it counts unless it belongs to another frame."""
        if self.when.frame is not None and frame != self.when.frame:
            return False
        self.uses += 1
        return self.when.strikes(self.uses, self.random)


def read_call(rule: Rule, where: str, dice: Random) -> CallFault:
    """Raises OptionError with one line."""
    refuse_unknown(rule, ("call", *WHEN, "status"), where)
    call = rule.get("call")
    if call is None:
        raise OptionError(where, "a fault has a call that fails, or something to do",
                          f'give "call": "{COMPLETION}" or "do": "leave_s0"; --help-options lists all')
    if call not in CALLS:
        raise OptionError(f"{where}.call", f"{call!r} cannot be made to fail", "use one of " + ", ".join(CALLS))
    when = read_when(rule, where)
    return CallFault(str(call), read_status(rule.get("status"), where), when, dice)
