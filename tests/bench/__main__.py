"""`python -m tests.bench [GROUP…]`: every benchmark, or those of some groups, as a table."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable

from tests.bench import bulk, captures, changes, display, stepping, window

GROUPS: dict[str, Callable[[], Iterable[tuple[str, str, str]]]] = {
    "stepping": stepping.measure, "bulk": bulk.measure, "changes": changes.measure, "display": display.measure,
    "captures": captures.measure, "window": window.measure,
}


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - set(GROUPS)
    if unknown:
        print(f"no group {min(unknown)}; there are {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    where = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    print(f"{where}; best of {stepping.RUNS} runs")
    for name in wanted or GROUPS:
        for what, figure, note in GROUPS[name]():
            print(f"{what:<60}{figure:>22}   {note}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
