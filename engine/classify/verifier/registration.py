"""What is wrong with a callout before it meets its first frame.

Source: callouts-nbl-injection 1.1, 7 (M71, M72); CH-02.
"""

from __future__ import annotations

from engine.classify.host import Host
from engine.wfp.types import CalloutFlag, Guid

_ON_FLOW = int(CalloutFlag.FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW)


def waits_for_flow(host: Host, callout: Guid) -> bool:
    """The callout is invoked for flows only, which the MAC layers have not: never."""
    return bool(host.bfe.registrations[callout].flags & _ON_FLOW)


def judge_flow(host: Host, callout: Guid) -> None:
    """M71: a callout has been registered."""
    if host.options.flow_at_l2 == "ignore":
        return
    driver, known = host.callout_drivers[callout], host.policy.callouts.get(callout)
    name = callout if known is None else repr(known.name)
    if waits_for_flow(host, callout):
        host.broken("M71", f"callout {name} is conditional on flow: at a MAC layer it is never invoked",
                    driver=driver, line=driver.lines[callout], about=(f"callout {callout}",))
    elif host.bfe.registrations[callout].has_flow_delete:
        host.broken("M71", f"callout {name} has a flowDeleteFn: at a MAC layer there are no flows", driver=driver,
                    line=host.bfe.registrations[callout].line or driver.lines[callout], severity="I",
                    about=(f"callout {callout}",))


def judge_keys(host: Host) -> None:
    """M72: a driver has registered a callout that no policy knows, and not the one that its filter names."""
    for driver in host.drivers.values():
        wanted = [key for key in driver.instances if key in host.bfe.self_registering
                  and key not in host.bfe.registrations]
        others = [key for key, one in host.bfe.registrations.items()
                  if one.driver == driver.name and key not in host.policy.callouts]
        for key, other in zip(wanted, others, strict=False):
            host.broken("M72", f"{driver.name} registers {other}, but callout {host.policy.callouts[key].name!r} of "
                        f"the policy is {key}", driver=driver, line=host.bfe.registrations[other].line,
                        about=(f"callout {other}",))
