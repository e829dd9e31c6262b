"""The path of a frame through the stack."""

from gui.models.stack.path import FramePath, Visit, path_words
from tests.builders.stack_story import IN_CALLOUT, STORY, a_trace


def test_the_path_is_as_long_as_the_cursor_is_far():
    path = FramePath(a_trace(), 12)

    shown = [path_words(path.until(cursor)) for cursor in (0, 2, IN_CALLOUT, 21, len(STORY))]

    assert shown == [
        "", "from the protocols", "from the protocols, 57 now", "from the protocols, 57 absorb",
        "from the protocols, 57 absorb, copy 1 57 inject"]


def test_going_back_shows_what_was_shown():
    path = FramePath(a_trace(), 12)
    before = path.until(IN_CALLOUT)
    path.until(len(STORY))

    assert path.until(IN_CALLOUT) == before == [Visit(1, None, 0, end="protocols"), Visit(3, 57, 0)]


def test_a_frame_without_a_story_has_no_path():
    assert FramePath(a_trace(), 99).until(len(STORY)) == []
