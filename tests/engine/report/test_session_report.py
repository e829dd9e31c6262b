"""Reports of small runs: what they count, what they tell, and that nothing in them comes alive."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from engine.classify.engine import Engine
from engine.classify.options import EngineOptions
from engine.errors import OptionError
from engine.frames.capture import SourceOptions, open_capture
from engine.frames.ethernet import parse_mac
from engine.report import journeys, report_fold
from engine.report.digest import digest
from engine.report.html import percent_text, render_html, seconds_text, title_text
from engine.report.json_report import render_json
from engine.report.report_fold import report_from_trace
from engine.report.report_model import EvidenceStep, FindingPlace, Report, StoryStep, Totals
from engine.report.session_report import check_report, session_facts, write_report
from engine.trace.rules import rules
from engine.trace.trace import Trace
from engine.wfp.policy_file import load_policy
from tests.builders.runs import (
    ARP,
    CLONER,
    HOST,
    IN_ETHERNET,
    IPV6,
    OTHER,
    block_arp,
    ether_type_is,
    inbound,
    key,
    outbound,
    write_capture,
    write_cloner,
    write_policy,
)


def report_of(capture: Path, policy: Path, **options) -> Report:
    engine = Engine(load_policy(policy), EngineOptions(**options), 1)
    trace = Trace()

    def run(events):
        for event in events:
            trace.append(event, engine.place.frame, engine.place.now_ns, engine.place.irql)

    run(engine.start())
    with open_capture(capture, SourceOptions(local_macs=(parse_mac(HOST),))) as source:
        for frame in source:
            run(engine.take(frame))
    run(engine.finish())
    return report_from_trace(trace, session_facts(engine, str(capture), str(policy), 1), engine.policy)


def fates(report):
    return [([step.text for step in fate.path], fate.label, fate.frames, fate.exemplar) for fate in report.fates]


def test_fates_are_the_distinct_paths_the_commonest_first(tmp_path):
    capture = write_capture(
        tmp_path, outbound(), inbound(ARP), outbound(), outbound(), inbound(), inbound(ARP), outbound())
    faults = [
        {"call": "FwpsAllocateCloneNetBufferList0", "nth": 2, "status": "0xC000009A"},
        {"call": "FwpsInjectMacSendAsync0", "nth": 2, "status": "0xC000009A"},
    ]
    report = report_of(capture, write_cloner(tmp_path, CLONER, block_arp(), faults=faults))

    assert fates(report) == [
        (["57", "clone all", "clone", "57", "clone all"], "Absorbed, clone sent", 2, 1),
        (["56", "no ARP"], "Blocked", 2, 2),
        (["57", "clone all", "clone fails"], "Blocked", 1, 3),
        (["57", "clone all", "clone", "injection refused"], "Blocked, injection refused", 1, 4),
        ([], "Delivered", 1, 5),
    ]
    assert [fate.share for fate in report.fates] == [0.285714, 0.285714, 0.142857, 0.142857, 0.142857]
    assert report.digest == (
        "The policy blocks 4 frames and absorbs 2. 2 injections are accepted. 1 injection is refused.")
    assert report.totals == Totals(
        frames=7, outcomes={"delivered": 1, "blocked": 4, "absorbed": 2}, injected=2, injections_refused=1,
        injections_failed=0, findings=0, simulated_ns=report.totals.simulated_ns)  # fmt: skip


def test_a_story_says_who_decided_and_why_others_did_not(tmp_path):
    ipv6 = {"key": key(5), "name": "no IPv6", "layer": IN_ETHERNET, "sublayer": key(9), "action": "FWP_ACTION_BLOCK",
            "conditions": [ether_type_is(IPV6)]}  # fmt: skip
    permit = {"key": key(6), "name": "rest", "layer": IN_ETHERNET, "action": "FWP_ACTION_PERMIT"}
    policy = write_policy(
        tmp_path, block_arp() | {"sublayer": key(9)}, ipv6, permit,
        sublayers=[{"key": key(9), "name": "mine", "weight": 60000}])  # fmt: skip

    [row] = report_of(write_capture(tmp_path, inbound(IPV6)), policy).frames

    assert (row.frame, row.direction, row.outcome, row.decided_at, row.decided_by) == (
        1, "inbound", "blocked", 56, "no IPv6")
    assert row.filter_hex == f"0x{row.filter:X}"
    assert row.story == (
        StoryStep("1.0 goes past module native", "no filter at 58", "skipped"),
        StoryStep("56 INBOUND_MAC_FRAME_ETHERNET · 1.0", "block, hard, by no IPv6", "block",
                  ("rest does not stand: a hard block is final",
                   "no ARP: ETHER_TYPE wanted 0x0806, saw 0x86dd (IPv6)")),
    )  # fmt: skip


def test_a_classification_stands_before_what_its_callout_did(tmp_path):
    [row] = report_of(write_capture(tmp_path, outbound()), write_cloner(tmp_path)).frames

    assert [(step.text, step.note) for step in row.story] == [
        ("57 OUTBOUND_MAC_FRAME_ETHERNET · 1.0", "absorb, by clone all"),
        ("clone 1.0", "→ 1.1"),
        ("accepted: injection 1", "STATUS_SUCCESS"),
        ("1.0 is absorbed", "held by 1"),
        ("1.0 is held", "0 references, 1 clone"),
        ("1.1 re-enters 57 OUTBOUND_MAC_FRAME_ETHERNET", "injection 1"),
        ("57 OUTBOUND_MAC_FRAME_ETHERNET · 1.1", "permit, by clone all"),
        ("1.1 goes past module native", "no filter at 59"),
        ("1.1 reaches the wire", ""),
        ("fate of 1.1: sent", "injection 1, STATUS_SUCCESS"),
        ("completed(1.1) completes injection 1, segment 1", "STATUS_SUCCESS, all back"),
    ]


def test_long_runs_are_told_in_part_and_counted_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(report_fold, "MOST_FRAMES", 2)
    monkeypatch.setattr(report_fold, "MOST_PLACES", 1)
    monkeypatch.setattr(journeys, "MOST_STORY_STEPS", 2)
    script = CLONER.replace("        state, context", "        undefined\n        state, context")

    report = report_of(write_capture(tmp_path, *[outbound()] * 5), write_cloner(tmp_path, script))

    assert ([row.frame for row in report.frames], report.frames_left_out) == ([1, 2], 3)
    assert [len(row.story) for row in report.frames] == [2, 2]
    assert [row.story_left_out for row in report.frames] == [1, 1]
    [group] = report.findings
    assert (group.rule, group.severity, group.count) == ("X01", "E", 5)
    [place] = group.places
    assert place == FindingPlace(
        seq=place.seq, frame=1, nbl=None, driver="cloner", line="cloner.py:13",
        detail="classify failed: NameError: name 'undefined' is not defined",
        evidence=(EvidenceStep(
            seq=place.seq - 2, frame=1, text="a callout of cloner is called with 1.0", line="cloner.py:12"),),
    )  # fmt: skip
    assert report.totals.findings == 5


def test_the_policy_is_told_with_its_counts(tmp_path):
    filters = [
        block_arp(),
        {"key": key(4), "name": "tied", "layer": IN_ETHERNET, "weight": {"type": "FWP_UINT8", "value": 3},
         "flags": ["FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT"], "action": "FWP_ACTION_PERMIT"},
    ]  # fmt: skip
    report = report_of(write_capture(tmp_path, inbound(ARP), inbound()), write_cloner(tmp_path, CLONER, *filters))

    assert [(one.name, one.layer, one.sublayer, one.weight, one.conditions, one.action, one.callout, one.flags,
             one.tested, one.matched, one.decided) for one in report.policy.filters] == [
        ("tied", IN_ETHERNET, "FWPM_SUBLAYER_UNIVERSAL", "3 + auto", "every frame", "FWP_ACTION_PERMIT", None,
         ("FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT",), 2, 2, 2),
        ("no ARP", IN_ETHERNET, "FWPM_SUBLAYER_UNIVERSAL", "auto", "ETHER_TYPE = 0x0806", "FWP_ACTION_BLOCK", None,
         (), 0, 0, 0),
        ("clone all", "FWPM_LAYER_OUTBOUND_MAC_FRAME_ETHERNET", "FWPM_SUBLAYER_UNIVERSAL", "auto", "every frame",
         "FWP_ACTION_CALLOUT_TERMINATING", "cloner", (), 0, 0, 0),
    ]  # fmt: skip
    assert [(one.name, one.script, one.class_, one.registered) for one in report.policy.callouts] == [
        ("cloner", "cloner.py", "Cloner", True)]
    assert [one.name for one in report.policy.sublayers] == ["FWPM_SUBLAYER_UNIVERSAL"]
    assert report.policy.providers == ()
    assert report.digest == (
        "The policy lets every frame pass that could be classified. Of 3 filters, 2 never evaluated.")


@pytest.mark.parametrize(
    ("outcomes", "stopped", "text"),
    [
        ({}, None, "No layer has a filter, so nothing is classified: each frame passes by default."),
        (
            {"skipped": 1200},
            "M01",
            ("The run ended early: M01. No layer has a filter, so nothing is classified: each frame passes by default. "
             "1\u202f200 frames are skipped."),
        ),
    ],
)  # fmt: skip
def test_the_digest_names_what_is_unusual(outcomes, stopped, text):
    totals = Totals(frames=0, outcomes=outcomes, injected=0, injections_refused=0, injections_failed=0, findings=0,
                    simulated_ns=0)  # fmt: skip
    assert digest(totals, (), stopped) == text


# --- forms ---------------------------------------------------------------------------------------------------------


def test_json_comes_back_as_the_same_report(tmp_path):
    report = report_of(write_capture(tmp_path, outbound(), inbound(ARP)), write_cloner(tmp_path, CLONER, block_arp()))
    text = render_json(report)

    assert msgspec.json.decode(text, type=Report) == report
    form = json.loads(text)
    assert (form["format"], form["version"]) == ("l2scope-report", 1)
    assert list(form) == [
        "format", "version", "session", "digest", "totals", "stopped", "layers", "findings", "fates", "fates_left_out",
        "policy", "frames", "frames_left_out", "net_events",
        "recording_level", "pending", "pending_left_out", "pools"]  # fmt: skip
    blocked = form["policy"]["filters"][0]
    assert (blocked["name"], blocked["id_hex"]) == ("no ARP", f"0x{blocked['id']:X}")
    assert form["policy"]["callouts"][0]["class"] == "Cloner"


def test_c24_drop_events_stand_in_the_report_and_in_its_page(tmp_path):
    report = report_of(write_capture(tmp_path, outbound(), inbound(ARP)), write_cloner(tmp_path, CLONER, block_arp()))

    (event,) = report.net_events
    assert (event.frame, event.layer, event.by, event.ether_type, event.vlan_tag, event.direction) == (
        2, 56, "no ARP", "0x0806", "0x0000", "MS_FWP_DIRECTION_IN")
    assert b"<h2>Drop events" in render_html(report)
    assert b"<h2>Drop events" not in render_html(msgspec.structs.replace(report, net_events=()))


HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}"


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {(name, value) for name, value in attrs if name in {"href", "src"} or name.startswith("on")}


def test_names_and_messages_from_outside_stay_text(tmp_path):
    folder = tmp_path / "<b>name"
    folder.mkdir()
    script = CLONER.replace("        state, context", f"        raise ValueError({HOSTILE!r})\n        state, context")
    arp = block_arp(HOSTILE) | {"sublayer": key(9), "provider": key(8)}
    policy = write_cloner(
        folder, script, arp, name="<i>.json", providers=[{"key": key(8), "name": HOSTILE, "description": HOSTILE}],
        sublayers=[{"key": key(9), "name": HOSTILE, "weight": 5}])  # fmt: skip
    capture = write_capture(folder, inbound(ARP), outbound(), name="<script>a.pcap")
    text = render_html(report_of(capture, policy)).decode()

    tags = Tags()
    tags.feed(text)
    assert tags.tags.isdisjoint({"script", "img", "iframe", "link", "object", "base", "form"})
    assert all(name == "href" and value.startswith("#") for name, value in tags.attributes)
    assert text.count("<title>") == text.count("</title>") == 1
    assert "{{ 7*7 }}" in text
    assert text.count("&lt;script&gt;alert(1)") > 4


def test_html_needs_nothing_from_outside_and_has_both_themes(tmp_path):
    text = render_html(report_of(write_capture(tmp_path, inbound()), write_policy(tmp_path))).decode()

    assert re.findall(r"(?:https?:)?//[a-z]", text) == []
    assert re.findall(r"url\(|@import", text) == []
    assert "@media (prefers-color-scheme: dark)" in text
    assert "@media print" in text
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", text))
    assert used <= set(re.findall(r"(--[a-z0-9-]+):", text))
    marks = set(re.findall(r'href="#(m-[a-z]+)"', text))
    assert marks <= set(re.findall(r'<symbol id="(m-[a-z]+)"', text))


def test_links_lead_to_frames_that_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(report_fold, "MOST_FRAMES", 1)
    capture = write_capture(tmp_path, inbound(), inbound(ARP), inbound(IPV6, OTHER))
    text = render_html(report_of(capture, write_policy(tmp_path, block_arp()))).decode()

    assert set(re.findall(r'href="#(frame-\d+)"', text)) == set(re.findall(r'id="(frame-\d+)"', text)) == {"frame-1"}


def test_numbers_read_as_people_write_them(tmp_path):
    assert [percent_text(share) for share in (0, 0.00005, 0.112, 1)] == [
        "0.0\u00a0%", "< 0.1\u00a0%", "11.2\u00a0%", "100.0\u00a0%"]
    assert [seconds_text(ns) for ns in (0, 26_100, 14_210_000_000, 2_000_000_000_000)] == [
        "0\u00a0ns", "26.1\u00a0µs", "14.2\u00a0s", "2\u202f000\u00a0s"]
    report = report_of(write_capture(tmp_path, inbound()), write_policy(tmp_path))
    assert title_text(report) == "a.pcap: 1 frame, no findings"


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path):
    report = report_of(write_capture(tmp_path, inbound()), write_policy(tmp_path))
    (tmp_path / "a.html").mkdir()

    with pytest.raises(OptionError) as error:
        write_report(str(tmp_path / "a.html"), report)

    assert str(error.value).startswith(f"--report {tmp_path / 'a.html'}: ")
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


def test_forms_that_do_not_exist_yet_are_refused_before_anything_runs():
    check_report("-")
    check_report("a.b/c.HTML")
    with pytest.raises(OptionError, match=r"--report a\.pdf: \.pdf is no form of a report yet; use \.html or \.json"):
        check_report("a.pdf")
    with pytest.raises(OptionError, match="the name has no suffix"):
        check_report("html")


def test_a_finding_tells_how_it_came_about_in_html_and_json(tmp_path):
    script = CLONER.replace("        state, context", "        undefined\n        state, context")
    report = report_of(write_capture(tmp_path, outbound()), write_cloner(tmp_path, script))
    seq = report.findings[0].places[0].seq

    html = " ".join(render_html(report).decode().split())
    assert "<summary>how it came about</summary>" in html
    assert (f'<li>a callout of cloner is called with 1.0 <code>cloner.py:12</code> <span class="note">event {seq - 2}'
            "</span></li><li><b>noticed here</b>") in html
    group = msgspec.json.decode(render_json(report))["findings"][0]
    assert group["says"] == rules()["X01"].rule
    assert group["places"][0]["evidence"] == [
        {"seq": seq - 2, "frame": 1, "text": "a callout of cloner is called with 1.0", "line": "cloner.py:12"}]
