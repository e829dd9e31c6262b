"""`python -m tests.soak [--minutes 30]`: prints what the process holds over time; status 1 if that grows.

With the right to make a network namespace of its own it listens on an interface as well: `unshare --net` before it.
"""

from __future__ import annotations

import argparse
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.soak.soak import soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Use the window for a while.")
    parser.add_argument("--minutes", type=float, default=30.0)
    return soak(parser.parse_args().minutes)


if __name__ == "__main__":
    sys.exit(main())
