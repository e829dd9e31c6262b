"""Calls that fail: at their n-th use, for a seeded share of their uses, or throughout a frame. Source: contracts 2."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from engine.classify.adversity.members import WHEN, Rule, When, read_status, read_when, refuse_unknown
from engine.errors import OptionError
from engine.ndis.status import nt_success

COMPLETION = "completion"
SETUP = (
    "FwpsInjectionHandleCreate0", "NdisAllocateNetBufferListPool", "NdisAllocateNetBufferPool",
    "FwpsNetBufferListGetTagForContext0", "PoRegisterPowerSettingCallback",
)
"""What a driver makes once, as a rule in DriverEntry."""
ALLOCATIONS = (
    "NdisAllocateMdl", "FwpsAllocateCloneNetBufferList0", "FwpsAllocateNetBufferAndNetBufferList0",
    "FwpsAllocateDeepCloneNetBufferList0", "NdisAllocateFragmentNetBufferList", "NdisAllocateReassembledNetBufferList",
    "NdisRetreatNetBufferDataStart", "NdisAllocateNetBufferListContext", "FwpsNetBufferListAssociateContext1",
)
"""What makes NBLs and their parts, and a retreat, which may need an MDL."""
WITHOUT_STATUS = (
    "NdisAllocateNetBufferListPool", "NdisAllocateNetBufferPool", "NdisAllocateMdl",
    "NdisAllocateFragmentNetBufferList", "NdisAllocateReassembledNetBufferList", "PoRegisterPowerSettingCallback",
)
"""What returns NULL when it fails, whatever the status of the rule."""
INJECTIONS = ("FwpsInjectMacSendAsync0", "FwpsInjectMacReceiveAsync0")
MANAGEMENT = (
    *(f"FwpsCalloutRegister{version}" for version in range(4)), "FwpsCalloutUnregisterByKey0",
    "FwpsCalloutUnregisterById0", "FwpmEngineOpen0", "FwpmEngineClose0", "FwpmTransactionBegin0",
    "FwpmTransactionCommit0", "FwpmTransactionAbort0", "FwpmFilterAdd0", "FwpmFilterDeleteByKey0",
    "FwpmFilterDeleteById0", "FwpmCalloutAdd0", "FwpmCalloutDeleteByKey0", "FwpmCalloutDeleteById0",
    "FwpmSubLayerAdd0", "FwpmSubLayerDeleteByKey0", "FwpmProviderAdd0", "FwpmProviderDeleteByKey0",
)
"""At PASSIVE_LEVEL: registration, sessions, transactions, objects."""
REGISTRATIONS = tuple(call for call in MANAGEMENT if not call.startswith("FwpsCalloutUnregister")
                      and not any(word in call for word in ("Delete", "Close", "Abort")))
"""Those of them that make something, and so may lack the memory for it."""
CALLS = (*SETUP, *ALLOCATIONS, *INJECTIONS, COMPLETION, *MANAGEMENT)
"""All that can be made to fail. Work items and timers are no part of it: `queue_work` and `set_timer` have no status,
and call their function exactly (contracts 4); neither is a script's own memory, which is Python's."""


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
    """Raises OptionError with one line; also for a success, which would make its driver wait for what never comes."""
    refuse_unknown(rule, ("call", *WHEN, "status"), where)
    call = rule.get("call")
    if call is None:
        raise OptionError(where, "a fault has a call that fails, or something to do",
                          f'give "call": "{COMPLETION}" or "do": "leave_s0"; --help-options lists all')
    if call not in CALLS:
        raise OptionError(f"{where}.call", f"{call!r} cannot be made to fail", "use one of " + ", ".join(CALLS))
    when = read_when(rule, where)
    status = read_status(rule.get("status"), where)
    if nt_success(status) and call != COMPLETION and call not in WITHOUT_STATUS:
        raise OptionError(f"{where}.status", f"0x{status:08X} is no failure",
                          "give a warning or an error, 0x80000000 or more; only `completion` takes a success")
    return CallFault(str(call), status, when, dice)
