"""The stories about broken rules in the real window: open, run, look at the finding, go there, mend."""

from __future__ import annotations

import pytest

from engine.trace import events as ev
from engine.wfp.validation import key_of
from gui.main_window import MainWindow
from gui.models.stories import Misuse, story_shelf
from tests.gui.job import User

MISUSES = story_shelf().misuses
MENDED = ", mended"


@pytest.fixture
def user(empty_bridge, qtbot, settle):
    window = MainWindow(empty_bridge)
    window.resize(1440, 900)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.wait(20)
    yield User(window, qtbot, settle)
    window.close()


def rules_shown(view) -> set[str]:
    model = view.model
    return {model.group(model.index(row, 0)).id for row in range(model.rowCount())}


def finding_of(view, rule: str):
    """The row of the first place where a rule was broken."""
    model = view.model
    (group,) = (model.index(row, 0) for row in range(model.rowCount()) if model.group(model.index(row, 0)).id == rule)
    return model.index(0, 0, group)


def test_in_one_sitting_every_misuse_is_run_found_and_gone_to(user):
    for misuse in MISUSES:
        user.drop(misuse.story.folder)
        user.run_out()
        view = user.view("findings")
        assert rules_shown(view) == set(misuse.rules), misuse.id
        view.tree.activated.emit(finding_of(view, misuse.rules[0]))
        user.rest()
        event = user.event()
        assert isinstance(event, ev.RuleBroken), misuse.id
        assert event.rule == misuse.rules[0]
        assert user.complaints == [], misuse.id


@pytest.mark.parametrize("misuse", [one for one in MISUSES if one.id in ("B05", "B11", "B22", "B38")],
                         ids=lambda one: one.id)
def test_with_the_mended_filter_in_its_place_the_finding_is_gone(misuse: Misuse, user):
    user.drop(misuse.story.folder)
    policy = user.window.docks["policy"].current().view
    filters = user.bridge.document.filters
    mended = [one for one in filters if one.name.endswith(MENDED)]
    replaced = [one for one in filters if f"{one.name}{MENDED}" in {other.name for other in mended}]
    for one in (*mended, *replaced):
        policy.tree.toggled.emit(policy.model.row_at(policy.model.index_of(key_of(one))))
    user.rest()
    user.press("Ctrl+Return")
    user.run_out()

    assert user.session.is_finished
    assert rules_shown(user.view("findings")) == set()
