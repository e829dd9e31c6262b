"""Where a run can be failed: each use of a call that may fail, by the way through the driver's script."""

from __future__ import annotations

from collections.abc import Sequence

from engine.classify.adversity.calls import ALLOCATIONS, COMPLETION, INJECTIONS, REGISTRATIONS, SETUP
from engine.classify.adversity.faults import Faults, Place, call_rule
from engine.classify.call_path import call_path
from engine.classify.host import Host
from engine.explore.case import Rule
from engine.explore.discovery import Site
from engine.ndis.status import Status

STATUSES: dict[str, tuple[int, ...]] = {
    **dict.fromkeys((*SETUP, *ALLOCATIONS, *REGISTRATIONS), (Status.STATUS_INSUFFICIENT_RESOURCES,)),
    **dict.fromkeys(INJECTIONS, (Status.STATUS_FWP_TCPIP_NOT_READY,)),
    COMPLETION: (0xC001000D, 0x80000005, 0x00000103),
}
"""With what each call is failed: a completion also with a warning, and with a success that is not STATUS_SUCCESS."""


class SiteFaults(Faults):
    """Fault rules that note where each call is used for the first time on its way."""

    def __init__(self, rules: Sequence[Rule], seed: int) -> None:
        super().__init__(rules, seed)
        self.asked |= set(STATUSES)
        self.sites: dict[Site, tuple[Rule, ...]] = {}
        """Each site with the rules that fail its first use, one for each status."""
        self._host: Host | None = None
        self._ways: dict[int, Site] = {}
        """Of each injection: from where it was made."""
        self._completing = 0

    def attend(self, place: Place) -> None:
        super().attend(place)
        if isinstance(place, Host):
            self._host = place

    def completion_status(self, frame: int, injection: int) -> int | None:
        self._completing = injection
        return super().completion_status(frame, injection)

    def used(self, call: str, frame: int, nth: int) -> None:
        host = self._host
        if call not in STATUSES or host is None:
            return
        if call == COMPLETION:
            made = self._ways.get(self._completing)
            if made is None:
                return
            site = Site(call, made.driver, made.path)
        else:
            driver = host.driver
            site = Site(call, "") if driver is None else Site(call, driver.name, call_path(driver))
            if call in INJECTIONS:
                self._ways[host.next_injection] = site
        if site not in self.sites:
            self.sites[site] = tuple(call_rule(call, frame, nth, int(status)) for status in STATUSES[call])
