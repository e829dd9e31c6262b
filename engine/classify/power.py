"""The simulated system leaves S0 and comes back. Source: callouts-nbl-injection 1.3, 7 (M73)."""

from __future__ import annotations

from engine.callouts.texts import function_name
from engine.classify.host import PASSIVE_LEVEL, Host, Steps
from engine.classify.scripts import run_script
from engine.classify.verifier.asleep import judge_power
from engine.trace import events as ev


def leave_s0(host: Host) -> Steps[None]:
    """Drivers with a power callback are told; what they hold afterwards is held across the transition."""
    yield ev.PowerChanged("leaving S0", _held(host))
    yield from _tell(host, leaving=True)
    judge_power(host)
    yield from host.flush()


def enter_s0(host: Host) -> Steps[None]:
    yield ev.PowerChanged("S0", _held(host))
    yield from _tell(host, leaving=False)


def _tell(host: Host, *, leaving: bool) -> Steps[None]:
    place = host.irql
    for callback in list(host.bfe.power_callbacks):
        host.irql = PASSIVE_LEVEL
        run_script(host, callback.driver, function_name(callback.function),
                   lambda callback=callback: callback.function(leaving))  # type: ignore[misc]  # bound now
        yield from host.flush()
    host.irql = place


def _held(host: Host) -> int:
    return len(host.held) + len(host.held_flights)
