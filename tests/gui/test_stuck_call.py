"""The real program: a script's call that nothing can stop ends the window, and a new one opens what was open."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from gui.settings import Store, digest_of
from tests.corpus import REPOSITORY
from tests.engine.cli.test_last_resort import NEVER, story

PATIENCE_S = 60


def test_a_window_that_a_script_holds_for_ever_is_started_anew_on_what_was_open(tmp_path: Path):
    _, capture, _, policy, *_ = story(tmp_path, NEVER["a comparison"])
    store = Store()
    store.trust(digest_of([tmp_path / "p.json", tmp_path / "bad.py"]))
    store.set_setting("stuck_call_s", 4)
    store._file.sync()
    report = tmp_path / "report.html"
    with (tmp_path / "said").open("w+") as said:
        done = subprocess.run(
            [sys.executable, "-m", "engine", "--smoke", str(report), capture, policy], cwd=REPOSITORY,
            timeout=PATIENCE_S, stdout=said, stderr=said, check=False)
        assert done.returncode == 1
        until = time.monotonic() + PATIENCE_S
        # The new window gives the commands that the first one did not come to, and leaves.
        while "the report is" not in (text := (tmp_path / "said").read_text(encoding="utf-8")):
            assert time.monotonic() < until, text
            time.sleep(0.1)

    lines = [line for line in text.splitlines() if line.startswith("l2scope: ")]
    assert lines[0] == "l2scope: bad.py line 8: return a == b has not returned for 4 s; the window is started anew"
    assert lines[1].startswith("l2scope: 3 frames, ")
    assert "CalloutEntered" not in report.read_text(encoding="utf-8")
