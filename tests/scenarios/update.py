"""Writes the golden files of the stories anew: `python -m tests.scenarios.update [STORY …]`. Read the diff."""

from __future__ import annotations

import json
import sys

from tests.scenarios.stories import GOLDEN, golden_path, story_folders, told


def main(names: list[str]) -> None:
    known = [folder.name for folder in story_folders()]
    for name in names or known:
        text = json.dumps(told(name), indent=1, ensure_ascii=False) + "\n"
        golden_path(name).write_text(text, encoding="utf-8")
    for path in GOLDEN.glob("*.json"):
        if path.stem not in known:
            path.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
