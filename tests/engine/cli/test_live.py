"""`l2scope live`: over a pair of virtual interfaces in a network namespace of their own."""

import os
import shutil
import subprocess
import sys

import pytest

from engine.cli import main
from tests.builders.runs import block_arp, write_policy
from tests.corpus import REPOSITORY


def _has_namespaces():
    return (
        sys.platform == "linux"
        and os.geteuid() == 0
        and all(map(shutil.which, ("ip", "unshare")))
        and subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode == 0
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
import json, signal, socket, subprocess, sys, time

A, B = bytes.fromhex("02000000000a"), bytes.fromhex("02000000000b")
arp = A + B + b"\\x08\\x06" + bytes(46)
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("b0", 0))

def live(*arguments):
    return subprocess.Popen([sys.executable, "-m", "engine", "live", "a0", *arguments],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

def feed(program, until):
    while not until():
        wire.send(arp)
        time.sleep(0.02)
    return program
"""


def in_namespace(tmp_path, body):
    """Run a script where the interfaces a0 and b0 are joined by a wire; its assertions are the test's."""
    script = tmp_path / "script.py"
    script.write_text(_PROLOGUE + body, encoding="utf-8")
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", _SETUP, sys.executable, str(script)],
        check=False, capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@needs_namespace
def test_frames_of_the_wire_get_their_verdicts(tmp_path):
    policy = write_policy(tmp_path, block_arp())
    in_namespace(
        tmp_path,
        f"""
program = live("--count", "3", "--policy", {str(policy)!r}, "--verdicts", "-")
feed(program, lambda: program.poll() is not None)
lines = [json.loads(line) for line in program.stdout.read().splitlines()]
assert [(line["frame"], line["direction"], line["outcome"]) for line in lines] == [
    (number, "inbound", "blocked") for number in (1, 2, 3)], lines
assert (program.returncode, program.stderr.read()) == (0, b"")
""",
    )


@needs_namespace
def test_lines_come_at_once_and_ctrl_c_ends_it(tmp_path):
    in_namespace(
        tmp_path,
        f"""
out = {str(tmp_path / "verdicts.jsonl")!r}
open(out, "w").close()
program = live("--verdicts", out)
feed(program, lambda: open(out).read().endswith("\\n"))
assert program.poll() is None
program.send_signal(signal.SIGINT)
assert (program.wait(), program.stderr.read()) == (130, b"")
numbers = [json.loads(line)["frame"] for line in open(out)]
assert numbers == list(range(1, len(numbers) + 1))
""",
    )


@needs_namespace
def test_the_time_ends_it_without_a_frame(tmp_path):
    in_namespace(
        tmp_path,
        """
program = live("--seconds", "0.2", "--summary", "-")
assert (program.wait(), program.stderr.read()) == (0, b"")
assert json.loads(program.stdout.read())["frames"] == 0
""",
    )


@pytest.mark.parametrize(
    "arguments",
    [["no such interface"], ["lo", "--count", "0"], ["lo", "--count", "x"], ["lo", "--seconds", "-1"],
     ["lo", "--seconds", "nan"], ["lo", "--policy", "none.json"], []],
)  # fmt: skip
def test_what_cannot_be_used_is_one_line_and_2(capfd, arguments):
    assert main(["live", *arguments]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith("l2scope")
    assert said.err.count("\n") == 1
