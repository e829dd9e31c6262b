"""`python -m tests.bench.window GROUP…`: a line of JSON for each row."""

from __future__ import annotations

import json
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from gui.session_bridge.worker import close_event_loop
from tests.bench.window import GROUPS
from tests.bench.window.groups import MEASURES


def main() -> None:
    for name in sys.argv[1:] or GROUPS:
        for row in MEASURES[name]():
            print(json.dumps(row), flush=True)
    close_event_loop()


if __name__ == "__main__":
    main()
