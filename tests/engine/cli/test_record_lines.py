"""`--set record_lines=on`: the trace has the lines of the scripts, and everything else stays what it was."""

import json

import pytest

from engine.report.trace_file import read_trace
from engine.trace import events as ev
from tests.builders.runs import json_lines, l2scope
from tests.corpus import REPOSITORY

STORY = REPOSITORY / "resources" / "samples" / "absorb-clone-reinject"
LINES = {"LineExecuted", "FunctionReturned", "LinesLeftOut"}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Trace, verdicts, summary and report of the first story, without and with lines."""
    found = []
    for name, more in (("plain", ()), ("lined", ("--set", "record_lines=on"))):
        folder = tmp_path_factory.mktemp(name)
        ran = l2scope("run", STORY / "capture.pcapng", "--policy", STORY / "policy.json", "--trace", folder / "t.jsonl",
                      "--verdicts", folder / "v.jsonl", "--summary", folder / "s.json", "--report", folder / "r.json",
                      "--fail-on", "never", *more)  # fmt: skip
        assert (ran.returncode, ran.stderr) == (0, b"")
        found.append(folder)
    return found


def test_only_the_trace_has_them_and_only_where_they_are_asked_for(outputs):
    plain, lined = (json_lines(folder / "t.jsonl") for folder in outputs)

    assert {one["kind"] for one in plain} & LINES == set()
    assert {one["kind"] for one in lined} & LINES == {"LineExecuted", "FunctionReturned"}
    kept = [{**one, "seq": 0, "depth": 0} for one in lined[1:] if one["kind"] not in LINES]
    assert kept == [{**one, "seq": 0, "depth": 0} for one in plain[1:]]
    assert lined[0]["options"] == {"record_lines": "on"}


def test_verdicts_counts_and_fates_are_the_same(outputs):
    plain, lined = outputs

    assert (plain / "v.jsonl").read_bytes() == (lined / "v.jsonl").read_bytes()
    summaries = [json.loads((folder / "s.json").read_text()) for folder in outputs]
    reports = [json.loads((folder / "r.json").read_text()) for folder in outputs]
    for summary in summaries:
        del summary["seconds"], summary["frames_per_second"]
    assert summaries[0] == summaries[1]
    assert [one["outcome"] for one in reports[0]["frames"]] == [one["outcome"] for one in reports[1]["frames"]]
    assert reports[0]["fates"] == reports[1]["fates"]


def test_the_lines_are_read_back_from_the_file(outputs):
    with (outputs[1] / "t.jsonl").open("rb") as file:
        step = next(record.event for record in read_trace(file) if isinstance(record.event, ev.LineExecuted))

    assert step == ev.LineExecuted(
        'self.router, self.changed = bytes.fromhex(config["router"].replace(":", "")), {}', driver="mac_rewrite",
        line="mac_rewrite.py:12", function="start", call=1, level=0,
        locals={"self": "<MacRewrite>", "config": "{'router': '02:00:00:00:00:fe'}"})  # fmt: skip
