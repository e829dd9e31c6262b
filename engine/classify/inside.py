"""The machine goes on while a driver's function runs: a call that waits, or that changes the policy."""

from __future__ import annotations

from engine.classify.host import Host, Stamped, Steps, T


def inside(host: Host, steps: Steps[T]) -> T:
    """Run steps to their end; their events stand behind those of the running function so far, and go out with them."""
    passed: list[Stamped] = host.pending
    host.pending = []
    try:
        while True:
            try:
                event = next(steps)
            except StopIteration as end:
                found: T = end.value
                return found
            passed.append((event, host.frame, host.now_ns, host.irql))
    finally:
        host.pending = passed + host.pending
