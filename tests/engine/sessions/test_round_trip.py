"""What is saved comes back: steps, policy, options, breakpoints, notes; and it is the same, byte for byte."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as replace_members

from engine.classify.options import EngineOptions
from engine.cli import main
from engine.debugger.breakpoints import Breakpoint
from engine.debugger.session import DebugSession, Stop
from engine.errors import PolicyError
from engine.report.html import render_html
from engine.report.json_report import render_json
from engine.report.of_session import report_of_session
from engine.report.trace_file import trace_line
from engine.sessions.errors import SessionError
from engine.sessions.manifest import Position
from engine.sessions.policies import Documents
from engine.trace.chunks import CHUNK
from engine.trace.store import Budget
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET
from engine.wfp.policy_file import load_policy
from engine.wfp.validation import key_of
from tests.builders import policies
from tests.builders.captures import ethernet, pcap, pcap_record
from tests.builders.sessions import SAMPLES, Sessions, members, records, save
from tests.engine.wfp.test_policy_file import filters

STORIES = ("absorb-clone-reinject", "filters-come-and-go", "segmented-completion", "callout-gone", "out-of-band",
           "unload-with-a-queue", "b24-inspection-that-absorbs", "permit")


def as_tried(session: DebugSession) -> object:
    """By layer and sublayer, the filters in the order in which they are tried."""
    return {layer: [[one.filter for one in at.filters] for at in found]
            for layer, found in session.policy.layers.items()}


@pytest.mark.parametrize("name", STORIES)
def test_a_story_comes_back_step_by_step_with_its_report(name: str, tmp_path: Path, disk: Sessions) -> None:
    session = disk.story(name)
    save(session, tmp_path / "s.l2s")
    again = disk.open(tmp_path / "s.l2s", trusted=False)

    assert records(again) == records(session)
    assert render_json(report_of_session(again)) == render_json(report_of_session(session))
    assert render_html(report_of_session(again)) == render_html(report_of_session(session))
    assert dict(again.states.items()) == dict(session.states.items())
    assert [again.trace.of_frame(one) for one in again.trace.frames()] == \
        [session.trace.of_frame(one) for one in session.trace.frames()]
    assert again.policy.filter_by_id == session.policy.filter_by_id
    assert list(again.policy.filters) == list(session.policy.filters)
    assert as_tried(again) == as_tried(session)


@pytest.mark.parametrize("name", STORIES)
def test_report_and_trace_of_a_session_are_those_of_a_run(name: str, tmp_path: Path, disk: Sessions) -> None:
    save(disk.story(name), tmp_path / "s.l2s")
    run = ["run", str(SAMPLES / name / "capture.pcapng"), "--policy", str(SAMPLES / name / "policy.json"), "--quiet"]
    main([*run, "--report", str(tmp_path / "run.html"), "--report", str(tmp_path / "run.json"),
          "--trace", str(tmp_path / "run.jsonl")])
    status = main(["report", str(tmp_path / "s.l2s"), "-o", str(tmp_path / "session.html"),
                   "-o", str(tmp_path / "session.json"), "--trace", str(tmp_path / "session.jsonl")])

    assert status == 0
    for suffix in ("html", "json", "jsonl"):
        assert (tmp_path / f"session.{suffix}").read_bytes() == (tmp_path / f"run.{suffix}").read_bytes()


@pytest.mark.parametrize("records_first", [1, 40, 300])
def test_a_run_that_is_taken_up_comes_to_where_it_would_have_come(
    records_first: int, tmp_path: Path, disk: Sessions
) -> None:
    session = disk.story("absorb-clone-reinject", records=records_first, lines=True)
    save(session, tmp_path / "s.l2s")
    again = disk.open(tmp_path / "s.l2s")
    for one in (session, again):
        while one.run(len(one.trace), 100).stop is Stop.LIMIT:
            pass

    assert again.is_finished
    assert records(again) == records(session)


@pytest.fixture
def long_capture(tmp_path: Path) -> Path:
    path = tmp_path / "many.pcap"
    path.write_bytes(pcap(*(pcap_record(ethernet(), fraction=n) for n in range(900))))
    return path


BLOCKING = PolicyDocument(filters=(policies.block("b", layer=INBOUND_MAC_FRAME_ETHERNET),))


def test_steps_that_memory_had_no_room_for_are_in_the_file(long_capture: Path, tmp_path: Path, disk: Sessions) -> None:
    small = disk.ran(long_capture, BLOCKING, budget=Budget(memory_bytes=1))
    large = disk.ran(long_capture, BLOCKING)
    assert small.trace.store.spilled_bytes > 0 == large.trace.store.spilled_bytes
    for name, session in (("small", small), ("large", large)):
        save(session, tmp_path / f"{name}.l2s")
    again = disk.open(tmp_path / "small.l2s")

    assert (tmp_path / "small.l2s").read_bytes() == (tmp_path / "large.l2s").read_bytes()
    assert len(again.trace) > 3 * CHUNK
    assert records(again) == records(large)


def test_a_trace_that_ends_with_a_full_chunk_comes_back(long_capture: Path, tmp_path: Path, disk: Sessions) -> None:
    session = disk.ran(long_capture, BLOCKING, records=CHUNK)
    assert len(session.trace) == CHUNK
    save(session, tmp_path / "s.l2s")
    again = disk.open(tmp_path / "s.l2s")

    assert records(again) == records(session)
    assert again.run(CHUNK, 50).stop is Stop.LIMIT


def test_the_file_may_go_once_it_is_open(long_capture: Path, tmp_path: Path, disk: Sessions) -> None:
    session = disk.ran(long_capture, BLOCKING)
    save(session, tmp_path / "s.l2s")
    again = disk.open(tmp_path / "s.l2s")
    (tmp_path / "s.l2s").unlink()

    assert records(again) == records(session)


def test_the_same_session_gives_the_same_file_also_after_it_was_opened(tmp_path: Path, disk: Sessions) -> None:
    session = disk.story("absorb-clone-reinject", records=200)
    save(session, tmp_path / "s.l2s", notes={"b": 1, "a": [2]}, position=Position(cursor=7))
    first = (tmp_path / "s.l2s").read_bytes()
    save(session, tmp_path / "s.l2s", notes={"a": [2], "b": 1}, position=Position(cursor=7))
    second = (tmp_path / "s.l2s").read_bytes()
    opened, again = disk.read(tmp_path / "s.l2s"), disk.open(tmp_path / "s.l2s")
    edited = replace(opened.documents.edited, path=session.document.path)
    save(again, tmp_path / "s.l2s", notes=opened.notes, position=opened.manifest.position, capture=opened.capture,
         documents=Documents(edited=edited, applied=edited))

    assert first == second == (tmp_path / "s.l2s").read_bytes()


def test_a_policy_without_a_capture_is_a_session_too(tmp_path: Path, disk: Sessions) -> None:
    save(None, tmp_path / "s.l2s", documents=Documents(edited=BLOCKING, applied=PolicyDocument()))
    opened = disk.read(tmp_path / "s.l2s")

    assert opened.documents == Documents(edited=BLOCKING, applied=PolicyDocument())
    assert (opened.manifest.trace, opened.capture, opened.recorded) == (None, None, None)


def test_a_session_is_not_written_over_what_it_is_made_from(tmp_path: Path, disk: Sessions) -> None:
    shutil.copytree(SAMPLES / "absorb-clone-reinject", tmp_path / "story")
    capture, policy = tmp_path / "story" / "capture.pcapng", tmp_path / "story" / "policy.json"
    session = disk.ran(capture, load_policy(policy))
    for one in (capture, policy, tmp_path / "story" / "callouts" / "watch.py"):
        whole = one.read_bytes()
        with pytest.raises(SessionError, match="this is a file that the session is made from; choose another name"):
            save(session, one)
        assert one.read_bytes() == whole


@pytest.mark.parametrize("notes", [{"a": float("nan")}, {"a": "x" * (17 << 20)}, {"a": {1}}, {"a": "\ud800"},
                                   {"a": [[[[[]]]]] * 3, "b": json.loads("[" * 200 + "]" * 200)}])
def test_notes_that_could_not_be_read_again_are_refused(notes: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(SessionError, match=r"notes.json: marks, comments and the like cannot be saved"):
        save(None, tmp_path / "s.l2s", notes=notes)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="such files cannot be made here")
def test_scripts_that_no_other_system_could_hold_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    for names in (("a.py", "A.py"), ("con.py",)):
        for name in names:
            (tmp_path / name).write_text("")
        document = PolicyDocument(path=path, callouts=tuple(
            replace_members(policies.a_callout(f"c{n}"), script=name) for n, name in enumerate(names)))
        with pytest.raises(PolicyError, match="cannot be put into a session"):
            save(None, tmp_path / "s.l2s", documents=Documents(edited=document, applied=document))


JSON = st.recursive(st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, width=32)
                    .filter(lambda one: abs(one) != float("inf")) | st.text(st.characters(exclude_categories=["Cs"])),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3), max_leaves=6)
POINTS = st.builds(Breakpoint, kind=st.sampled_from(["frame", "filter", "verdict"]),
                   number=st.none() | st.integers(1, 9), layer=st.sampled_from([None, 56, 58]),
                   filter=st.none() | st.integers(1, 99).map(policies.guid), enabled=st.booleans(),
                   ignore=st.integers(0, 3))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(edited=st.lists(filters(), max_size=3, unique_by=lambda one: (one.key, one.name)),
       notes=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), JSON, max_size=3),
       points=st.lists(POINTS, max_size=3, unique_by=lambda one: one.place),
       seed=st.integers(-(2**60), 2**60), options=st.fixed_dictionaries({}, optional={
           "ub_policy": st.sampled_from(["leak", "stop"]), "mtu": st.integers(68, 9000).map(str)}))
def test_whatever_was_edited_marked_and_chosen_comes_back(tmp_path, disk, edited, notes, points, seed, options) -> None:
    if len({key_of(one) for one in edited}) < len(edited):
        return
    chosen = EngineOptions().with_all(options)
    session = disk.ran(SAMPLES / "permit" / "capture.pcapng", BLOCKING, seed=seed, options=chosen)
    for point in points:
        session.breakpoints.add(point)
    document = PolicyDocument(filters=tuple(edited), options={"mtu": 1400})
    save(session, tmp_path / "s.l2s", notes=notes, documents=Documents(edited=document, applied=BLOCKING))
    opened, again = disk.read(tmp_path / "s.l2s"), disk.open(tmp_path / "s.l2s")

    assert opened.documents == Documents(edited=document, applied=BLOCKING)
    assert opened.notes == notes
    assert list(again.breakpoints) == points
    assert (again.seed, again.given_options, again.options) == (seed, session.given_options, session.options)
    assert records(again) == records(session)


def test_the_manifest_can_be_read_by_people(tmp_path: Path, disk: Sessions) -> None:
    session = disk.story("permit")
    save(session, tmp_path / "s.l2s")
    manifest = json.loads(members(tmp_path / "s.l2s")["session.json"])

    assert (manifest["format"], manifest["version"]) == ("l2scope-session", 1)
    assert manifest["trace"]["records"] == len(session.trace)
    assert manifest["source"]["name"] == "capture.pcapng"


def test_a_step_of_a_session_is_the_line_of_a_trace(tmp_path: Path, disk: Sessions) -> None:
    session = disk.story("permit")
    save(session, tmp_path / "s.l2s")
    again = disk.open(tmp_path / "s.l2s")

    assert [trace_line(one) for one in records(again)] == [trace_line(one) for one in records(session)]
