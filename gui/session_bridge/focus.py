"""What the user looks at, in one place for all views, and where the user has been."""

from __future__ import annotations

from dataclasses import dataclass

from engine.ndis.snapshot import NblId
from engine.wfp.types import FilterId


@dataclass(frozen=True, slots=True)
class Focus:
    """The one focus: any view sets it, all follow."""

    frame: int | None = None
    """Frame number."""
    nbl: NblId | None = None
    """`frame.copy`."""
    filter: FilterId | None = None
    bytes: tuple[int, int] | None = None
    """[start, end) in the frame's bytes, from the MAC header on."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A focus and how many records were shown with it."""

    focus: Focus
    cursor: int


class VisitHistory:
    """Where the user has been, for Alt+← and Alt+→. Single steps are no visits: step back is for those."""

    LIMIT = 200

    def __init__(self) -> None:
        self._visits: list[Visit] = []
        self._place = -1

    @property
    def can_go_back(self) -> bool:
        return self._place > 0

    @property
    def can_go_forward(self) -> bool:
        return self._place < len(self._visits) - 1

    def leave(self, here: Visit) -> None:
        """Remember where the user stands, before a jump."""
        if self._place >= 0 and self._visits[self._place] == here:
            return
        del self._visits[self._place + 1 :]
        self._visits.append(here)
        del self._visits[: -self.LIMIT]
        self._place = len(self._visits) - 1

    def arrive(self, there: Visit) -> None:
        """Remember where the jump led."""
        self.leave(there)

    def back(self) -> Visit | None:
        if not self.can_go_back:
            return None
        self._place -= 1
        return self._visits[self._place]

    def forward(self) -> Visit | None:
        if not self.can_go_forward:
            return None
        self._place += 1
        return self._visits[self._place]

    def clear(self) -> None:
        self._visits.clear()
        self._place = -1
