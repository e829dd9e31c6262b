"""Where the real captures are, on machines that have them.

The captures are not part of the project: tests that want them skip where `CAPTURES` is None.
"""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def captures_beside(repository: Path) -> Path | None:
    """Return the folder of captures shared beside a checkout, or None."""
    folder = repository.parent / "shared" / "data" / "captures"
    return folder if folder.is_dir() else None


CAPTURES: Path | None = captures_beside(REPOSITORY)

needs_captures = pytest.mark.skipif(CAPTURES is None, reason="the shared captures are not on this machine")


def capture_files() -> list[Path]:
    """Return every capture of the corpus, sorted; an empty list where there is none."""
    if CAPTURES is None:
        return []
    return sorted(path for path in CAPTURES.rglob("*") if path.is_file() and path.suffix != ".md")


def capture(name: str) -> Path:
    """Return one capture by its path below the corpus, `capture("ethernet/example.pcap")`, or skip the test."""
    if CAPTURES is None:
        pytest.skip("the shared captures are not on this machine")
    path = CAPTURES / name
    assert path.is_file(), f"the corpus has no {name}"
    return path
