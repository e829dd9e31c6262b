"""What is wrong with a callout before it meets its first frame.

Source: callouts-nbl-injection 1.1, 7 (M71); CH-02.
"""

from __future__ import annotations

from engine.classify.host import Host
from engine.wfp.types import CalloutFlag, Guid

_ON_FLOW = int(CalloutFlag.FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW)


def waits_for_flow(host: Host, callout: Guid) -> bool:
    """The callout is invoked for flows only, which the MAC layers have not: never."""
    return bool(int(host.policy.callouts[callout].flags) & _ON_FLOW)


def judge_flow(host: Host) -> None:
    """M71."""
    for callout, driver in host.callout_drivers.items():
        if waits_for_flow(host, callout):
            name = host.policy.callouts[callout].name
            host.broken("M71", f"callout {name!r} is conditional on flow: at a MAC layer it is never invoked",
                        driver=driver, line=driver.lines[callout])
