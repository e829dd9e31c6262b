"""`python -m tests.bench`: every benchmark, as a table."""

from __future__ import annotations

import platform
import sys

from tests.bench import bulk, captures, changes, display, stepping


def main() -> int:
    where = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    print(f"{where}; best of {stepping.RUNS} runs")
    for rows in (stepping.measure(), bulk.measure(), changes.measure(), display.measure(), captures.measure()):
        for what, figure, note in rows:
            print(f"{what:<60}{figure:>22}   {note}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
