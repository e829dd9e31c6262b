"""The compiled kernels of the bulk path: the first time on a machine they are compiled, and the user is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.debugger.frames.capture_reading import LARGE_BYTES, LARGE_PACKED_BYTES
from engine.frames.capture import CaptureFile

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

COMPILING = "Compiling the kernels for large captures, once on this machine. It takes some seconds."


async def prepare_kernels(bridge: SessionBridge, source: object) -> None:
    """Have the kernels ready before a large capture is read by them."""
    if not isinstance(source, CaptureFile) or not source.is_file:
        return
    least_bytes = LARGE_PACKED_BYTES if source.is_compressed else LARGE_BYTES
    if source.path.stat().st_size < least_bytes:
        return
    from engine.bulk.kernel import calls  # takes a moment to load

    if calls.must_compile():
        bridge.message.emit("info", COMPILING)
        await bridge.worker.call(calls.load)
