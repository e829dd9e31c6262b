"""What the window says of the session as a whole."""

from __future__ import annotations

from pathlib import Path

from engine import __version__
from gui.models.stories import story_of
from gui.session_bridge import SessionBridge

ABOUT = (
    f"L2Scope {__version__}: a model of Windows' layer-2 filtering, not Windows itself. Each behaviour is documented, "
    "observed or chosen, and says so. GPL-2.0-or-later."
)


def titles(bridge: SessionBridge) -> tuple[str, str]:
    """The window's title, and the words beside the layouts: story or files, and whether edits wait."""
    session, policy = bridge.session, bridge.document.path
    if session is None:
        return "", ""
    source = Path(session.source_name).name or "no capture"
    file = bridge.sessions.file
    title = file.name if file is not None else source
    if bridge.is_live:
        return title, "frames are only observed: the wire is not touched"
    story = story_of(bridge.capture)
    parts = [f"● {title}" if bridge.sessions.is_changed else title] if file is not None else []
    parts += [f"story: {story.title}" if story is not None else source]
    if policy is not None and story_of(policy) is None and not bridge.sessions.is_inside:
        parts.append(policy.name)
    if bridge.has_unapplied_edits:
        parts.append("edits not applied")
    return title, " · ".join(parts)
