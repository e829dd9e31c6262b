"""`l2scope explore`: what it prints, that its commands show the findings again, and its exit status."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import main
from tests.builders.runs import CLONER, HOST, block_arp, json_lines, outbound, write_capture, write_cloner, write_policy
from tests.corpus import REPOSITORY

LEAKY = CLONER.replace("            fwps.free_clone_net_buffer_list(clone, 0)\n            out.block",
                       "            self.refused = clone\n            out.block")
ALWAYS = CLONER.replace("            fwps.free_clone_net_buffer_list(net_buffer_list, 0)\n", "")
MEMBERS = ["rule", "severity", "title", "detail", "driver", "line", "path", "frame", "undisturbed", "site", "seed",
           "options", "faults", "frames", "command"]


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return write_capture(tmp_path, *[outbound() for _ in range(5)])


def explored(tmp_path: Path, capture: Path, policy: Path, *arguments: str) -> tuple[int, list[dict]]:
    out = tmp_path / "found.jsonl"
    status = main(["explore", str(capture), "--policy", str(policy), "--local-mac", HOST, "--out", str(out), "--quiet",
                   *arguments])  # fmt: skip
    return status, json_lines(out)


def test_a_careful_policy_has_no_finding_and_exit_0(tmp_path, capture, capfd):
    assert explored(tmp_path, capture, write_cloner(tmp_path), "--runs", "30") == (0, [])
    assert explored(tmp_path, capture, write_cloner(tmp_path), "--exhaustive") == (0, [])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("arguments", [("--runs", "60"), ("--exhaustive", "--all"), ("--exhaustive",)])
def test_the_printed_command_shows_the_finding_again(arguments, tmp_path, capture):
    status, found = explored(tmp_path, capture, write_cloner(tmp_path, LEAKY), *arguments)

    assert status == 1
    assert "M47" in {one["rule"] for one in found}
    for one in found:
        assert list(one) == MEMBERS
        words = shlex.split(one["command"])
        summary = tmp_path / "summary.json"
        assert words[:2] == ["l2scope", "run"]
        main([*words[1:], "--summary", str(summary)])
        assert one["rule"] in json.loads(summary.read_text())["findings"]


def test_the_text_names_finding_site_needs_and_command(tmp_path, capture, capfd):
    policy = write_cloner(tmp_path, LEAKY)
    status = main(["explore", str(capture), "--policy", str(policy), "--local-mac", HOST, "--exhaustive"])
    lines = capfd.readouterr().out.splitlines()

    assert status == 1
    assert lines[0].startswith("M47 error, ")
    assert lines[2].startswith("  cloner, cloner.py:")
    assert lines[3].startswith("  when this fails: FwpsInjectMacSendAsync0 at classify cloner.py:")
    assert lines[4] == "  seed 1, 1 fault rule, frame 1"
    assert lines[5].startswith(f"  l2scope run {capture} --policy {policy} --seed 1 --fault ")
    assert lines[-1].startswith(f"{capture}: 5 frames, ")


def test_what_needs_no_adversity_says_so(tmp_path, capture, capfd):
    policy = write_cloner(tmp_path, ALWAYS)
    main(["explore", str(capture), "--policy", str(policy), "--local-mac", HOST, "--runs", "1"])
    text = capfd.readouterr().out

    assert "\n  without any adversity, frame 1\n" in text
    assert "--fault" not in text


def test_settings_and_source_options_of_the_user_stand_in_the_command(tmp_path, capture):
    _, found = explored(tmp_path, capture, write_cloner(tmp_path, ALWAYS), "--runs", "1", "--set", "mtu=9000",
                        "--fault", '{"call": "completion", "nth": 99, "status": 1}', "--frames", "2-4", "--seed", "7")
    command = found[0]["command"] + "\n"

    assert "--seed 7 --set mtu=9000 --fault '{\"call\": \"completion\"" in command
    assert f"--local-mac {HOST} --frames 2\n" in command


def test_the_same_arguments_give_the_same_bytes(tmp_path, capture):
    policy = write_cloner(tmp_path, LEAKY)
    first = explored(tmp_path, capture, policy, "--runs", "25", "--seed", "3")

    assert explored(tmp_path, capture, policy, "--runs", "25", "--seed", "3") == first


@pytest.mark.parametrize(("fail_on", "status"), [("error", 1), ("warning", 1), ("never", 0)])
def test_fail_on_sets_the_exit_status(fail_on, status, tmp_path, capture):
    policy = write_cloner(tmp_path, ALWAYS)

    assert explored(tmp_path, capture, policy, "--runs", "1", "--fail-on", fail_on)[0] == status


@pytest.mark.parametrize(("arguments", "words"), [
    (["--runs", "0"], "--runs: '0' is no number of runs; give 1 to 1000000"),
    (["--runs", "x"], "--runs: 'x' is no number of runs"),
    (["--all"], "--all: every run is made, there is nothing to go on behind; add --exhaustive"),
    (["--runs", "5", "--exhaustive"], "--runs: the exhaustive walk has as many runs as it needs"),
    (["--seed", "x"], "--seed: 'x' is no whole number"),
    (["--fault", '{"do": "explode", "nth": 1}'], "'explode' is nothing that can be done"),
    (["--frames", "3,"], "--frames: '' is no range"),
    (["--frames", "9999"], "it has 5 frames; choose among those, or leave --frames out"),
    (["--out", "{capture}"], "this is the capture itself"),
    (["--out", "{policy}"], "is read by this run"),
])  # fmt: skip
def test_wrong_arguments_are_told_in_one_line(arguments, words, tmp_path, capture, capfd):
    policy = write_policy(tmp_path, block_arp())
    places = {"{capture}": str(capture), "{policy}": str(policy)}
    status = main(["explore", str(capture), "--policy", str(policy), *[places.get(one, one) for one in arguments]])
    error = capfd.readouterr().err

    assert status == 2
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", ["run", "explore"])
def test_a_rule_for_a_driver_that_is_not_there_names_its_place(command, tmp_path, capture, capfd):
    rule = {"do": "close_handle", "driver": "nobody", "frame": 1}
    policy = write_cloner(tmp_path)
    assert main([command, str(capture), "--policy", str(policy), "--fault", json.dumps(rule)]) == 2
    assert capfd.readouterr().err == (
        f"l2scope: --fault {json.dumps(rule)}: the policy has no driver 'nobody'; name one of cloner\n")

    policy = write_cloner(tmp_path, faults=[rule])
    assert main([command, str(capture), "--policy", str(policy)]) == 2
    assert capfd.readouterr().err == (
        f"l2scope: {policy}, $.faults[0].driver: the policy has no driver 'nobody'; name one of cloner\n")


def test_standard_input_is_refused(capfd):
    assert main(["explore", "-"]) == 2
    assert "standard input can be read once only" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to another process")
def test_an_interruption_prints_what_was_found_and_is_130(tmp_path, capture):
    policy = write_cloner(tmp_path, ALWAYS)
    program = subprocess.Popen(
        [sys.executable, "-m", "engine", "explore", str(capture), "--policy", str(policy), "--local-mac", HOST,
         "--runs", "1000000", "--out", "-"],
        cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ)  # fmt: skip
    with program:
        first = program.stdout.readline()
        program.send_signal(signal.SIGINT)
        rest = program.stdout.read()

        assert (program.wait(60), program.stderr.read()) == (130, b"")
    for line in (first + rest).splitlines():
        assert list(json.loads(line)) == MEMBERS


def test_scattered_frames_can_be_chosen(tmp_path):
    capture = write_capture(tmp_path, *[outbound() for _ in range(9)])
    out = tmp_path / "v.jsonl"
    main(["run", str(capture), "--frames", "8,2-3,5", "--verdicts", str(out)])

    assert [one["frame"] for one in json_lines(out)] == [2, 3, 5, 8]
