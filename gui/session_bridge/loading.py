"""Sources and policies come and go; captures are read through; reports are written."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from engine.debugger.session import DebugSession, StepKind
from engine.errors import EngineError
from engine.frames.live import LiveSource
from engine.report.write import write_report
from engine.wfp.apply import check_document
from engine.wfp.document import PolicyDocument
from engine.wfp.policy_file import load_policy, save_policy
from gui.session_bridge.offer import Offer
from gui.session_bridge.opening import sort_files
from gui.session_bridge.trust import Trust
from gui.session_bridge.turns import Rank

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

INDEX_FRAMES = 4000
SEED = 1


class Loader:
    """Makes sessions for one bridge. Each method is a wish that has its turn."""

    def __init__(self, bridge: SessionBridge) -> None:
        self._bridge = bridge
        self._trust = Trust(bridge.store)
        self._live: LiveSource | None = None
        self._cancelled = False
        self.capture: Path | None = None
        self.index_seconds: float | None = None

    @property
    def is_live(self) -> bool:
        return self._live is not None

    def cancel(self) -> None:
        self._cancelled = True

    async def open(self, paths: list[Path]) -> None:
        """A capture, a policy, or both; what is not named stays."""
        bridge, call = self._bridge, self._bridge.worker.call
        bridge.progress.emit("Opening", 0, 0)
        try:
            wanted = await call(sort_files, paths)
            document = bridge.applied
            if wanted.policy is not None:
                document = await call(load_policy, wanted.policy)
            await self._replace(wanted.capture or self.capture, document)
        finally:
            bridge.progress.emit("Opening", 1, 1)
        for path in (wanted.capture, wanted.policy):
            if path is not None:
                bridge.store.add_recent(path.resolve())

    async def leave(self) -> None:
        await self._end_live()
        self.capture = None
        await self._show(None, self._bridge.applied)

    async def _replace(self, capture: Path | None, document: PolicyDocument) -> None:
        session = await self._make(capture, document)
        await self._end_live()
        self.capture = capture
        await self._show(session, document)
