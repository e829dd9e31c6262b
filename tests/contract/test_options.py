"""Every option of `run`, its outputs and its exit statuses: contracts 1."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.builders.captures import interface, section
from tests.contract.command import (
    ARP,
    HOST,
    IN_ETHERNET,
    PEER,
    a_callout,
    a_filter,
    calling,
    ether_type,
    json_lines,
    key,
    received,
    sent,
    surroundings,
)
from tests.contract.test_callout_api import reflecting
from tests.contract.test_callout_failures import assert_one_line

WARNS = """
from engine.callouts import Callout

print("loaded")

class Soft(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        print("asked")
        out.block()
"""


def softly(desk):
    """A policy whose one finding is a warning: a callout's block that keeps the right."""
    desk.script(WARNS)
    callout = a_callout("soft", 1, IN_ETHERNET, "Soft")
    return desk.policy(callouts=[callout], filters=[calling(callout)])


def test_findings_make_the_exit_status_as_fail_on_says(desk):
    capture = desk.capture(received(), received())
    warned, erred = softly(desk), desk.folder / "erred.json"
    erred.write_bytes(reflecting(desk, anchored=False).read_bytes())
    warned = softly(desk)
    runs = [["run", capture, "--quiet", "--policy", policy, *(("--fail-on", level) if level else ())]
            for policy in (warned, erred) for level in ("never", "error", None, "warning")]  # fmt: skip

    assert [done.status for done in desk.many(*runs)] == [0, 0, 0, 1, 0, 1, 1, 1]


def test_what_a_callout_prints_never_mixes_with_results(desk):
    done = desk.command("run", desk.capture(received()), "--policy", softly(desk), "--verdicts", "-", "--quiet")

    assert [json.loads(line)["outcome"] for line in done.out.splitlines()] == ["blocked"]
    assert done.err.splitlines() == ["loaded", "asked"]


def test_every_output_may_be_standard_output_but_only_one_at_a_time(desk):
    capture = desk.capture(received(), sent())
    verdicts, trace, summary, report, both, plain, quiet, fields = desk.many(
        ["run", capture, "--verdicts", "-"],
        ["run", capture, "--trace", "-"],
        ["run", capture, "--summary", "-"],
        ["run", capture, "--report", "-"],
        ["run", capture, "--verdicts", "-", "--summary", "-"],
        ["run", capture],
        ["run", capture, "--quiet"],
        ["fields", capture, "--out", "-"],
    )
    assert [json.loads(line)["frame"] for line in verdicts.out.splitlines()] == [1, 2]
    assert [json.loads(line)["seq"] for line in trace.out.splitlines()][1:3] != []
    assert json.loads(summary.out)["frames"] == 2
    assert isinstance(json.loads(report.out), dict)
    assert [json.loads(line)["frame"] for line in fields.out.splitlines()] == [1, 2]
    assert_one_line(both, "--summary -")
    assert "2 frames" in plain.out
    assert quiet.out == ""
    assert [done.err for done in (verdicts, trace, summary, report, plain, quiet, fields)] == [""] * 7
    assert {done.status for done in (verdicts, trace, summary, report, plain, quiet, fields)} == {0}


def test_reports_take_their_format_from_the_suffix_and_may_be_several(desk):
    done = desk.command("run", desk.capture(received()), "--report", "a.html", "--report", "b.json", "--quiet")
    wrong = desk.command("run", desk.capture(received()), "--report", "c.docx")

    assert (done.status, done.out, done.err) == (0, "", "")
    assert "<html" in (desk.folder / "a.html").read_text(encoding="utf-8")
    assert isinstance(json.loads((desk.folder / "b.json").read_text(encoding="utf-8")), dict)
    assert_one_line(wrong, "--report c.docx")


def test_frames_choose_by_their_number_in_the_file(desk):
    capture = desk.capture(*[received() for _ in range(9)])
    asked = {"2-4": [2, 3, 4], "7-": [7, 8, 9], "3": [3], "9-9": [9], "8-100": [8, 9]}

    done = desk.many(*[["run", capture, "--frames", text, "--verdicts", "-"] for text in asked])

    seen = [[json.loads(line)["frame"] for line in one.out.splitlines()] for one in done]
    assert seen == list(asked.values())
    assert {one.status for one in done} == {0}


@pytest.mark.parametrize("command", ["run", "explore"])
def test_frames_that_the_capture_does_not_have_are_an_error(desk, command):
    capture = desk.capture(*[received() for _ in range(9)])

    wrong = desk.command(command, capture, "--frames", "20-30")

    assert_one_line(wrong, "--frames 20-30", "it has 9 frames")
    assert wrong.out == ""


def test_directions_and_addresses_are_as_asked(desk):
    capture = desk.capture(received(), sent())

    def directions(*options):
        return [one["direction"] for one in desk.run(capture, *options).verdicts]

    assert directions() == ["inbound", "outbound"]
    assert directions("--direction", "auto") == ["inbound", "outbound"]
    assert directions("--direction", "inbound") == ["inbound", "inbound"]
    assert directions("--direction", "outbound") == ["outbound", "outbound"]
    assert directions("--local-mac", PEER) == ["outbound", "inbound"]
    assert directions("--local-mac", PEER, "--local-mac", HOST, "--direction", "inbound") == ["inbound", "inbound"]


def test_help_options_lists_every_option_with_choice_default_and_meaning(desk):
    (done,) = desk.many(["run", "--help-options"])

    assert done.status == 0
    for name, choice, default in (
        ("ub_policy", "CH-29", "stop"), ("batch_delivery", "CH-16", "all_or_nothing"),
        ("batch_taint_scope", "CH-19", "all"), ("completion_policy", "CH-27", "random_segments"),
        ("rx_ring_size", "2.5", "64"), ("tx_window", "2.5", "64"), ("mtu", "CH-30", "1500"), ("rx_chain", "", "1"),
        ("tx_chain", "", "1"), ("callout_step_limit", "", ""),
    ):  # fmt: skip
        line, meaning = re.search(rf"^({name}=.*)\n\s+(\S.*)$", done.out, re.MULTILINE).groups()
        assert choice in line, name
        assert f"={default}" in line, name
        assert len(meaning) > 10, name


WRONG = {
    "unknown option": ["--nonsense"],
    "abbreviated": ["--verdict", "v"],
    "no value": ["--set"],
    "set without value": ["--set", "ub_policy"],
    "set unknown": ["--set", "ub_polcy=leak"],
    "set wrong": ["--set", "ub_policy=lick"],
    "set empty": ["--set", "=leak"],
    "set number": ["--set", "mtu=1e3"],
    "set huge": ["--set", "rx_chain=" + "9" * 5000],
    "set zero": ["--set", "rx_chain=0"],
    "fault no JSON": ["--fault", "oops"],
    "fault no object": ["--fault", "[]"],
    "fault empty": ["--fault", "{}"],
    "fault deep": ["--fault", "[" * 50_000],
    "fault unknown call": ["--fault", '{"call": "x", "nth": 1, "status": 1}'],
    "fault unknown member": ["--fault", '{"call": "completion", "nth": 1, "status": 1, "x": 1}'],
    "fault twice": ["--fault", '{"call": "completion", "nth": 1, "nth": 2, "status": 1}'],
    "fault no status": ["--fault", '{"call": "completion", "nth": 1}'],
    "fault share NaN": ["--fault", '{"call": "completion", "share": NaN, "status": 1}'],
    "seed text": ["--seed", "one"],
    "seed half": ["--seed", "1.5"],
    "seed none": ["--seed", ""],
    "frames backwards": ["--frames", "5-2"],
    "frames from zero": ["--frames", "0-3"],
    "frames text": ["--frames", "a-b"],
    "frames negative": ["--frames=-5"],
    "frames empty": ["--frames", ""],
    "frames huge": ["--frames", "1-" + "9" * 400],
    "direction": ["--direction", "sideways"],
    "mac": ["--local-mac", "02:00"],
    "mac group": ["--local-mac", "ff:ff:ff:ff:ff:ff"],
    "mac empty": ["--local-mac", ""],
    "fail-on": ["--fail-on", "fatal"],
    "two captures": ["other.pcap"],
    "policy missing": ["--policy", "none.json"],
    "policy folder": ["--policy", "."],
    "policy is a capture": ["--policy", "capture.pcapng"],
    "policy empty name": ["--policy", ""],
    "output folder": ["--verdicts", "."],
    "output nowhere": ["--trace", "no/such/folder/t.jsonl"],
    "output below a file": ["--trace", "capture.pcapng/t.jsonl"],
    "output empty name": ["--summary", ""],
    "output long name": ["--summary", "x" * 5000],
    "output onto the capture": ["--verdicts", "capture.pcapng"],
    "output onto the capture by another way": ["--verdicts", "./../here/capture.pcapng"],
    "output onto a link to the capture": ["--verdicts", "hard.pcapng"],
    "same output twice": ["--verdicts", "v.jsonl", "--trace", "v.jsonl"],
    "report onto the capture": ["--report", "link.json"],
    "report without suffix": ["--report", "report"],
    "report empty name": ["--report", ""],
    "control bytes": ["--policy", "a\x1b[31mb\nc\r.json"],
}


def test_wrong_arguments_are_told_in_one_line_and_nothing_is_written(tmp_path):
    from tests.contract.command import Desk

    (tmp_path / "here").mkdir()
    desk = Desk(tmp_path / "here")
    capture = desk.capture(received())
    (desk.folder / "hard.pcapng").hardlink_to(capture)
    (desk.folder / "link.json").symlink_to(capture)
    before, whole = sorted(desk.folder.iterdir()), capture.read_bytes()

    done = desk.many(*[["run", "capture.pcapng", *arguments] for arguments in WRONG.values()])

    wrong = []
    for name, one in zip(WRONG, done, strict=True):
        try:
            assert_one_line(one)
        except AssertionError as error:
            wrong.append((name, str(error)[:400]))
    assert wrong == []
    assert sorted(desk.folder.iterdir()) == before
    assert capture.read_bytes() == whole


def test_an_output_onto_the_policy_or_a_script_of_it_is_refused(desk):
    policy, script = softly(desk), desk.folder / "driver.py"
    before = policy.read_bytes(), script.read_bytes()

    runs = desk.many(["run", desk.capture(received()), "--policy", policy, "--verdicts", policy],
                     ["run", desk.capture(received()), "--policy", policy, "--report", policy],
                     ["run", desk.capture(received()), "--policy", policy, "--trace", script])  # fmt: skip

    assert [(done.status, done.out) for done in runs] == [(2, "")] * 3
    assert (policy.read_bytes(), script.read_bytes()) == before


def test_outputs_of_no_interest_may_go_to_the_null_device(desk):
    (done,) = desk.many(["run", desk.capture(received()), "--verdicts", os.devnull, "--trace", os.devnull])

    assert (done.status, done.out, done.err) == (0, "", "")


def test_a_word_that_is_neither_command_nor_file_is_told_in_one_line(desk):
    for done in desk.many(["no-such-command"], ["x" * 5000], ["no\x1bsuch.pcap"], ["--nonsense"], ["Run", "a.pcap"]):
        assert_one_line(done)


def test_captures_that_cannot_be_read_are_told_in_one_line(desk):
    files = {
        "empty": b"", "text": b"hello\n", "zero": bytes(1000), "half a header": b"\xd4\xc3\xb2\xa1\x02",
        "half a section": section()[:12], "elf": b"\x7fELF" + bytes(100), "gzip": b"\x1f\x8b\x08" + bytes(20),
        "length of 4 GB": section()[:4] + b"\xff\xff\xff\xff" + section()[8:],
    }  # fmt: skip
    for name, data in files.items():
        (desk.folder / name).write_bytes(data)
    names = [*files, "missing", ".", "", "/dev/null", "x" * 5000, "a\x1b]0;b\n"]
    done = desk.many(*[[command, name] for name in names for command in ("run", "fields")])
    wrong = []
    for name, one in zip([each for each in names for _ in "ab"], done, strict=True):
        try:
            assert_one_line(one)
        except AssertionError as error:
            wrong.append((name, str(error)[:300]))
    assert wrong == []


def test_an_empty_capture_and_one_with_only_skipped_frames_are_well(desk):
    empty, raw = desk.capture(), desk.folder / "raw.pcapng"
    raw.write_bytes(section() + interface(link_type=101) + b"".join(received()(n) for n in range(3)))

    for capture, outcomes in ((empty, {}), (raw, {"skipped": 3})):
        done = desk.run(capture, "--policy", desk.policy(filters=[a_filter("f", "BLOCK")]))
        assert (done.status, done.err) == (0, "")
        assert {name: n for name, n in done.summary["outcomes"].items() if n} == outcomes
        assert done.summary["frames"] == len(done.verdicts) == sum(outcomes.values())
        fields = desk.command("fields", capture)
        assert (fields.status, fields.err, len(fields.out.splitlines())) == (0, "", sum(outcomes.values()))


def test_a_capture_cut_in_the_middle_gives_what_is_whole_and_warns(desk):
    capture = desk.capture(received(), received(), received())
    capture.write_bytes(capture.read_bytes()[:-10])

    done = desk.run(capture)
    fields = desk.command("fields", capture)

    assert [one["frame"] for one in done.verdicts] == [1, 2]
    assert (done.status, len(fields.out.splitlines()), fields.status) == (0, 2, 0)
    for err in (done.err, fields.err):
        assert err.count("\n") == 1
        assert "capture.pcapng" in err


def test_a_full_disk_is_told_in_one_line(desk):
    capture = desk.capture(*[received() for _ in range(50)])
    runs = [["run", capture, option, "/dev/full"] for option in ("--verdicts", "--trace", "--summary")]

    for done in desk.many(*runs, ["fields", capture, "--out", "/dev/full"]):
        assert_one_line(done, "/dev/full")
    for arguments in (("run", capture, "--verdicts", "-"), ("fields", capture), ("run", capture)):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run([sys.executable, "-m", "engine", *arguments], cwd=desk.folder, env=surroundings(),
                                  stdout=full, stderr=subprocess.PIPE, check=False)  # fmt: skip
        assert done.returncode == 2, arguments
        assert done.stderr.count(b"\n") == 1, done.stderr


def test_a_reader_that_leaves_ends_the_run_quietly(desk):
    capture = desk.capture(*[received() for _ in range(3000)])
    for command in ("run {} --verdicts -", "run {} --trace - --quiet", "fields {}"):
        line = f"'{sys.executable}' -m engine {command.format(capture)} | head -1; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", line], cwd=desk.folder, env=surroundings(), capture_output=True, text=True,
                              check=False)  # fmt: skip
        first, status = done.stdout.splitlines()
        assert isinstance(json.loads(first), dict)
        assert (status, done.stderr) == ("0", ""), command


@pytest.mark.parametrize("output", ["file", "-"])
def test_an_interrupted_run_is_130_and_complete_up_to_its_last_line(desk, output):
    capture = desk.capture(*[received(ARP) for _ in range(30_000)])
    policy = desk.policy(filters=[a_filter("no ARP", "BLOCK", conditions=[ether_type(ARP)], key=key(1))])
    verdicts, trace = desk.folder / "v.jsonl", desk.folder / "t.jsonl"
    with (verdicts if output == "-" else Path(os.devnull)).open("wb") as standard_output:
        run = subprocess.Popen(
            [sys.executable, "-m", "engine", "run", capture, "--policy", policy, "--trace", trace,
             "--verdicts", verdicts if output == "file" else "-"],
            cwd=desk.folder, env=surroundings(), stdout=standard_output, stderr=subprocess.PIPE,
        )  # fmt: skip
        while run.poll() is None and not (trace.exists() and trace.stat().st_size > 100_000):
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=30)

    assert (run.returncode, err) == (130, b"")
    lines, events = json_lines(verdicts), json_lines(trace)
    assert 0 < len(lines) < 30_000
    assert [one["frame"] for one in lines] == list(range(1, len(lines) + 1))
    assert [one["seq"] for one in events] == list(range(events[0]["seq"], events[0]["seq"] + len(events)))


def test_a_name_that_is_no_utf8_serves_for_every_file(desk):
    if sys.platform != "linux":
        pytest.skip("names of files are bytes on Linux only")
    name = desk.folder / os.fsdecode(b"odd \xff \n name.pcapng")
    name.write_bytes(desk.capture(received()).read_bytes())
    policy = desk.folder / os.fsdecode(b"p\xff.json")
    policy.write_bytes(desk.policy(filters=[a_filter("f")]).read_bytes())
    outputs = [item for n, option in enumerate(("--verdicts", "--trace", "--summary", "--report", "--report"))
               for item in (option, os.fsdecode(b"o\xff%d" % n) + (".html" if n == 4 else ".json"))]  # fmt: skip

    done = desk.command("run", name, "--policy", policy, *outputs)
    plain = desk.command("run", name)
    fields = desk.command("fields", name)
    missing = desk.command("run", os.fsdecode(b"no \xff\x1b such.pcap"))

    assert (done.status, done.err) == (0, "")
    assert all((desk.folder / each).stat().st_size for each in outputs[1::2])
    assert (plain.status, plain.err, fields.status) == (0, "", 0)
    assert_one_line(missing)


def test_standard_input_is_a_capture(desk):
    data = desk.capture(received(), sent()).read_bytes()

    done = desk.command("run", "-", "--verdicts", "-", stdin=data)
    fields = desk.command("fields", "-", stdin=data)
    nothing = desk.command("run", "-", stdin=b"")

    assert (done.status, [json.loads(line)["outcome"] for line in done.out.splitlines()]) == (0, ["delivered", "sent"])
    assert len(fields.out.splitlines()) == 2
    assert_one_line(nothing)


def test_interfaces_are_listed_as_text_and_as_json(desk):
    text, listed, wrong = desk.many(["interfaces"], ["interfaces", "--json"], ["interfaces", "--nonsense"])

    assert (text.status, listed.status) == (0, 0)
    assert isinstance(json.loads(listed.out), dict | list)
    assert text.out
    assert_one_line(wrong)
