"""Session files that are damaged or were made to do harm: one line, bounded memory, and nothing half opened."""

from __future__ import annotations

import contextlib
import json
import struct
import tempfile
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from engine.cli import main
from engine.errors import EngineError
from engine.sessions import archive
from engine.sessions.errors import SessionError
from engine.sessions.names import INDEX, STATES, STEPS, part_fault
from engine.sessions.packing import pack
from engine.sessions.references import follow
from engine.trace.chunks import ChunkError
from tests.builders.sessions import Sessions, members, records, save, written_anew


@pytest.fixture
def file(tmp_path: Path, disk: Sessions) -> Path:
    """A small session with a script."""
    path = tmp_path / "s.l2s"
    save(disk.story("absorb-clone-reinject", records=60), path, notes={"frames.marks": [1]})
    return path


def refusal(path: Path, disk: Sessions) -> str:
    """The one line that refuses a file; nothing of it stays on disk."""
    before = set(Path(tempfile.gettempdir()).iterdir())
    with pytest.raises(SessionError) as caught:
        disk.open(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert text.isprintable()
    assert "; " in text
    assert len(text) < 500
    assert set(Path(tempfile.gettempdir()).iterdir()) == before
    return text


def changed_manifest(path: Path, change: Any) -> Path:
    manifest = json.loads(members(path)["session.json"])
    change(manifest)
    return written_anew(path, {"session.json": json.dumps(manifest).encode()})


# --- damage ----------------------------------------------------------------------------------------------------------


def test_a_file_that_is_cut_anywhere_is_refused(file: Path, disk: Sessions) -> None:
    whole = file.read_bytes()
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        refusal(file, disk)
    for length in range(len(whole) - 40, len(whole)):
        file.write_bytes(whole[:length])
        refusal(file, disk)


def test_a_file_with_any_octet_changed_is_refused_or_is_as_it_was(file: Path, disk: Sessions) -> None:
    whole, chance = file.read_bytes(), Random(1)
    expected = records(disk.open(file))
    for place in sorted(chance.sample(range(len(whole)), 400)):
        file.write_bytes(whole[:place] + bytes((whole[place] ^ 1 << chance.randrange(8),)) + whole[place + 1:])
        with contextlib.suppress(EngineError):
            session = disk.open(file)
            assert records(session) == expected


def test_a_file_that_is_no_archive_is_refused(file: Path, disk: Sessions) -> None:
    for data in (b"", b"PK\x05\x06" + bytes(18), b"\x00" * 100_000, b"PK\x03\x04" * 9_999):
        file.write_bytes(data)
        refusal(file, disk)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path, disk: Sessions) -> None:
    assert "there is no such file" in refusal(tmp_path, disk)
    assert "there is no such file" in refusal(tmp_path / "missing.l2s", disk)


# --- the archive -----------------------------------------------------------------------------------------------------


def test_a_million_members_are_refused_in_little_memory(file: Path, disk: Sessions) -> None:
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0)
    directory = (entry + b"session.json") * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    file.write_bytes(directory + end)
    tracemalloc.start()
    try:
        told = refusal(file, disk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert told.startswith(f"{file}: its directory is longer than that of any session")
    assert peak < 8 << 20


def test_more_members_than_a_session_has_are_refused(file: Path, disk: Sessions) -> None:
    written_anew(file, {f"scripts/{n}.py": b"" for n in range(archive.MOST_MEMBERS + 1)})

    assert "members, which no session has" in refusal(file, disk)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("again", ["session.json", "scripts/a.py", "scripts/A.py"])
def test_a_member_that_is_there_twice_is_refused(again: str, file: Path, disk: Sessions) -> None:
    written_anew(file, {"scripts/a.py": b""})
    with zipfile.ZipFile(file, "a") as one:
        one.writestr(again, b"")

    assert "it is there twice" in refusal(file, disk)


@pytest.mark.parametrize("name", [
    "scripts/../../out.py", "scripts//etc/x.py", "scripts/a/../b.py", "scripts/C:/x.py", "scripts/a\\..\\b.py",
    "scripts/con.py", "scripts/x.py ", "scripts/\u202egnp.py", "scripts/", "../x", "/etc/passwd", "x.exe", "trace/x",
    "capture/../../x.pcap", "scripts/" + "a" * 500, "scripts/a\nb.py",
])
def test_a_member_that_leads_elsewhere_is_refused(name: str, file: Path, disk: Sessions) -> None:
    written_anew(file, {name: b"import os"})
    told = refusal(file, disk)

    assert told.startswith(f"{file}, member ")


def test_members_that_unfold_to_very_much_are_refused_in_bounded_memory(file: Path, disk: Sessions) -> None:
    for name in ("session.json", "notes.json", STEPS, INDEX, STATES, "trace/policy"):
        whole = file.read_bytes()
        written_anew(file, {name: b" " * (100 << 20)}, packing=zipfile.ZIP_DEFLATED)
        refusal(file, disk)
        file.write_bytes(whole)
    for name in (INDEX, STATES, "trace/policy"):
        whole = file.read_bytes()
        written_anew(file, {name: zlib.compress(b"\x90" * (200 << 20))})
        tracemalloc.start()
        told = refusal(file, disk)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert "unfolds to more than a session needs" in told
        assert peak < 128 << 20
        file.write_bytes(whole)


@pytest.mark.parametrize("name", ["session.json", "policy.json", INDEX, STATES, STEPS, "trace/policy",
                                  "capture/capture.pcapng"])
def test_a_file_without_a_member_is_refused(name: str, file: Path, disk: Sessions) -> None:
    if name.startswith("capture/"):  # the capture itself is looked for first
        changed_manifest(file, lambda one: one["source"].update(path=None))
    written_anew(file, {name: None})

    assert name in refusal(file, disk)


# --- what the members say --------------------------------------------------------------------------------------------


def test_a_newer_file_is_refused_by_its_version(file: Path, disk: Sessions) -> None:
    changed_manifest(file, lambda one: one.update(version=2, trace="something new"))

    assert refusal(file, disk) == (f"{file}, session.json $.version: the file has version 2, this program reads 1; "
                                   "open it with a newer L2Scope")


@pytest.mark.parametrize("change", [
    lambda one: one.update(format="zip"),
    lambda one: one.update(version=0),
    lambda one: one.update(seed="1"),
    lambda one: one.update(seed=2**80),
    lambda one: one["trace"].update(records=-1),
    lambda one: one["trace"].update(records=61),
    lambda one: one["trace"].update(records=2**61),
    lambda one: one["position"].update(cursor=-5),
    lambda one: one["source"].update(held="all"),
    lambda one: one["source"].update(local_macs=["zz"]),
    lambda one: one["source"].update(path=None, held_name="../x"),
    lambda one: one["policy"].update(name="../../x.json"),
    lambda one: one["policy"].update(folder=".."),
    lambda one: one.update(options={"no_such": "1"}),
    lambda one: one.update(options={"mtu": "fast"}),
    lambda one: one.update(breakpoints=[{"kind": "line", "script": "a", "line": 1, "condition": "import os"}]),
    lambda one: one.update(breakpoints=[{"number": 3}]),
])
def test_a_manifest_that_lies_is_refused(change: Any, file: Path, disk: Sessions) -> None:
    changed_manifest(file, change)
    refusal(file, disk)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"null", b"{}", b"[1]",
                                  b'{"a": NaN}', b'{"a":1,"a":2}', b'"' + b"x" * 100])
@pytest.mark.parametrize("name", ["session.json", "policy.json", "notes.json"])
def test_json_of_another_kind_is_refused(name: str, data: bytes, file: Path, disk: Sessions) -> None:
    if (name, data) == ("notes.json", b"{}"):
        return
    written_anew(file, {name: data})
    refusal(file, disk)


def test_steps_that_another_version_has_recorded_and_this_cannot_read_name_that_version(
    file: Path, disk: Sessions
) -> None:
    changed_manifest(file, lambda one: one.update(engine="9.9"))
    steps = zlib.decompress(members(file)[STEPS]).replace(b"FrameEntered", b"FrameArrived")
    packed = zlib.compress(steps, 1)
    index = msgspec.msgpack.decode(zlib.decompress(members(file)[INDEX]))
    written_anew(file, {STEPS: packed, INDEX: pack(index | {"lengths": struct.pack("<I", len(packed))})})
    told = refusal(file, disk)

    assert "FrameArrived" in told
    assert "it was saved by L2Scope '9.9', this is " in told


def index_of(lengths: list[int], frames: list[int], counts: list[int]) -> bytes:
    return pack({"lengths": struct.pack(f"<{len(lengths)}I", *lengths),
                 "frames": struct.pack(f"<{len(frames)}Q", *frames),
                 "counts": struct.pack(f"<{len(counts)}Q", *counts)})


@pytest.mark.parametrize("index", [
    index_of([], [1], [60]), index_of([1], [1], [60]), index_of([2**31], [1], [60]), index_of([500, 500], [1], [60]),
    index_of([4], [1], [2**63]), index_of([4], [2**63], [60]), index_of([4], [1], [0]), index_of([4], [1, 2], [60]),
    pack({"lengths": b"123", "frames": b"1", "counts": b""}), pack([1]), b"", zlib.compress(b"\xdd\xff\xff\xff\xff"),
])
def test_an_index_that_lies_is_refused(index: bytes, file: Path, disk: Sessions) -> None:
    written_anew(file, {INDEX: index})
    refusal(file, disk)


def test_states_that_lie_are_refused(file: Path, disk: Sessions) -> None:
    state = {"outcome": "sent"}
    for numbers, of in (([1], [1]), ([1, 2], [0]), ([2**63], [0]), ([n * 5000 for n in range(5000)], [0] * 5000)):
        written_anew(file, {STATES: pack({"kinds": [state], "numbers": struct.pack(f"<{len(numbers)}Q", *numbers),
                                          "of": struct.pack(f"<{len(of)}I", *of)})})
        refusal(file, disk)


def test_committed_objects_that_do_not_fit_together_are_refused(file: Path, disk: Sessions) -> None:
    whole = members(file)["trace/policy"]
    for change in (lambda one: one["filters"][0].update(layer_id=1), lambda one: one["sublayers"].clear(),
                   lambda one: one.update(ids=[5]), lambda one: one["filters"][0].update(effective_weight="heavy"),
                   lambda one: one["layers"].update({56: [["{no}", [1]]]})):
        plain = msgspec.msgpack.decode(zlib.decompress(whole), strict=False)
        plain["filters"][0]["conditions"] = [["ETHER_TYPE", 2, 0, {"type": 2, "value": 1}, None]]
        change(plain)
        written_anew(file, {"trace/policy": zlib.compress(msgspec.msgpack.encode(plain))})
        refusal(file, disk)


def test_a_damaged_chunk_in_the_middle_is_told_when_it_is_looked_at(tmp_path: Path, disk: Sessions) -> None:
    file = tmp_path / "long.l2s"
    session = disk.story("absorb-clone-reinject")
    assert len(session.trace) > 2048
    save(session, file)
    steps = bytearray(members(file)[STEPS])
    steps[1000] ^= 0xFF
    written_anew(file, {STEPS: bytes(steps)})
    again = disk.open(file)

    assert again.trace[2100] == session.trace[2100]
    with pytest.raises(ChunkError, match=r"trace, event 0: "):
        again.trace[5]


# --- what a file may not make the program do -------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["/etc/passwd", "C:/x", "C:x", "\\\\host\\share\\x", "//host/share/x", "a\\b", "",
                                 "x\n", "file:///etc/passwd"])
def test_only_relative_ways_are_followed(way: str, tmp_path: Path) -> None:
    assert follow(way, tmp_path / "s.l2s") is None


def test_whole_paths_are_followed_only_in_copies_of_our_own(file: Path, disk: Sessions, tmp_path: Path) -> None:
    other = tmp_path / "other.pcapng"
    other.write_bytes(members(file)["capture/capture.pcapng"])
    changed_manifest(file, lambda one: (one["source"].update(path=None), one.update(kept={"capture": str(other)})))
    opened = disk.read(file)

    assert opened.capture is not None
    assert opened.capture != other
    assert opened.has(opened.capture)


def test_no_script_runs_when_a_session_is_opened_or_reported(file: Path, disk: Sessions, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    script = next(name for name in members(file) if name.startswith("scripts/"))
    written_anew(file, {script: f"open({str(trap)!r}, 'w')\nraise SystemExit".encode()})
    disk.open(file)
    disk.open(file, trusted=False)

    assert main(["report", str(file), "-o", str(tmp_path / "r.html"), "--quiet"]) == 0
    assert not trap.exists()


@pytest.mark.parametrize(("name", "is_good"), [("a.py", True), ("ü.py", True), ("a b.py", True), ("NUL.txt", False),
                                               ("com1", False), ("a.", False), ("a:b", False), ("..", False)])
def test_names_are_such_as_every_system_has(name: str, is_good: bool) -> None:
    assert (part_fault(name) is None) == is_good
