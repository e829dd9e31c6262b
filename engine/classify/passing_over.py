"""Whether frames that meet no callout may be left out of a run without a difference to those that do.

Source: design, "Two ways through the engine, one answer".
"""

from __future__ import annotations

from engine.classify.host import Host
from engine.frames.frame import Interface
from engine.wfp.types import Guid


class PassingOver:
    """A view of one run, for callers that settle plain frames in another way."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._began = host.policy, self.registered_callouts

    @property
    def registered_callouts(self) -> frozenset[Guid]:
        return frozenset(self._host.callout_drivers)

    def begin(self) -> None:
        """The engine has started: from here on nothing that decides about plain frames may change."""
        self._began = self._host.policy, self.registered_callouts

    @property
    def is_quiet(self) -> bool:
        """Nothing is under way, and what decides about plain frames is as it was."""
        host = self._host
        return (not host.queue and host.stopped is None and not any(host.ledger.holds) and len(host.lineages) == 1
                and self._began == (host.policy, self.registered_callouts))

    def meet(self, interface: Interface) -> None:
        """A frame that is left out was seen on this interface."""
        self._host.interfaces[interface.index] = interface
