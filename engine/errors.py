"""What can be wrong with the input: one line that names the file, the place in it and the remedy."""

from __future__ import annotations

from pathlib import Path


class EngineError(Exception):
    """The input cannot be used. `str()` of it is one line fit for a user: file, place, reason, remedy."""


class CaptureError(EngineError):
    """A capture cannot be read further.

    `offset_bytes` is the position in the (decompressed) file of the first byte that cannot be understood.
    """

    def __init__(self, path: Path | str, offset_bytes: int, reason: str, remedy: str) -> None:
        self.path, self.offset_bytes, self.reason, self.remedy = str(path), offset_bytes, reason, remedy
        super().__init__(f"{path}, byte {offset_bytes}: {reason}; {remedy}")


class PolicyError(EngineError):
    """A policy file cannot be used; `place` is a JSON path such as `$.filters[3].weight.value`."""

    def __init__(self, path: Path | str, place: str, reason: str, remedy: str) -> None:
        self.path, self.place, self.reason, self.remedy = str(path), place, reason, remedy
        super().__init__(f"{path}, {place}: {reason}; {remedy}")


class OptionError(EngineError):
    """An engine option or a command-line argument cannot be used."""

    def __init__(self, name: str, reason: str, remedy: str) -> None:
        self.name, self.reason, self.remedy = name, reason, remedy
        super().__init__(f"{name}: {reason}; {remedy}")


class LiveError(EngineError):
    """A live interface cannot be used, or not any longer."""

    def __init__(self, interface: str, reason: str, remedy: str) -> None:
        self.interface, self.reason, self.remedy = interface, reason, remedy
        super().__init__(f"interface {interface}: {reason}; {remedy}")
