"""The packaged program: it is built, it starts, it steps the sample story and exports its report."""

import hashlib
import html
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli.early_scan import BULK_FROM_BYTES
from tests.bench.bulk import filters
from tests.bench.mixed_capture import write_pcap
from tests.corpus import REPOSITORY

STORY = REPOSITORY / "resources" / "samples" / "absorb-clone-reinject"
BUILT_FROM = ("engine", "gui", "resources", "build.spec", "requirements.lock")

pytestmark = [pytest.mark.bundle, pytest.mark.timeout(600)]


def sources_hash() -> str:
    """Return a hash over everything that goes into the packaged program."""
    digest = hashlib.sha256(sys.version.encode())
    for name in BUILT_FROM:
        top = REPOSITORY / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(REPOSITORY)} {path.stat().st_size}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def program() -> Path:
    """Build the program, or take the last build where nothing has changed since; a CI run always builds."""
    folder = REPOSITORY / "build" / "bundle"
    program = folder / "dist" / "l2scope" / ("l2scope.exe" if sys.platform == "win32" else "l2scope")
    stamp, state = folder / "built-from", sources_hash()
    if program.is_file() and stamp.is_file() and stamp.read_text() == state and "CI" not in os.environ:
        return program
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR",
         "--workpath", folder / "work", "--distpath", folder / "dist", REPOSITORY / "build.spec"],
        cwd=REPOSITORY, env={**os.environ, "PYINSTALLER_CONFIG_DIR": str(folder / "cache")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    stamp.write_text(state)
    return program


@pytest.fixture(scope="module")
def display() -> Iterator[dict[str, str]]:
    """Give the variables under which a window opens: a virtual display on Linux, the real one elsewhere."""
    if not sys.platform.startswith("linux"):
        yield {"QT_QPA_PLATFORM": ""}
        return
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as numbers:
            yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{numbers.readline().strip()}"}
    finally:
        server.terminate()
        server.wait()


def run(program: Path, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    # Nothing of the checkout may help the packaged program: no search path, another folder, no settings.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        [program, *arguments], cwd=program.parent, env=environment | variables,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def filter_names() -> list[str]:
    policy = json.loads((STORY / "policy.json").read_text(encoding="utf-8"))
    return [entry["name"] for entry in policy["filters"] if entry.get("enabled", True)]


def test_the_packaged_window_steps_the_sample_story_and_exports_its_report(program, display, tmp_path):
    report = tmp_path / "report.html"

    done = run(program, "--smoke", report, **display)

    assert (done.returncode, done.stderr) == (0, "")
    page = report.read_text(encoding="utf-8")
    assert [name for name in filter_names() if html.escape(name) not in page] == []


def test_the_packaged_command_line_gives_the_trace_that_the_checkout_gives(program, tmp_path):
    story: list[str | Path] = ["run", STORY / "capture.pcapng", "--policy", STORY / "policy.json"]
    story += ["--fail-on", "never", "--trace"]

    packaged = run(program, *story, tmp_path / "packaged.jsonl")
    checkout = subprocess.run(
        [sys.executable, "-m", "engine", *story, tmp_path / "checkout.jsonl"],
        cwd=REPOSITORY, env={**os.environ, "PYTHONHASHSEED": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (packaged.returncode, packaged.stderr) == (checkout.returncode, checkout.stderr) == (0, "")
    trace = (tmp_path / "packaged.jsonl").read_bytes()
    assert trace.count(b"\n") > len(filter_names())
    assert trace == (tmp_path / "checkout.jsonl").read_bytes()


def test_the_packaged_program_refuses_a_missing_capture_in_one_line(program):
    done = run(program, "run", "missing.pcap")

    assert done.returncode == 2
    assert "missing.pcap" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_packaged_program_settles_a_large_capture_in_bulk(program, tmp_path):
    capture = tmp_path / "large.pcap"
    write_pcap(capture, 60_000)
    assert capture.stat().st_size > BULK_FROM_BYTES
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"format": "l2scope-policy", "version": 1, "filters": filters()}))
    summary = tmp_path / "summary.json"

    done = run(program, "run", capture, "--policy", policy, "--summary", summary)

    assert (done.returncode, done.stderr) == (0, "")
    assert len([*program.parent.rglob("resources/kernels/*.o")]) == 1
    told = json.loads(summary.read_text())
    assert told["frames"] == sum(told["outcomes"].values()) == 60_000
    assert 0 < told["outcomes"]["blocked"] < 60_000
