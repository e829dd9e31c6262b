"""The bundled stories: a capture, a policy, callouts and a page of text in a folder each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.report.explain.explanation import Explanation
from engine.resources import MissingResourceError, resource

FIRST_STORY = "absorb-clone-reinject"
_STARTS_A_POINT = re.compile(r"(\d+\.|-) ")
_EMPHASIS = re.compile(r"(?<!\*)\*(?!\*)([^*]+)\*(?!\*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    folder: Path
    title: str
    text: str
    """One paragraph."""

    @property
    def is_first(self) -> bool:
        """Where a newcomer starts."""
        return self.folder.name == FIRST_STORY


@dataclass(frozen=True, slots=True)
class Misuse:
    """A story about a callout that breaks a rule (9.3, B01 to B40)."""

    id: str
    story: Story
    rules: tuple[str, ...]
    """Every rule that is reported in it; what the story is about comes first."""


@dataclass(frozen=True, slots=True)
class StoryShelf:
    """All stories, in the groups of the start page. A misuse that somebody has lived through is a war story too."""

    timelines: tuple[Story, ...] = ()
    war: tuple[Story, ...] = ()
    misuses: tuple[Misuse, ...] = ()


class _MisuseEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    story: str
    rules: tuple[str, ...]


class _Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    version: int
    timelines: tuple[str, ...]
    war: tuple[str, ...]
    misuses: tuple[_MisuseEntry, ...]


def story_shelf() -> StoryShelf:
    """The bundled stories in their groups, as `index.json` orders them. What it does not name counts as a war story."""
    found = {story.folder.name: story for story in stories()}
    if not found:
        return StoryShelf()
    index = msgspec.json.decode(resource("samples", "index.json").read_bytes(), type=_Index)
    named = {*index.timelines, *index.war, *(one.story for one in index.misuses)}
    others = tuple(story for name, story in found.items() if name not in named)
    return StoryShelf(
        tuple(found[name] for name in index.timelines),
        (*(found[name] for name in index.war), *others),
        tuple(Misuse(one.id, found[one.story], one.rules) for one in index.misuses),
    )


def stories() -> list[Story]:
    """All bundled stories, the first one first, then by title."""
    try:
        folders = sorted(resource("samples").iterdir())
    except MissingResourceError:
        return []
    found = [read_story(folder) for folder in folders if (folder / "story.md").is_file()]
    return sorted(found, key=lambda story: (not story.is_first, story.title))


def first_story() -> Path:
    """Folder of the story that opens by itself. Raises MissingResourceError."""
    return resource("samples", FIRST_STORY)


def read_story(folder: Path) -> Story:
    """Title and teaser of a story: the first line and the next paragraph of its page."""
    title, *rest = (folder / "story.md").read_text(encoding="utf-8").split("\n")
    paragraphs = "\n".join(rest).strip().split("\n\n")
    return Story(folder=folder, title=title.lstrip("# ").strip(), text=" ".join(paragraphs[0].split()))


def page_of(story: Story) -> Explanation:
    """The story's page in the marks of an explanation; lines of a list are paragraphs of their own."""
    text = (story.folder / "story.md").read_text(encoding="utf-8").partition("\n")[2]
    paragraphs: list[str] = []
    for block in text.strip().split("\n\n"):
        for number, line in enumerate(block.splitlines()):
            if number and not _STARTS_A_POINT.match(line):
                paragraphs[-1] += f" {line.strip()}"
            else:
                paragraphs.append(line.strip())
    marked = (_EMPHASIS.sub(r"**\1**", paragraph) for paragraph in paragraphs)
    return Explanation(story.title, tuple(marked), ())


def story_of(path: Path | None) -> Story | None:
    """The story to which a file belongs, if it lies in a story's folder."""
    if path is None or not (path.parent / "story.md").is_file():
        return None
    return read_story(path.parent)
