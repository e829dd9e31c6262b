"""A finding as Markdown."""

from engine.report.finding_text import finding_markdown
from engine.trace import events as ev


def test_a_finding_tells_its_story_its_rule_and_its_remedy():
    clues = (ev.Clue(30, 1, "1.1 is cloned from 1.0", "driver.py:50"), ev.Clue(31, 1, "the way of 1.1 ends"))
    event = ev.RuleBroken("M16", "F", "1.1 is freed already", "1.1", "driver", "driver.py:84", evidence=clues)

    assert finding_markdown(event, 32, 1) == (
        "### M16 double free (fatal)\n"
        "\n"
        "1.1 is freed already\n"
        "\n"
        "- Where: `driver.py:84`, driver `driver`, NBL 1.1, frame 1, event 32\n"
        "- How it came about:\n"
        "  1. 1.1 is cloned from 1.0 (`driver.py:50`, event 30)\n"
        "  2. the way of 1.1 ends (event 31)\n"
        "- Rule: Every NBL is freed once, by the one who owns it.\n"
        "- Remedy: One owner for each state; clear the pointer when the NBL is handed over.\n"
        "- Source: engine invariant\n"
    )


def test_what_is_not_known_is_left_out():
    text = finding_markdown(ev.RuleBroken("M99", "W", "odd"), 7, 0)

    assert text == "### M99 (warning)\n\nodd\n\n- Where: outside of any frame, event 7\n"
