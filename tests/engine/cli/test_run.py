"""`l2scope run`, as outside tools rely on it."""

import json
import os
import signal
import subprocess
import sys

import pytest

from engine.cli import main
from engine.report.trace_file import read_trace, trace_line
from tests.builders.captures import pcap, pcap_record
from tests.builders.runs import (
    ARP,
    CLONER,
    HOST,
    IN_ETHERNET,
    IN_NATIVE,
    IPV6,
    OUT_ETHERNET,
    OUT_NATIVE,
    block_arp,
    inbound,
    json_lines,
    key,
    l2scope,
    outbound,
    write_capture,
    write_cloner,
    write_policy,
)  # fmt: skip
from tests.corpus import REPOSITORY, capture_files, needs_captures

LOCAL = ("--local-mac", HOST)


def passes(layer, filter_=None):
    return {"layer": layer, "action": "FWP_ACTION_PERMIT", "hard": False, "filter": filter_, "flags": []}


def stops(layer, filter_, *flags):
    return {"layer": layer, "action": "FWP_ACTION_BLOCK", "hard": True, "filter": filter_, "flags": list(flags)}


def verdicts(tmp_path, capture, *arguments):
    """Run; return exit status and verdict lines."""
    out = tmp_path / "verdicts.jsonl"
    status = main(["run", str(capture), *LOCAL, "--verdicts", str(out), *map(str, arguments)])
    return status, json_lines(out)


def injected(outcome, status):
    return {"by": key(2), "function": "FwpsInjectMacSendAsync0", "layer": OUT_ETHERNET, "outcome": outcome,
            "status": status}  # fmt: skip


# --- verdicts, summary, trace --------------------------------------------------------------------------------------


def test_each_frame_has_its_line(tmp_path):
    capture = write_capture(tmp_path, inbound(ARP), inbound(), outbound(ARP))
    permit = {"key": key(7), "name": "rest", "layer": OUT_NATIVE, "action": "FWP_ACTION_PERMIT"}
    policy = write_policy(tmp_path, block_arp(), permit)

    status, lines = verdicts(tmp_path, capture, "--policy", policy)

    assert status == 0
    assert lines == [
        {"frame": 1, "direction": "inbound", "outcome": "blocked",
         "layers": [passes(IN_NATIVE), stops(IN_ETHERNET, key(1))], "injections": [], "findings": []},
        {"frame": 2, "direction": "inbound", "outcome": "delivered",
         "layers": [passes(IN_NATIVE), passes(IN_ETHERNET)], "injections": [], "findings": []},
        {"frame": 3, "direction": "outbound", "outcome": "sent",
         "layers": [passes(OUT_ETHERNET), passes(OUT_NATIVE, key(7))], "injections": [], "findings": []},
    ]  # fmt: skip
    assert [list(line) for line in lines] == [
        ["frame", "direction", "outcome", "layers", "injections", "findings"]] * 3


def test_a_clone_stands_with_the_frame_that_it_comes_from(tmp_path):
    capture = write_capture(tmp_path, *[outbound()] * 4)
    refuse = {"call": "FwpsInjectMacSendAsync0", "nth": 2, "status": "0xC000009A"}
    lose = {"call": "completion", "nth": 2, "status": "0xC0230018"}
    policy = write_cloner(tmp_path, faults=[refuse, lose])

    status, lines = verdicts(
        tmp_path, capture, "--policy", policy,
        "--fault", '{"call": "FwpsAllocateCloneNetBufferList0", "nth": 4, "status": "0xC000009A"}')  # fmt: skip

    absorbed = stops(OUT_ETHERNET, key(3), "FWPS_CLASSIFY_OUT_FLAG_ABSORB")
    blocked = stops(OUT_ETHERNET, key(3))
    assert status == 0
    assert [(line["outcome"], line["layers"], line["injections"], line["findings"]) for line in lines] == [
        ("absorbed", [absorbed], [injected("sent", "0x00000000")], []),
        ("blocked", [blocked], [injected("refused", "0xC000009A")], []),
        ("absorbed", [absorbed], [injected("failed", "0xC0230018")], []),
        ("blocked", [blocked], [], []),
    ]


def test_a_frame_that_cannot_be_classified_says_why(tmp_path):
    capture = write_capture(tmp_path, inbound(), link_word=105)

    status, lines = verdicts(tmp_path, capture)

    assert status == 0
    assert len(lines) == 1
    assert list(lines[0]) == ["frame", "direction", "outcome", "reason", "layers", "injections", "findings"]
    assert (lines[0]["outcome"], lines[0]["direction"], lines[0]["layers"]) == ("skipped", "inbound", [])
    assert lines[0]["reason"]


def test_the_summary_counts_the_whole_run(tmp_path):
    capture = write_capture(tmp_path, inbound(ARP), inbound(), outbound())
    policy = write_cloner(tmp_path, CLONER, block_arp())
    out = tmp_path / "summary.json"

    assert main(["run", str(capture), *LOCAL, "--policy", str(policy), "--summary", str(out)]) == 0

    summary = json.loads(out.read_text())
    seconds, rate = summary.pop("seconds"), summary.pop("frames_per_second")
    assert seconds > 0
    assert rate == pytest.approx(3 / seconds, rel=0.01)
    assert summary == {
        "frames": 3,
        "outcomes": {"delivered": 1, "blocked": 1, "absorbed": 1},
        "layers": {
            IN_ETHERNET: {"classified": 2, "permit": 1, "block": 1, "absorb": 0},
            OUT_ETHERNET: {"classified": 2, "permit": 1, "block": 0, "absorb": 1},
            IN_NATIVE: {"classified": 2, "permit": 2, "block": 0, "absorb": 0},
            OUT_NATIVE: {"classified": 1, "permit": 1, "block": 0, "absorb": 0},
        },
        "filters": {
            key(3): {"name": "clone all", "matched": 2, "decided": 2},
            key(1): {"name": "no ARP", "matched": 1, "decided": 1},
        },
        "findings": {},
    }


def test_the_trace_does_not_depend_on_the_order_of_hashes(tmp_path):
    capture = write_capture(tmp_path, inbound(ARP), *[outbound()] * 5)
    policy = write_cloner(tmp_path, CLONER, block_arp())

    traces = [
        l2scope("run", capture, *LOCAL, "--policy", policy, "--trace", "-", "--seed", "7", hash_seed=seed)
        for seed in ("1", "2", "3")
    ]

    assert [(done.returncode, done.stderr) for done in traces] == [(0, b"")] * 3
    assert traces[0].stdout == traces[1].stdout == traces[2].stdout
    lines = traces[0].stdout.splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["seq"] for event in events] == list(range(len(events)))
    assert list(events[0])[:4] == ["seq", "frame", "time_ns", "kind"]
    assert [trace_line(record) for record in read_trace(lines)] == lines


def test_a_report_does_not_depend_on_the_order_of_hashes(tmp_path):
    capture = write_capture(tmp_path, inbound(ARP), *[outbound()] * 5)
    policy = write_cloner(tmp_path, CLONER, block_arp())

    one, other = (l2scope("run", capture, *LOCAL, "--policy", policy, "--report", "-", hash_seed=seed) for seed in "12")

    assert (one.returncode, one.stderr) == (0, b"")
    assert one.stdout == other.stdout
    assert json.loads(one.stdout)["totals"]["frames"] == 6


def test_the_seed_and_the_options_are_in_the_trace(tmp_path):
    capture = write_capture(tmp_path, inbound())
    policy = write_policy(tmp_path, options={"mtu": 9000, "ub_policy": "leak"})
    out = tmp_path / "t"

    assert main(["run", str(capture), "--policy", str(policy), "--seed", "5", "--set", "mtu=4000",
                 "--trace", str(out)]) == 0  # fmt: skip

    first = json_lines(out)[0]
    assert (first["seed"], first["options"]) == (5, {"ub_policy": "leak", "mtu": "4000"})


def test_only_the_frames_asked_for_are_run(tmp_path):
    capture = write_capture(tmp_path, *[inbound()] * 5)

    assert [line["frame"] for line in verdicts(tmp_path, capture, "--frames", "2-4")[1]] == [2, 3, 4]


# --- text, streams -------------------------------------------------------------------------------------------------


def test_without_an_output_a_summary_is_printed(tmp_path, capfdbinary):
    capture = write_capture(tmp_path, inbound(ARP), inbound())
    policy = write_policy(tmp_path, block_arp("no\x1b[31mARP"))

    assert main(["run", str(capture), *LOCAL, "--policy", str(policy)]) == 0

    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert lines[1:] == [
        "outcomes: 1 delivered, 1 blocked",
        "layer                             classified    permit     block    absorb",
        "56 INBOUND_MAC_FRAME_ETHERNET              2         1         1         0",
        "57 OUTBOUND_MAC_FRAME_ETHERNET             0         0         0         0",
        "58 INBOUND_MAC_FRAME_NATIVE                2         2         0         0",
        "59 OUTBOUND_MAC_FRAME_NATIVE               0         0         0         0",
        "filter no\\x1b[31mARP: decided 1, matched 1",
        "findings: none",
    ]


def test_quiet_prints_nothing(tmp_path):
    done = l2scope("run", write_capture(tmp_path, inbound()), "--quiet")

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_standard_input_and_output_take_the_place_of_files(tmp_path):
    capture = write_capture(tmp_path, inbound(), inbound())

    done = l2scope("run", "-", "--verdicts", "-", input=capture.read_bytes())

    assert (done.returncode, done.stderr) == (0, b"")
    assert [json.loads(line)["frame"] for line in done.stdout.splitlines()] == [1, 2]


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    capture = write_capture(tmp_path, *[inbound()] * 3000)
    program = subprocess.Popen(
        [sys.executable, "-m", "engine", "run", str(capture), "--trace", "-"], cwd=REPOSITORY,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip

    assert program.stdout.readline().startswith(b'{"seq":0,')
    program.stdout.close()

    assert (program.wait(60), program.stderr.read()) == (0, b"")
    program.stderr.close()


def test_an_interruption_leaves_whole_lines_and_130(tmp_path):
    out = tmp_path / "t.jsonl"
    program = subprocess.Popen(
        [sys.executable, "-m", "engine", "run", "-", "--verdicts", "-", "--trace", str(out)], cwd=REPOSITORY,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    with program:
        # More than the look-ahead of a pipe: the first lines come while the rest is still awaited.
        program.stdin.write(pcap(*[pcap_record(inbound(), second) for second in range(1, 2100)]))
        program.stdin.flush()
        first = program.stdout.readline()
        program.send_signal(signal.SIGINT)
        rest = program.stdout.read()

        assert (program.wait(60), program.stderr.read()) == (130, b"")
    written = (first + rest).splitlines()
    assert [json.loads(line)["frame"] for line in written] == list(range(1, len(written) + 1))
    assert [record.seq for record in read_trace(out.read_bytes().splitlines())][-1] > 0
    assert out.read_bytes().endswith(b"\n")


def test_damage_in_the_capture_is_a_warning(tmp_path, capfd):
    path = tmp_path / "cut.pcap"
    path.write_bytes(pcap(pcap_record(inbound()), pcap_record(inbound()))[:-10])

    status, lines = verdicts(tmp_path, path)

    assert (status, len(lines)) == (0, 1)
    error = capfd.readouterr().err
    assert error.startswith(f"l2scope: warning: {path}, byte ")
    assert error.count("\n") == 1


# --- exit status ---------------------------------------------------------------------------------------------------

FAILING = CLONER.replace("        state, context", "        undefined\n        state, context")
SOFT = """
from engine.callouts import Callout


class Cloner(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        out.block()
"""


@pytest.mark.parametrize(
    ("script", "fail_on", "status"),
    [
        (FAILING, "error", 1), (FAILING, "never", 0), (FAILING, "warning", 1),
        (SOFT, "error", 0), (SOFT, "warning", 1), (CLONER, "warning", 0),
    ],
)  # fmt: skip
def test_the_exit_status_tells_of_findings(tmp_path, script, fail_on, status):
    capture = write_capture(tmp_path, outbound())
    policy = write_cloner(tmp_path, script)

    assert verdicts(tmp_path, capture, "--policy", policy, "--fail-on", fail_on)[0] == status


def test_findings_stand_with_their_frame(tmp_path):
    capture = write_capture(tmp_path, inbound(), outbound())
    policy = write_cloner(tmp_path, FAILING)

    status, lines = verdicts(tmp_path, capture, "--policy", policy)

    assert status == 1
    assert [line["findings"] for line in lines] == [[], ["X01"]]


@pytest.mark.parametrize(
    "arguments",
    [
        ["{missing}"],
        ["{capture}", "--policy", "{missing}"],
        ["{capture}", "--policy", "{capture}"],
        ["{capture}", "--policy", "{options}"],
        ["{capture}", "--policy", "{faults}"],
        ["{capture}", "--set", "mtu"],
        ["{capture}", "--set", "nothing=1"],
        ["{capture}", "--set", "ub_policy=maybe"],
        ["{capture}", "--fault", "{{"],
        ["{capture}", "--fault", "[]"],
        ["{capture}", "--fault", '{{"call": "x"}}'],
        ["{capture}", "--frames", "5-2"],
        ["{capture}", "--seed", "one"],
        ["{capture}", "--fail-on", "info"],
        ["{capture}", "--unknown"],
        ["{capture}", "--pol", "{missing}"],
        ["{capture}", "--report", "{folder}/a.docx"],
        ["{capture}", "--report", "{folder}/a"],
        ["{capture}", "--report", "{folder}/none/a.html"],
        ["{capture}", "--verdicts", "{capture}"],
        ["{capture}", "--summary", "{folder}/x.json", "--trace", "{folder}/x.json"],
        ["{capture}", "--verdicts", "-", "--trace", "-"],
        ["{capture}", "--trace", "{folder}"],
        [],
    ],
)
def test_what_cannot_be_used_is_one_line_and_2(tmp_path, capfd, arguments):
    capture = write_capture(tmp_path, inbound())
    before = capture.read_bytes()
    options = write_policy(tmp_path, name="options.json", options={"mtu": "x"})
    faults = write_policy(tmp_path, name="faults.json", faults=[{"call": "x"}])
    places = {"capture": capture, "missing": tmp_path / "none\nsuch", "options": options, "faults": faults,
              "folder": tmp_path}  # fmt: skip

    status = main(["run", *(argument.format(**places) for argument in arguments)])

    said = capfd.readouterr()
    assert (status, said.out) == (2, "")
    assert said.err.startswith("l2scope")
    assert said.err.count("\n") == 1
    assert said.err.endswith("\n")
    assert capture.read_bytes() == before


@pytest.mark.parametrize(
    ("policy", "start"),
    [({"options": {"mtu": "x"}}, "$.options.mtu: "), ({"faults": [{"call": "x"}]}, "$.faults[0].call: ")],
)
def test_an_error_of_the_policy_names_its_place(tmp_path, capfd, policy, start):
    path = write_policy(tmp_path, **policy)

    assert main(["run", str(write_capture(tmp_path, inbound())), "--policy", str(path)]) == 2
    assert capfd.readouterr().err.startswith(f"l2scope: {path}, {start}")


def test_every_option_is_listed_with_its_choice(capfd):
    assert main(["run", "--help-options"]) == 0
    assert "ub_policy=stop  [CH-29]  stop | crash | leak | masked" in capfd.readouterr().out.splitlines()


# --- reports -------------------------------------------------------------------------------------------------------


def test_reports_are_written_whole_and_leave_nothing_beside(tmp_path):
    capture = write_capture(tmp_path, inbound(IPV6))
    folder = tmp_path / "out"
    folder.mkdir()

    assert main(["run", str(capture), "--report", f"{folder}/a.html", "--report", f"{folder}/a.JSON"]) == 0

    assert sorted(path.name for path in folder.iterdir()) == ["a.JSON", "a.html"]
    assert json.loads((folder / "a.JSON").read_bytes())["totals"]["frames"] == 1
    assert (folder / "a.html").read_text(encoding="utf-8").endswith("</html>")


@needs_captures
@pytest.mark.parametrize("path", capture_files(), ids=lambda path: path.name)
def test_every_real_capture_ends_with_0_or_with_one_line(tmp_path, capfd, path):
    policy = write_cloner(tmp_path, CLONER, block_arp())
    reports = [tmp_path / "r.html", tmp_path / "r.json"]

    status = main(["run", str(path), "--policy", str(policy), "--verdicts", str(tmp_path / "v"), "--frames", "1-400",
                   "--report", str(reports[0]), "--report", str(reports[1]), "--fail-on", "never"])  # fmt: skip

    error = capfd.readouterr().err
    assert status in {0, 2}
    assert error.count("\n") <= 1
    assert "Traceback" not in error
    if status == 0:
        numbers = [line["frame"] for line in json_lines(tmp_path / "v")]
        assert numbers == list(range(1, len(numbers) + 1))
        assert all(report.stat().st_size for report in reports)
    else:
        assert error.startswith("l2scope: ")


def test_a_file_name_that_is_no_text_is_shown_with_replacements(tmp_path):
    capture = write_capture(tmp_path, inbound(), name=os.fsdecode(b"\xff\n.pcap"))
    out = tmp_path / "r.json"

    assert main(["run", str(capture), "--report", str(out), "--report", str(tmp_path / "r.html")]) == 0
    assert json.loads(out.read_bytes())["session"]["source"] == "\ufffd\n.pcap"


STRANGER = CLONER.replace("fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET", "fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE")


def test_after_the_stop_before_a_bad_hand_over_the_rest_is_skipped(tmp_path):
    capture = write_capture(tmp_path, *[outbound()] * 3)

    status, lines = verdicts(tmp_path, capture, "--policy", write_cloner(tmp_path, STRANGER))

    reason = (
        "the run stopped before: stopped before the bad hand-over: 1.1 would reach the protocol, which never sent it")
    assert status == 1
    assert lines[0]["findings"] == ["M01"]
    assert lines[0]["injections"] == [
        injected("failed", "0xC0000001") | {"layer": "FWPM_LAYER_OUTBOUND_MAC_FRAME_NATIVE"}]
    assert [(line["outcome"], line.get("reason"), line["direction"]) for line in lines] == [
        ("absorbed", None, "outbound"), *[("skipped", reason, "outbound")] * 2]


@pytest.mark.parametrize("policy", ["leak", "crash", "masked"])
def test_what_undefined_behaviour_does_is_an_option(tmp_path, policy):
    capture = write_capture(tmp_path, *[outbound()] * 2)

    status, lines = verdicts(
        tmp_path, capture, "--policy", write_cloner(tmp_path, STRANGER), "--set", f"ub_policy={policy}")

    fate = ("sent", "0x00000000") if policy == "masked" else ("failed", "0xC0000001")
    assert status == (0 if policy == "masked" else 1)
    assert [(one["outcome"], one["status"]) for one in lines[0]["injections"]] == [fate]
    assert lines[1]["outcome"] == ("skipped" if policy == "crash" else "absorbed")


HALF = '"\\ud800"'


def test_what_no_file_can_hold_as_text_does_not_end_the_run(tmp_path):
    capture = write_capture(tmp_path, outbound())
    raising = CLONER.replace("        state, context", f"        raise ValueError({HALF})\n        state, context")
    policy = write_cloner(tmp_path, raising)
    outputs = [(option, tmp_path / name) for option, name in (
        ("--trace", "t"), ("--verdicts", "v"), ("--summary", "s"), ("--report", "r.html"), ("--report", "r.json"))]

    status = main(["run", str(capture), "--policy", str(policy), *(str(each) for pair in outputs for each in pair)])

    assert status == 1
    assert all(path.stat().st_size for _, path in outputs)
    assert "X01" in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "sample", sorted((REPOSITORY / "resources" / "samples").glob("*/policy.json")), ids=lambda path: path.parent.name)
def test_each_bundled_story_runs_and_is_reported(tmp_path, capfd, sample):
    [capture] = sample.parent.glob("capture.*")
    reports = [tmp_path / "r.html", tmp_path / "r.json"]

    status = main(["run", str(capture), "--policy", str(sample), "--verdicts", str(tmp_path / "v"),
                   "--report", str(reports[0]), "--report", str(reports[1])])  # fmt: skip

    assert capfd.readouterr() == ("", "")
    report = json.loads(reports[1].read_bytes())
    lines = json_lines(tmp_path / "v")
    assert report["totals"]["frames"] == len(lines) > 0
    assert sum(fate["frames"] for fate in report["fates"]) == len(lines)
    assert status == int(any(group["severity"] in "FE" for group in report["findings"]))
    assert reports[0].read_text(encoding="utf-8").endswith("</html>")


def test_a_frame_that_meets_the_native_layer_only_says_why(tmp_path):
    beacon = b"\x80" + bytes(23)
    capture = write_capture(tmp_path, beacon, link_word=105)

    _, [line] = verdicts(tmp_path, capture)

    assert (line["outcome"], [one["layer"] for one in line["layers"]]) == (
        "delivered", ["FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE"])
    assert line["reason"] == "802.11 management frame (beacon): it ends in the Native Wi-Fi filter"
