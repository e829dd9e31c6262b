"""`l2scope report`: what a session has recorded, in the forms that there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli import main
from engine.report.trace_file import read_trace
from tests.builders.sessions import Sessions, records, save


@pytest.fixture
def disk() -> Iterator[Sessions]:
    sessions = Sessions()
    yield sessions
    sessions.close()


@pytest.fixture
def file(tmp_path: Path, disk: Sessions) -> Path:
    save(disk.story("permit"), tmp_path / "s.l2s")
    return tmp_path / "s.l2s"


def test_a_report_is_written_in_each_form_that_is_named(file: Path, tmp_path: Path) -> None:
    status = main(["report", str(file), "-o", str(tmp_path / "a.html"), "-o", str(tmp_path / "a.json")])

    assert status == 0
    assert (tmp_path / "a.html").read_text("utf-8").startswith("<!")
    assert json.loads((tmp_path / "a.json").read_bytes())["session"]["source"] == "capture.pcapng"


def test_the_recorded_steps_come_as_json_lines(file: Path, disk: Sessions, capfdbinary) -> None:
    assert main(["report", str(file), "--trace", "-"]) == 0
    lines = capfdbinary.readouterr().out.splitlines()

    assert list(read_trace(lines)) == records(disk.open(file))


@pytest.mark.parametrize(("arguments", "told"), [
    (["S", "-o", "T/x.docx"], "-o T/x.docx: .docx is no form of a report yet; use .html or .json"),
    (["S", "-o", "T/x"], "-o T/x: the name has no suffix, which tells the form; use .html or .json"),
    (["S"], "report: no output is named; add -o FILE.html, -o FILE.json or --trace FILE.jsonl"),
    (["S", "--trace", "S"], "S: this is the session itself; name another file for the output"),
    (["T/none.l2s", "-o", "T/x.html"], "T/none.l2s: there is no such file; check the name"),
    (["S", "-o", "T/none/x.html"], "-o T/none/x.html: No such file or directory; name a file that can be written"),
])
def test_what_cannot_be_done_is_one_line_and_status_2(
    arguments: list[str], told: str, file: Path, tmp_path: Path, capsys
) -> None:
    whole = file.read_bytes()
    named = [one.replace("S", str(file), 1) if one == "S" else one.replace("T", str(tmp_path), 1) for one in arguments]
    status = main(["report", *named])
    told = told.replace("T/", f"{tmp_path}/").replace("S: ", f"{file}: ")

    assert status == 2
    assert capsys.readouterr().err == f"l2scope: {told}\n"
    assert file.read_bytes() == whole


def test_a_session_without_steps_says_so(tmp_path: Path, disk: Sessions, capsys) -> None:
    save(disk.story("permit"), tmp_path / "s.l2s", with_steps=False)

    assert main(["report", str(tmp_path / "s.l2s"), "-o", str(tmp_path / "x.html")]) == 2
    assert capsys.readouterr().err == (f"l2scope: {tmp_path}/s.l2s: no steps are recorded in it; open it in the "
                                       "window, run it and save it with its steps\n")
