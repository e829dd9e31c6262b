"""What the user writes to disk: the policy, and the report of the session."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from engine.frames.pcapng_blocks import SUFFIX
from engine.report.of_session import report_of_session
from engine.report.session_report import check_report, write_report
from engine.wfp.policy_file import save_policy
from gui.session_bridge.frames.export import write_frames
from gui.session_bridge.offer import Offer

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


async def save_edited_policy(bridge: SessionBridge, path: Path) -> None:
    """Write the edited policy; its scripts stay where they are, so another folder is worth a word."""
    document = bridge.document
    saved = await bridge.worker.call(save_policy, document, path)
    bridge.renamed(saved)
    bridge.store.add_recent(path.resolve())
    moved = document.path is not None and document.path.resolve().parent != path.resolve().parent
    scripts = sorted({callout.script for callout in document.callouts if callout.script})
    if moved and scripts:
        bridge.message.emit("warn", f"{path.name} is saved; copy its scripts beside it: {', '.join(scripts)}")
    else:
        bridge.message.emit("info", f"{path.name} is saved.")


async def write_session_report(bridge: SessionBridge, path: Path) -> None:
    """Write the report of what has run so far; the suffix names the format."""
    session = bridge.session
    if session is None:
        return
    if path.suffix.lower() == SUFFIX and bridge.capture is not None:
        await write_frames(bridge, path, None, annotated=True)
        return
    bridge.progress.emit("Writing the report", 0, 0)
    try:
        await bridge.worker.call(check_report, str(path))
        report = await bridge.worker.call(report_of_session, session)
        if bridge.turns.is_cancelled:
            bridge.message.emit("info", f"{path.name} was not written: cancelled.")
            return
        await bridge.worker.call(write_report, str(path), report)
    finally:
        bridge.progress.emit("Writing the report", 1, 1)
    folder = QUrl.fromLocalFile(str(path.resolve().parent))
    bridge.say(Offer("info", f"The report is {path}", "Open folder", partial(_open_folder, folder)))


def _open_folder(folder: QUrl) -> None:
    QDesktopServices.openUrl(folder)
