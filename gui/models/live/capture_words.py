"""What the Capture panel says, as pairs of a name and a text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from engine.debugger.session import DebugSession
from gui.models.stack.traffic import short_number
from gui.widgets.text import thousands

RIGHTS = {"linux": "CAP_NET_RAW", "win32": "Npcap", "darwin": "BPF"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureMoment:
    """What is known beside the session."""

    is_live: bool
    running: bool
    seconds: float
    """How long frames have been running."""
    lost: int | None
    """What the system has dropped; None if it does not count it."""
    classified_rate: float | None
    """Frames classified a second, lately."""
    ran: int
    """Frames that have entered."""


def capture_facts(session: DebugSession, moment: CaptureMoment, platform: str) -> tuple[tuple[str, str], ...]:
    """Interface or file, rights, received, lost, classified, running."""
    rows = len(session.rows)
    behind = max(0, rows - moment.ran)
    rate = "–" if moment.classified_rate is None else f"{short_number(moment.classified_rate)} /s"
    state = f"{running_text(moment.seconds)}{'' if moment.running else ', resting'}"
    if moment.is_live:
        left = "none behind" if not behind else f"{thousands(behind)} behind"
        lost = "not counted here" if moment.lost is None else thousands(moment.lost)
        return (("Interface", session.source_name), ("Rights", RIGHTS.get(platform, "granted")),
                ("Received", thousands(rows)), ("Lost by kernel", lost), ("Classified", f"{rate} · {left}"),
                ("Running", state))
    left = "all of them" if not behind else f"{thousands(behind)} to come"
    return (("Capture", PurePath(session.source_name).name or "none"), ("Frames", thousands(rows)),
            ("Classified", f"{thousands(moment.ran)} · {left}"), ("Speed", rate), ("Running", state))


def running_text(seconds: float) -> str:
    """`4.2 s`, `14 min 22 s`, `2 h 5 min`."""
    whole = int(seconds)
    if whole < 60:
        return f"{seconds:.1f} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
