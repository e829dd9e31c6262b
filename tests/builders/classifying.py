"""Scripts of one callout whose classify is the text of a test, and runs of them."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE
from tests.builders.engines import HEAD, UNKNOWN, Bench, Run, assert_whole
from tests.builders.frames import received


def script(body: str) -> str:
    """A callout whose classify is this."""
    parameters = "self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out"
    return f"{HEAD}class Driver(Callout):\n    def classify({parameters}):\n{indent(body, ' ' * 8)}\n"


def ran(folder: Path, text: str, count: int = 2, **options: object) -> Run:
    bench = Bench(folder)
    bench.script(text)
    bench.calls("calls", INBOUND_MAC_FRAME_NATIVE, action=UNKNOWN)
    run = bench.run(*(received(number) for number in range(1, count + 1)), **{"callout_step_limit": 20_000, **options})
    assert_whole(run)
    return run
