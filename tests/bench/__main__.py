"""`python -m tests.bench`: every benchmark, as a table."""

from __future__ import annotations

import platform
import sys

from tests.bench import stepping


def main() -> int:
    where = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    print(f"{where}; best of {stepping.RUNS} runs")
    for what, figure, note in stepping.measure():
        print(f"{what:<44}{figure:>18}   {note}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
