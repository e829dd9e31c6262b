"""What stands in the two WFP modules of each interface. Data only. Source: callouts-nbl-injection 3.6; CH-28."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.ndis.snapshot import NblId
from engine.ndis.status import Status

Handlers = tuple[bool, bool]
"""tx_handlers, rx_handlers."""

RUNNING, PAUSING, PAUSED, RESTARTING = "Running", "Pausing", "Paused", "Restarting"
DETACHED, ATTACHING = "Detached", "Attaching"


@dataclass(slots=True, eq=False)
class Module:
    """One lightweight filter module."""

    interface: int
    name: str
    """`802.3` or `native`."""
    state: str = RUNNING
    handlers: Handlers = (False, False)
    """Those it has now; a commit changes them at the restart."""
    status: int = int(Status.STATUS_NDIS_PAUSED)
    """What a send gets while the module does not run."""


@dataclass(slots=True)
class ModuleBook:
    """All modules of a run. Those that run as the policy wants need no entry."""

    handlers: dict[str, Handlers] = field(default_factory=lambda: {"802.3": (False, False), "native": (False, False)})
    """What the committed policy asks for, by module name (3.6)."""
    closed: dict[tuple[int, str], Module] = field(default_factory=dict)
    """Modules that are not Running, by interface index and name."""
    unplugged: dict[int, int] = field(default_factory=dict)
    """Interfaces without cable or adapter, and the Status that a send gets there."""
    doomed: dict[NblId, int | None] = field(default_factory=dict)
    """Injected NBLs in flight that complete with this Status; None: whose completion is lost."""

    def at(self, interface: int, name: str) -> Module | None:
        """The module, if it is not Running."""
        return self.closed.get((interface, name))
