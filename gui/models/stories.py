"""The bundled stories: a capture, a policy, callouts and a page of text in a folder each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.resources import MissingResourceError, resource

FIRST_STORY = "absorb-clone-reinject"


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


def story_of(path: Path | None) -> Story | None:
    """The story to which a file belongs, if it lies in a story's folder."""
    if path is None or not (path.parent / "story.md").is_file():
        return None
    return read_story(path.parent)
