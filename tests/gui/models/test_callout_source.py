"""Which line of which script runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.trace import events as ev
from engine.wfp.document import PolicyDocument
from engine.wfp.objects import CalloutSpec
from gui.models.scripts.callout_source import (
    CodePlace,
    LineCalls,
    Script,
    callout_of,
    code_spans,
    parse_line,
    read_script,
    running_place,
)
from tests.gui.nbl_story import CALLOUT, SCRIPT, a_trace, rewrite_trace


def a_document(path=None, **members):
    defaults = {"name": "mac_rewrite", "key": CALLOUT, "layer": "FWPM_LAYER_OUTBOUND_MAC_FRAME_ETHERNET",
                "script": f"callouts/{SCRIPT}", "class_": "MacRewrite"}
    return PolicyDocument(callouts=(CalloutSpec(**(defaults | members)),), path=path)


@pytest.mark.parametrize(
    ("text", "place"),
    [("reflect.py:16", CodePlace("reflect.py", 16)), ("a:b.py:3", CodePlace("a:b.py", 3)), ("", None), ("x.py", None),
     ("x.py:", None), (":3", None)])
def test_a_line_is_a_file_and_a_number(text, place):
    assert parse_line(text) == place


@pytest.mark.parametrize(
    ("cursor", "place"),
    [(0, None), (3, None), (4, CodePlace(SCRIPT, 30, CALLOUT)), (5, CodePlace(SCRIPT, 34)), (9, CodePlace(SCRIPT, 41)),
     (10, None), (13, None), (18, None), (19, CodePlace(SCRIPT, 52)), (20, None)])
def test_the_last_call_names_the_line_until_the_callout_returns(cursor, place):
    assert running_place(rewrite_trace(), cursor) == place


def test_a_finding_names_the_line_too():
    trace = a_trace((12, [ev.RuleBroken("M44", "W", "changed in place", line="x.py:7"),
                          ev.RuleBroken("M49", "E", "of the engine")]))

    assert [running_place(trace, cursor) for cursor in (1, 2)] == [CodePlace("x.py", 7)] * 2


def test_a_place_belongs_to_the_callout_with_that_key_or_that_script():
    document = a_document()

    found = [callout_of(document, place) for place in
             (CodePlace("?", 1, CALLOUT), CodePlace(SCRIPT, 1), CodePlace("other.py", 1))]

    assert found == [document.callouts[0], document.callouts[0], None]


def test_a_script_is_read_from_beside_the_policy(tmp_path):
    (tmp_path / "callouts").mkdir()
    (tmp_path / "callouts" / SCRIPT).write_text("x = 1\n", encoding="utf-8")
    document = a_document(tmp_path / "policy.json")

    assert read_script(document, document.callouts[0]) == Script((tmp_path / "callouts" / SCRIPT).resolve(), "x = 1\n")


def test_a_missing_script_is_told_in_one_line(tmp_path):
    document = a_document(tmp_path / "policy.json")

    script = read_script(document, document.callouts[0])

    assert (script.text, script.problem.count("\n"), "mac_rewrite.py" in script.problem) == ("", 0, True)


def test_a_callout_without_a_script_says_so():
    document = a_document(script="", class_="")

    assert read_script(document, document.callouts[0]).problem == (
        "mac_rewrite has no script: its filters get the default action.")


def test_lines_count_their_steps_and_lead_to_the_next_one():
    trace = rewrite_trace()
    calls = LineCalls(trace, 12)

    assert (calls.catch_up(), calls.catch_up()) == (True, False)
    assert calls.lines(SCRIPT) == {30: 1, 34: 1, 35: 1, 36: 1, 37: 1, 41: 1, 52: 1}
    assert calls.lines("other.py") == {}
    assert [calls.next_after(SCRIPT, 41, cursor) for cursor in (0, 8, 9)] == [8, 8, 8]
    assert calls.next_after(SCRIPT, 1, 0) is None


def test_python_is_coloured_by_its_tokens():
    assert code_spans('def f():  # why\n    return "a", 1\n') == {
        0: [(0, 3, "keyword"), (4, 5, "name"), (10, 15, "comment")],
        1: [(4, 10, "keyword"), (11, 14, "string"), (16, 17, "number")],
    }


def test_a_string_over_several_lines_is_coloured_on_each():
    assert code_spans('x = """a\nbc\nd"""') == {
        0: [(4, 8, "string")], 1: [(0, 2, "string")], 2: [(0, 4, "string")]}


@given(st.text(max_size=80))
def test_any_text_can_be_coloured(text):
    lines = text.split("\n")

    for line, spans in code_spans(text).items():
        assert all(0 <= start <= end for start, end, _ in spans)
        assert 0 <= line <= len(lines)
