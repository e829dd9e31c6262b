"""Compiled kernels: kept on disk, checked before they are used, and compiled again where nothing can be kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.bulk.kernel import calls, store


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path / "deep" / "kernels")
    monkeypatch.setattr(store, "resource_root", lambda: tmp_path / "resources")
    return tmp_path / "deep" / "kernels"


def test_what_was_kept_is_found_again(folder: Path) -> None:
    assert store.kept() is None
    assert calls.must_compile()

    store.keep(b"machine code")

    assert store.kept() == b"machine code"
    assert not calls.must_compile()
    assert [path.name for path in folder.iterdir()] == [store.file_name()]


@pytest.mark.parametrize("spoilt", [b"", b"short", b"x" * 200])
def test_a_file_that_is_damaged_or_cut_off_is_not_used(folder: Path, spoilt: bytes) -> None:
    store.keep(b"machine code")
    (folder / store.file_name()).write_bytes(spoilt)
    assert store.kept() is None


@pytest.mark.skipif(sys.platform == "win32", reason="rights are another matter there")
@pytest.mark.parametrize("place", ["file", "folder"])
def test_what_others_can_write_is_not_used(folder: Path, place: str) -> None:
    store.keep(b"machine code")
    (folder / store.file_name() if place == "file" else folder).chmod(0o777)
    assert store.kept() is None


def test_what_came_with_the_program_goes_first(folder: Path, tmp_path: Path) -> None:
    store.keep(b"kept")
    shipped = tmp_path / "resources" / "kernels"
    shipped.mkdir(parents=True)
    store.write(shipped / store.file_name(), b"shipped")
    assert store.shipped() == b"shipped"
    assert not calls.must_compile()


def test_where_nothing_can_be_written_nothing_is_kept_and_nobody_minds(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("a file in the way")
    store.keep(b"machine code")
    assert store.kept() is None


def test_other_source_has_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = store.file_name()
    other = tmp_path / "other.py"
    other.write_text("changed")
    monkeypatch.setattr(store, "_SOURCES", (*store._SOURCES, str(other)))
    assert store.file_name() != before


def test_kept_kernels_are_called_without_numba() -> None:
    calls.load()
    program = ("import sys; from engine.bulk.kernel import calls; "
               "print(calls.header_words(bytes(12) + bytes([8, 6]) + bytes(50), 0), 'numba' in sys.modules)")
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert told.stdout.split()[-1] == "False"
    assert str(calls.header_words(bytes(12) + bytes([8, 6]) + bytes(50), 0)) in told.stdout


def test_kernels_are_compiled_where_there_are_none(folder: Path) -> None:
    calls.load.cache_clear()
    try:
        assert calls.header_words(bytes(12) + bytes([8, 6]) + bytes(50), 7)[0] == 0x0806 << 48
        assert (folder / store.file_name()).is_file()
    finally:
        calls.load.cache_clear()
