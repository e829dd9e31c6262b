"""What is held while the system is not in S0. Source: callouts-nbl-injection 7 (M73)."""

from __future__ import annotations

from collections import Counter

from engine.classify.host import Host
from engine.classify.verifier.holds import holder


def judge_power(host: Host) -> None:
    """M73: the power callbacks have run; what a driver holds now it holds across the transition. Told by driver."""
    held = [host.nbls[id_] for id_ in (*host.held, *host.held_flights) if id_ in host.nbls]
    holders = [(holder(host, nbl), nbl) for nbl in held]
    counts = Counter(found.name for (found, _), _ in holders if found is not None)
    told: set[str] = set()
    for (driver, line), nbl in holders:
        if driver is not None and driver.name not in told:
            told.add(driver.name)
            many = counts[driver.name]
            host.broken("M73", f"{driver.name} holds {many} NBL{'s' if many > 1 else ''} as the system leaves S0", nbl,
                        driver=driver, line=line)
