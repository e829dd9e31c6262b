"""Frames of a live interface, pulled in batches and never waited for."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Self

from engine.errors import LiveError
from engine.frames.capture import SourceOptions
from engine.frames.devices import Device, devices, missing_rights
from engine.frames.frame import Frame, Interface
from engine.frames.frame_maker import FrameMaker
from engine.frames.listeners import Listener, Received, listen
from engine.frames.locality import Locality
from engine.frames.record import Record, SourceInterface

_BATCH_FRAMES = 256
_WAIT_SECONDS = 0.1


class LiveSource:
    """An interface of this machine as a source of frames. Raises LiveError if it cannot be listened on."""

    def __init__(self, name: str, options: SourceOptions | None = None, *, is_promiscuous: bool = False) -> None:
        self.name = name
        self._options = options or SourceOptions()
        device = _device(name)
        self._listener: Listener | None = _opened(name, is_promiscuous=is_promiscuous)
        link_type = self._listener.link_type
        self._source = SourceInterface(
            link_type=link_type, name=name, description=device.description, mac=device.mac)
        self._maker = FrameMaker(Locality([], [], self._options.local_macs), self._options.direction)
        self._maker.meet([self._source], first_index=device.index)
        self._count = 0

    @property
    def interface(self) -> Interface:
        return self._maker.interfaces[0]

    @property
    def lost(self) -> int | None:
        """Frames that the system has dropped because nobody took them; None if it does not count them."""
        return None if self._listener is None else self._listener.lost()

    def poll(self, limit: int = _BATCH_FRAMES) -> list[Frame]:
        """Return at most `limit` frames that have arrived; an empty list if none have. Raises LiveError."""
        frames: list[Frame] = []
        try:
            while self._listener is not None and len(frames) < limit:
                received = self._listener.receive()
                if received is None:
                    break
                frames.append(self._frame(received))
        except OSError as error:
            if frames:
                return frames  # the next call meets the same error
            raise _gone(self.name, error) from None
        return frames

    def wait(self, seconds: float = _WAIT_SECONDS) -> None:
        """Return when a frame may have arrived, or the time is up. Raises LiveError."""
        if self._listener is None:
            return
        try:
            self._listener.wait(seconds)
        except OSError as error:
            raise _gone(self.name, error) from None

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames as they arrive, until `close`. Raises LiveError."""
        while self._listener is not None:
            yield from self.poll()
            self.wait()

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _frame(self, received: Received) -> Frame:
        data, time_ns, direction = received
        self._count += 1
        record = Record(0, 0, time_ns, data, len(data), direction=direction)
        return self._maker.frame(self._count, record, self._source)


def _device(name: str) -> Device:
    found = {device.name: device for device in devices()}
    if name not in found:
        raise LiveError(name, "there is none of this name", f"name one of {', '.join(found) or '(none found)'}")
    return found[name]


def _opened(name: str, *, is_promiscuous: bool) -> Listener:
    if missing := missing_rights():
        raise LiveError(name, *missing)
    try:
        return listen(name, is_promiscuous=is_promiscuous)
    except OSError as error:
        raise _gone(name, error) from None


def _gone(name: str, error: OSError) -> LiveError:
    if error.errno in {errno.ENETDOWN, errno.ENODEV, errno.ENXIO}:
        return LiveError(name, "it is down or has been removed", "bring it up and start again")
    return LiveError(name, error.strerror or str(error), "check the interface and start again")
