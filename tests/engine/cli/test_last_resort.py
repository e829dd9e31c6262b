"""A script's call that nothing can stop ends the command, which says so; whatever is alive is left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.cli.last_resort import LastResort
from tests.builders.captures import ethernet, pcap, pcap_record
from tests.corpus import REPOSITORY

KEY = "{0a000000-0000-0000-0000-0000000000c0}"
LAYER = "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET"
SHARED = "a = []; b = []\n        for _ in range(60): a, b = [a, a], [b, b]\n        "
"""Lists as large as 2**60 would be, in little memory: to compare them takes for ever."""

NEVER = {
    "a comparison": f"{SHARED}return a == b",
    "a hash table": "return dict.fromkeys([n * ((1 << 61) - 1) for n in range(150_000)])",
    "a wait for something outside": "import hashlib; hashlib.pbkdf2_hmac('sha512', b'', b'', 10**9)",
}


def story(folder: Path, body: str, frames: int = 3) -> list[str]:
    """Arguments that run a callout over some frames."""
    received = ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", 0x0800)
    (folder / "c.pcap").write_bytes(pcap(*[pcap_record(received)] * frames))
    (folder / "bad.py").write_text(
        "from engine.callouts import Callout\n\n\nclass Bad(Callout):\n"
        "    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):\n"
        f"        {body}\n", encoding="utf-8")
    (folder / "p.json").write_text(json.dumps({
        "format": "l2scope-policy", "version": 1, "options": {"callout_time_limit_ms": 500},
        "callouts": [{"key": KEY, "name": "bad", "layer": LAYER, "script": "bad.py", "class": "Bad"}],
        "filters": [{"name": "to bad", "layer": LAYER, "action": "FWP_ACTION_CALLOUT_TERMINATING", "callout": KEY}],
    }), encoding="utf-8")
    return ["run", str(folder / "c.pcap"), "--policy", str(folder / "p.json"), "--quiet"]


@pytest.mark.parametrize("body", NEVER.values(), ids=NEVER.keys())
def test_a_call_that_never_returns_ends_the_command_in_one_line(tmp_path: Path, body: str) -> None:
    done = subprocess.run([sys.executable, "-m", "engine", *story(tmp_path, body)], cwd=REPOSITORY,
                          capture_output=True, text=True, timeout=60, check=False)

    line = 6 + body.count("\n")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    call = body.splitlines()[-1].strip()
    assert done.stderr.startswith(f"l2scope: bad.py line {line}: {call} has not returned for 5 s")


def test_a_run_that_ends_leaves_no_process_beside_it(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "engine", *story(tmp_path, "out.permit()")], cwd=REPOSITORY,
                          capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")  # both pipes are closed, so whoever had them has ended


def test_it_costs_no_process_until_a_script_runs() -> None:
    resort = LastResort({})
    resort.tell({"frame": 1})
    resort.alive()
    resort.rest()
    assert resort._beside is None
    resort.close()


def test_while_there_are_signs_of_life_nothing_happens() -> None:
    watched = (
        "import time, sys; from engine.cli.last_resort import LastResort; resort = LastResort({}, 0.6)\n"
        "def run_script(seconds):\n    end = time.monotonic() + seconds\n"
        "    while time.monotonic() < end:\n        resort.alive(); time.sleep(0.05)\n"
        "from engine.cli import last_resort; last_resort.ALIVE_EVERY_S = 0.05\n"
        "resort.arm(0); run_script(2); resort.rest(); time.sleep(1); resort.close(); print('well')")
    done = subprocess.run([sys.executable, "-c", watched], cwd=REPOSITORY, capture_output=True, text=True, timeout=30,
                          check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "well\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_program_that_was_stopped_for_a_while_goes_on() -> None:
    watched = (
        "import time; from engine.cli import last_resort; last_resort.ALIVE_EVERY_S = 0.05\n"
        "resort = last_resort.LastResort({}, 0.9)\n"
        "def run_script(seconds):\n    end = time.monotonic() + seconds\n"
        "    while time.monotonic() < end:\n        resort.alive(); time.sleep(0.02)\n"
        "resort.arm(0); print('goes', flush=True); run_script(4); resort.close(); print('well')")
    command = [sys.executable, "-c", watched]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "goes\n"
        os.kill(program.pid, signal.SIGSTOP)
        time.sleep(2)
        os.kill(program.pid, signal.SIGCONT)
        assert (program.stdout.read(), program.wait()) == ("well\n", 0)


def test_it_can_be_used_again_after_its_process_was_ended(capfd: pytest.CaptureFixture[str]) -> None:
    resort = LastResort({}, 60)
    resort.arm(10)
    assert resort._beside is not None
    resort._beside.kill()
    resort._beside.wait()
    resort._alive_at = 0
    resort.alive()
    resort.tell({"frame": 2})
    resort.rest()
    began = time.monotonic()
    resort.close()
    assert time.monotonic() - began < 1
    assert capfd.readouterr().err == ""
