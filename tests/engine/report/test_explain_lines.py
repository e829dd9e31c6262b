"""What Explain says of a script's own lines."""

from engine.report.explain.explanation import Explanation
from engine.report.explain.lines import RECORDED
from engine.report.explain.moment import explain
from engine.trace import events as ev
from tests.gui.nbl_story import a_trace

STEP = {"driver": "drv", "line": "drv.py:41", "function": "rewrite", "call": 1, "level": 1}


def test_a_line_tells_its_text_its_function_and_what_the_line_before_changed():
    locals_ = {"a*b": "1", "gone": "", "c": "3", "d": "4", "e": "5"}
    trace = a_trace((12, [ev.LineExecuted("x = `1`", **STEP, locals=locals_)]))

    assert explain(trace, 0) == Explanation(
        "drv runs line 41",
        (
            r"`x = \`1\``",
            "In `rewrite`; the script's own code called it. What the line calls follows, one step deeper.",
            r"New or changed before it: `a\*b` = `1`, `gone` is unbound, `c` = `3`, `d` = `4` and 1 more.",
        ),
        (RECORDED,),
    )


def test_a_function_s_end_tells_what_came_back_or_that_it_raised():
    told = [explain(a_trace((12, [event])), 0).paragraphs for event in (
        ev.FunctionReturned("7", **STEP, locals={}),
        ev.FunctionReturned(None, "ValueError", **STEP, locals={"a": "1"}),
        ev.FunctionReturned(**STEP, locals={}),
    )]  # fmt: skip

    assert told == [
        ("It returned `7`. Its last line was drv.py:41.",),
        ("It raised `ValueError`. Its last line was drv.py:41.", "Changed by that line: `a` = `1`."),
        ("Its last lines were not recorded. Its last line was drv.py:41.",),
    ]
