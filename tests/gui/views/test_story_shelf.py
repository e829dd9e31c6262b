"""The stories on the start page: in their groups, found by a word, opened by mouse and keys."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from gui.models.stories import Misuse, Story, StoryShelf, first_story, page_of, read_story, story_shelf
from gui.views.story import StoryView
from gui.views.story_shelf import MisuseRow, ShelfView, StoryButton


def a_story(name, title="A story", text="What it tells."):
    return Story(folder=Path(name), title=title, text=text)


SHELF = StoryShelf(
    (a_story("permit", "Permit"), a_story("block", "Block")),
    (a_story("lost", "The lost clone", "A clone that nobody frees."),),
    (Misuse("B11", a_story("b11-head", "Only the head"), ("M14", "M47")),
     Misuse("B13", a_story("b13-twice", "Freed twice"), ("M16",))),
)


@pytest.fixture
def shelf(qtbot):
    view = ShelfView(SHELF)
    qtbot.addWidget(view)
    view.resize(700, 600)
    view.show()
    return view


def shown(view):
    return [button.story.folder.name for button in view.findChildren(StoryButton) if button.isVisible()]


@pytest.mark.parametrize(("typed", "found"), [
    ("", ["permit", "block", "lost", "b11-head", "b13-twice"]),
    ("clone", ["lost"]),
    ("m14", ["b11-head"]),
    ("b1 freed", ["b13-twice"]),
    ("Free", ["lost", "b13-twice"]),
    ("no such story", []),
])  # fmt: skip
def test_what_is_typed_finds_stories_by_word_number_and_rule(shelf, typed, found):
    shelf.search.setText(typed)

    assert shown(shelf) == found
    assert shelf.search.accessibleDescription() == (str(len(found)) if typed else "")


def test_a_group_without_a_hit_is_not_shown(shelf):
    shelf.search.setText("permit")

    assert [group.isVisible() for group in shelf._groups] == [True, False, False]


def test_a_story_opens_by_click_and_by_enter(shelf, qtbot):
    chosen = []
    shelf.chosen.connect(chosen.append)
    first, *_, last = shelf.findChildren(StoryButton)

    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    qtbot.keyClick(last, Qt.Key.Key_Return)

    assert chosen == [Path("permit"), Path("b13-twice")]


@pytest.mark.parametrize("columns", [1, 2])
def test_the_catalogue_stands_in_as_many_columns_as_there_is_room_for(shelf, qtbot, columns):
    shelf.set_columns(columns)
    qtbot.wait(10)

    first, second = (row.geometry() for row in shelf.findChildren(MisuseRow))
    assert (second.x() > first.x(), second.y() > first.y()) == (columns == 2, columns == 1)


def test_a_row_tells_number_title_and_every_rule(shelf):
    row = shelf.findChildren(MisuseRow)[0]

    assert row.accessibleName() == "B11: Only the head, M14, M47"
    assert row.toolTip() == "What it tells.\nM14, M47"


def test_the_bundled_shelf_has_the_first_story_first_and_the_catalogue_in_order():
    bundled = story_shelf()

    assert bundled.timelines[0].is_first
    assert [one.id for one in bundled.misuses] == sorted(one.id for one in bundled.misuses)
    assert {"leaked-clones", "no-callout-outbound"} <= {story.folder.name for story in bundled.war}


def test_a_storys_page_is_cut_into_paragraphs_and_points(tmp_path):
    (tmp_path / "story.md").write_text(
        "# A story\n\nTeaser, two\nlines.\n\nSteps:\n\n1. `one` is\n   *by self*\n2. two **strong**\n\nSource: x.\n",
        encoding="utf-8")

    page = page_of(read_story(tmp_path))

    assert page.heading == "A story"
    assert page.paragraphs == (
        "Teaser, two lines.", "Steps:", "1. `one` is **by self**", "2. two **strong**", "Source: x.")


def test_the_page_of_the_open_story_is_shown_and_no_page_without_one(qtbot, empty_bridge, bridge, settle):
    view = StoryView(empty_bridge)
    qtbot.addWidget(view)
    assert view._pages.currentIndex() == 0  # a capture is open, but no story

    empty_bridge.open([first_story()])
    settle(empty_bridge)
    assert view._pages.currentIndex() == 1
    assert view.page.text().startswith("Absorb, clone, reinject\nOne frame through a callout")
    assert "1. The injection state of 4.0 is not injected" in view.page.text()
