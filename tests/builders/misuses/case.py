"""A rule of the catalogue, a callout that breaks it, and one that nearly does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from engine.frames.frame import Frame
from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET, Layer
from engine.wfp.types import ActionType, CalloutFlag, FilterFlag
from tests.builders import policies
from tests.builders.engines import HEAD, NO_FLAGS, TERMINATING, UNKNOWN, Bench, Run
from tests.builders.frames import received, sent
from tests.builders.injections import injecting

SEEN = "def seen(self, fwps, values, meta, layer_data, out):"
CLASSIFY = "def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):"

NO_FILTER_FLAGS = FilterFlag(0)

Story = Callable[[Path], Run]
"""Writes a driver into a folder, and runs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`trigger` breaks the rule at the lines that end with its id in a comment; `near` does not break it."""

    trigger: Story
    near: Story
    script: str | None = "driver.py"
    """Whose lines; None where no line of a script is to blame."""
    near_breaks: frozenset[str] = frozenset()
    """Other rules that the near miss cannot but break."""
    has_evidence: bool = True
    """There are earlier events that explain it."""


def body(lines: str, head: str = SEEN, more: str = "") -> str:
    """A method with these lines, and other methods behind it."""
    return f"{head}\n{indent(dedent(lines).strip(), '    ')}\n{dedent(more)}"


def among_anchors(text: str, layer: Layer = OUTBOUND_MAC_FRAME_ETHERNET, *frames: Frame, anchors: bool = True,
                  config: object = None, faults: Sequence[dict[str, Any]] = (), **options: Any) -> Story:
    """A driver at one layer, with permit-only callouts of another vendor at all of them."""

    def story(folder: Path) -> Run:
        bench = injecting(folder, text, layer, anchors=anchors, config=config)
        return bench.run(*(frames or (_frame(layer),)), faults=faults, **options)

    return story


def alone(text: str, layer: Layer = OUTBOUND_MAC_FRAME_ETHERNET, *frames: Frame, action: ActionType = UNKNOWN,
          flags: CalloutFlag = NO_FLAGS, filter_flags: FilterFlag = NO_FILTER_FLAGS, **options: Any) -> Story:
    """A driver at one layer, and nobody else."""

    def story(folder: Path) -> Run:
        bench = Bench(folder)
        bench.driver(text)
        callout = bench.callout("driver callout", layer, flags=flags)
        bench.add(policies.calls(callout, "driver", layer=layer, action=action, flags=filter_flags))
        return bench.run(*(frames or (_frame(layer),)), **options)

    return story


def below(above: str, text: str, *, action: ActionType = UNKNOWN) -> Story:
    """A driver in a sublayer under that of another callout, which has said something."""

    def story(folder: Path) -> Run:
        bench = Bench(folder)
        bench.script(f"{HEAD}class Above(Callout):\n    {CLASSIFY}\n        {above}\n", "above.py")
        high, low = (policies.a_sublayer_spec(name, weight=weight) for name, weight in (("above", 200), ("below", 100)))
        bench.add(high, low)
        bench.calls("above", script="above.py", class_="Above", action=TERMINATING, sublayer=policies.key_of(high))
        bench.driver(text)
        bench.calls("driver", sublayer=policies.key_of(low), action=action)
        return bench.run(received())

    return story


def _frame(layer: Layer) -> Frame:
    return received() if layer.direction == "inbound" else sent()
