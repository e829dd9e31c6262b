"""What the window says of the session as a whole, and what F9 means where the user looks."""

from __future__ import annotations

from pathlib import Path

from engine import __version__
from engine.debugger.breakpoints import Breakpoint
from gui.models.stories import story_of
from gui.session_bridge import SessionBridge

ABOUT = (
    f"L2Scope {__version__}: a model of Windows' layer-2 filtering, not Windows itself. Each behaviour is documented, "
    "observed or chosen, and says so. GPL-2.0-or-later."
)


def breakpoint_in_focus(bridge: SessionBridge) -> Breakpoint | None:
    """On the filter in focus, else on the frame; None where there is neither."""
    session, focus = bridge.session, bridge.focus
    if session is None:
        return None
    if focus.filter is not None and focus.filter in session.policy.filter_by_id:
        return Breakpoint(kind="filter", filter=session.policy.filter_by_id[focus.filter].key)
    return Breakpoint(kind="frame", number=focus.frame) if focus.frame is not None else None


def titles(bridge: SessionBridge) -> tuple[str, str]:
    """The window's title, and the words beside the layouts: story or files, and whether edits wait."""
    session, policy = bridge.session, bridge.document.path
    if session is None:
        return "", ""
    source = Path(session.source_name).name or "no capture"
    if bridge.is_live:
        return source, "frames are only observed: the wire is not touched"
    story = story_of(bridge.capture)
    parts = [f"story: {story.title}" if story is not None else source]
    if policy is not None and story_of(policy) is None:
        parts.append(policy.name)
    if bridge.has_unapplied_edits:
        parts.append("edits not applied")
    return source, " · ".join(parts)
