"""A run that is taken up from a file is compared with what was recorded, and says where it is another one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.debugger.reopened import ReplayError
from engine.debugger.session import DebugSession, StepKind, Stop
from engine.errors import PolicyError
from engine.wfp.policy_file import load_policy
from tests.builders.sessions import SAMPLES, Sessions, records, save


@pytest.fixture
def disk() -> Iterator[Sessions]:
    sessions = Sessions()
    yield sessions
    sessions.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLES / "absorb-clone-reinject", tmp_path / "story")
    return tmp_path / "story"


def run_on(session: DebugSession) -> None:
    while session.run(len(session.trace), 1_000).stop is Stop.LIMIT:
        pass


def reopened(folder: Path, disk: Sessions, count: int = 80) -> DebugSession:
    """The story after so many steps, from a file."""
    session = disk.ran(folder / "capture.pcapng", load_policy(folder / "policy.json"), records=count)
    save(session, folder / "s.l2s")
    return disk.open(folder / "s.l2s")


def test_looking_at_recorded_steps_loads_no_script(folder: Path, disk: Sessions) -> None:
    session = reopened(folder, disk)
    for script in Path(str(session.document.path)).parent.rglob("*.py"):
        script.write_text("raise SystemExit")

    assert session.step(StepKind.INTO, 0, 10).cursor == 1
    assert session.step(StepKind.BACK_OVER, 70, 10).stop is Stop.STEPPED
    assert session.run_to_frame(1, 10).stop is Stop.STEPPED
    with pytest.raises(PolicyError):
        run_on(session)


def test_a_script_that_has_changed_since_is_found_out(folder: Path, disk: Sessions) -> None:
    session = reopened(folder, disk, count=400)
    script = Path(str(session.document.path)).parent / "callouts" / "mac_rewrite.py"
    script.write_text(script.read_text().replace("out.absorb()", "out.block()"))
    before = records(session)
    with pytest.raises(ReplayError, match=r"event \d+: recorded was .*, now .* comes: the program, a script or the "):
        run_on(session)
    with pytest.raises(ReplayError):
        run_on(session)

    assert records(session) == before
    assert session.step(StepKind.BACK_OVER, 70, 10).stop is Stop.STEPPED


def test_steps_of_an_untrusted_run_go_on_untrusted(folder: Path, disk: Sessions) -> None:
    document = load_policy(folder / "policy.json")
    session = disk.ran(folder / "capture.pcapng", document, records=80, trusted=False)
    whole = disk.ran(folder / "capture.pcapng", document, trusted=False)
    save(session, folder / "s.l2s")
    again = disk.open(folder / "s.l2s", trusted=False)
    run_on(again)

    assert records(again) == records(whole)


def test_a_pause_between_recorded_and_new_steps_is_possible_everywhere(folder: Path, disk: Sessions) -> None:
    session = reopened(folder, disk)
    whole = disk.ran(folder / "capture.pcapng", load_policy(folder / "policy.json"))
    stops = set()
    while not session.is_finished:
        stops.add(session.run(len(session.trace), 3).stop)

    assert stops == {Stop.LIMIT, Stop.END}
    assert records(session) == records(whole)


def test_a_run_that_was_over_stays_so(folder: Path, disk: Sessions) -> None:
    whole = disk.ran(folder / "capture.pcapng", load_policy(folder / "policy.json"))
    save(whole, folder / "s.l2s")
    again = disk.open(folder / "s.l2s", trusted=False)

    assert again.run(len(again.trace), 10).stop is Stop.END


def test_a_restart_of_a_reopened_session_is_a_run_of_its_own(folder: Path, disk: Sessions) -> None:
    session = reopened(folder, disk)
    whole = disk.ran(folder / "capture.pcapng", load_policy(folder / "policy.json"))
    again = session.again(session.document, trusted=True)
    run_on(again)

    assert records(again) == records(whole)
