"""A live interface, over a pair of virtual ones in a network namespace of their own."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus import REPOSITORY


def _has_namespaces() -> bool:
    return (
        sys.platform == "linux"
        and os.geteuid() == 0
        and all(map(shutil.which, ("ip", "unshare")))
        and (subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode == 0)
    )


needs_namespace = pytest.mark.skipif(not _has_namespaces(), reason="a network namespace needs Linux, root and iproute2")

_SETUP = """
set -e
ip link add a0 type veth peer name b0
for each in a0 b0; do ip link set $each addrgenmode none up; done
ip link set a0 address 02:00:00:00:00:0a
exec "$0" "$1"
"""

_PROLOGUE = """
import socket, subprocess
from engine.errors import LiveError
from engine.frames.capture import SourceOptions
from engine.frames.frame import Direction, MacAddress
from engine.frames.live import LiveSource

A, B = bytes.fromhex("02000000000a"), bytes.fromhex("02000000000b")

def sender(name):
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    opened.bind((name, 0))
    return opened

def gather(source, count):
    frames = []
    for _ in range(50):
        frames += source.poll()
        if len(frames) >= count:
            break
        source.wait(0.1)
    return frames
"""


def in_namespace(tmp_path: Path, body: str) -> None:
    """Run a script where the interfaces a0 and b0 are joined by a wire; its assertions are the test's."""
    script = tmp_path / "script.py"
    script.write_text(_PROLOGUE + body, encoding="utf-8")
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", _SETUP, sys.executable, str(script)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


@needs_namespace
def test_frames_come_with_their_direction_and_time(tmp_path):
    in_namespace(
        tmp_path,
        """
with LiveSource("a0") as source:
    assert source.poll() == []
    sent, received = B + A + b"\\x08\\x06" + bytes(46), A + B + b"\\x81\\x00\\x60\\x14\\x08\\x00" + bytes(46)
    sender("a0").send(sent)
    sender("b0").send(received)
    frames = gather(source, 2)
    assert [(f.number, f.data, f.direction.value, f.direction_from.value) for f in frames] == [
        (1, sent, "outbound", "epb_flags"), (2, received, "inbound", "epb_flags")], frames
    assert source.interface.mac == A and source.interface.index == socket.if_nametoindex("a0")
    assert frames[0].time_ns > 1_600_000_000 * 10**9 and frames[1].skip_reason is None
    assert source.lost == 0
""",
    )


@needs_namespace
def test_options_outdo_what_the_system_tells(tmp_path):
    in_namespace(
        tmp_path,
        """
forced = LiveSource("a0", SourceOptions(direction=Direction.OUTBOUND))
told = LiveSource("a0", SourceOptions(local_macs=(MacAddress(B),)))
sender("b0").send(A + B + b"\\x08\\x00" + bytes(46))
assert [f.direction_from.value for f in gather(forced, 1)] == ["option"]
assert [(f.direction.value, f.direction_from.value) for f in gather(told, 1)] == [("outbound", "local_mac")]
forced.close(); told.close(); told.close()
assert told.poll() == []
""",
    )


@needs_namespace
def test_an_interface_that_goes_down_or_is_none_is_one_clear_line(tmp_path):
    in_namespace(
        tmp_path,
        """
source = LiveSource("a0")
subprocess.run(["ip", "link", "set", "a0", "down"], check=True)
try:
    gather(source, 1)
    raise SystemExit("not noticed")
except LiveError as error:
    assert str(error) == "interface a0: it is down or has been removed; bring it up and start again", error
source.close()
try:
    LiveSource("nosuch")
    raise SystemExit("not noticed")
except LiveError as error:
    assert str(error).startswith("interface nosuch: there is none of this name; name one of lo, "), error
""",
    )


@needs_namespace
def test_a_batch_is_bounded_and_iterating_ends_with_close(tmp_path):
    in_namespace(
        tmp_path,
        """
source, wire = LiveSource("a0"), sender("b0")
for _ in range(9):
    wire.send(A + B + b"\\x08\\x00" + bytes(46))
source.wait(1.0)
assert len(source.poll(4)) == 4
numbers = []
for frame in source:
    numbers.append(frame.number)
    if len(numbers) == 5:
        source.close()
assert numbers == [5, 6, 7, 8, 9], numbers
""",
    )


@pytest.mark.skipif(not hasattr(socket, "AF_PACKET"), reason="packet sockets are Linux's")
def test_missing_rights_say_what_to_do(monkeypatch):
    from engine.errors import LiveError
    from engine.frames import live

    monkeypatch.setattr(live, "missing_rights", lambda: ("no right to capture", "start as root"))

    with pytest.raises(LiveError, match=r"^interface lo: no right to capture; start as root$"):
        live.LiveSource("lo")
