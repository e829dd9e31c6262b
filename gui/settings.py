"""Every setting of the window, and what the window remembers from run to run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, cast

from PySide6.QtCore import QByteArray, QSettings

OWN_SESSIONS = 500
"""Sessions that were saved here and are known again."""

ThemeSetting = Literal["system", "dark", "light"]
DensitySetting = Literal["compact", "normal", "touch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user can choose; `HELP` says of each what it is, its unit and its choices."""

    theme: ThemeSetting = "system"
    density: DensitySetting = "normal"
    reduced_motion: bool = False
    batch_records: int = 5000
    recent_files: int = 12
    trace_memory_mb: int = 512
    trace_file_mb: int = 4096
    stuck_call_s: int = 30


@dataclass(frozen=True, slots=True)
class SettingHelp:
    text: str
    unit: str = ""
    choices: tuple[str, ...] = ()


HELP = {
    "theme": SettingHelp("Colours of the window.", choices=("system", "dark", "light")),
    "density": SettingHelp("Height of the rows of tables.", choices=("compact", "normal", "touch")),
    "reduced_motion": SettingHelp("Nothing moves by itself."),
    "batch_records": SettingHelp("What the engine makes before the window draws again.", "records"),
    "recent_files": SettingHelp("What the menu of recent files remembers.", "files"),
    "trace_memory_mb": SettingHelp("Memory for the steps of a session; older ones go into a temporary file, and "
                                   "with the session into the file that it is saved to.", "MiB"),
    "trace_file_mb": SettingHelp("What that file may take; behind it only the outcomes of frames are kept.", "MiB"),
    "stuck_call_s": SettingHelp(
        "A call of a callout script that has not returned for so long, and that nothing can stop, ends the window; it "
        "is started anew, without its scripts.", "seconds"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentFile:
    """A file that was open before."""

    path: Path
    pinned: bool = False

    @property
    def is_missing(self) -> bool:
        return not self.path.exists()


class Store:
    """Reads and writes settings, layouts, recent files and the scripts that the user trusts."""

    def __init__(self) -> None:
        self._file = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "l2scope", "l2scope")

    def settings(self) -> Settings:
        """The stored settings; a value that does not fit (edited by hand, from another version) is its default."""
        found: dict[str, Any] = {}
        for each in fields(Settings):
            text = self._file.value(f"settings/{each.name}")
            value = _parsed(text, each.default, HELP[each.name].choices)
            if value is not None:
                found[each.name] = value
        return replace(Settings(), **found)

    def set_setting(self, name: str, value: object) -> None:
        assert name in {each.name for each in fields(Settings)}, name
        self._file.setValue(f"settings/{name}", value)

    def recent_files(self) -> list[RecentFile]:
        """Pinned files first, each group with the latest first."""
        pinned = {*self._strings("recent/pinned")}
        files = [RecentFile(path=Path(text), pinned=text in pinned) for text in self._strings("recent/files")]
        return sorted(files, key=lambda each: not each.pinned)

    def add_recent(self, path: Path) -> None:
        limit = self.settings().recent_files
        pinned = {*self._strings("recent/pinned")}
        texts = [str(path), *(text for text in self._strings("recent/files") if text != str(path))]
        loose = [text for text in texts if text not in pinned][:limit]
        self._file.setValue("recent/files", [text for text in texts if text in pinned or text in loose])

    def forget_recent(self) -> None:
        """Forget all that is not pinned."""
        self._file.setValue("recent/files", self._strings("recent/pinned"))

    def set_pinned(self, path: Path, pinned: bool) -> None:
        others = [text for text in self._strings("recent/pinned") if text != str(path)]
        self._file.setValue("recent/pinned", [*others, str(path)] if pinned else others)

    def is_trusted(self, digest: str) -> bool:
        return digest in self._strings("trust/sha256")

    def trust(self, digest: str) -> None:
        if not self.is_trusted(digest):
            self._file.setValue("trust/sha256", [*self._strings("trust/sha256"), digest])

    def is_own_session(self, mark: str) -> bool:
        """Whether a session file with this mark was saved here, with scripts that were trusted."""
        return mark in self._strings("sessions/own")

    def add_own_session(self, mark: str) -> None:
        marks = [one for one in self._strings("sessions/own") if one != mark]
        self._file.setValue("sessions/own", [*marks, mark][-OWN_SESSIONS:])

    def layout(self, name: str) -> QByteArray | None:
        """The stored state of the window's docks in one layout, as `QMainWindow.saveState` gave it."""
        return self._bytes(f"layout/{name}")

    def set_layout(self, name: str, state: QByteArray) -> None:
        self._file.setValue(f"layout/{name}", state)

    def forget_layouts(self) -> None:
        self._file.remove("layout")

    def header(self, name: str) -> QByteArray | None:
        """The stored columns of a table, as `QHeaderView.saveState` gave them."""
        return self._bytes(f"header/{name}")

    def set_header(self, name: str, state: QByteArray) -> None:
        self._file.setValue(f"header/{name}", state)

    def plain(self, name: str) -> Any:
        """A JSON value that `set_plain` stored; None if there is none, or nothing that can be read."""
        text = self._file.value(f"plain/{name}")
        try:
            return json.loads(text) if isinstance(text, str) else None
        except (ValueError, RecursionError):
            return None

    def set_plain(self, name: str, value: Any) -> None:
        """Store a JSON value: what a view remembers from run to run. Whoever reads it checks it."""
        self._file.setValue(f"plain/{name}", json.dumps(value))

    def geometry(self) -> QByteArray | None:
        return self._bytes("window/geometry")

    def set_geometry(self, geometry: QByteArray) -> None:
        self._file.setValue("window/geometry", geometry)

    def draft_file(self) -> Path:
        """Where edits that are in no file wait for the next start."""
        return Path(self._file.fileName()).with_name("draft.json")

    def draft_of(self) -> Path | None:
        """The policy that the draft was made from; `Path()` for one that had no file, None without a draft."""
        text = self._file.value("draft/of")
        return None if text is None else Path(str(text))

    def set_draft_of(self, path: Path | None) -> None:
        if path is None:
            self._file.remove("draft")
        else:
            self._file.setValue("draft/of", str(path))

    def clear(self) -> None:
        """Forget everything."""
        self._file.clear()

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._file.value(key)
        return value if isinstance(value, QByteArray) else None

    def _strings(self, key: str) -> list[str]:
        value = self._file.value(key)
        if value is None or value == "":
            return []
        # An INI file keeps a list of one as a plain string.
        return (
            [value] if isinstance(value, str) else [text for text in cast("list[Any]", value) if isinstance(text, str)]
        )


def digest_of(paths: list[Path]) -> str:
    """SHA-256 over the files in order, names left out: a moved folder is the same policy. Raises OSError."""
    total = hashlib.sha256()
    for path in paths:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _parsed(text: object, default: object, choices: tuple[str, ...]) -> object | None:
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(str(text).lower())
    if isinstance(default, int):
        digits = str(text)
        return int(digits) if digits.isdecimal() and 0 < int(digits) < 1_000_000 else None
    return text if text in choices else None
