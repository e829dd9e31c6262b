"""The classification that a pane shows, as one unchanging value."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.trace.world import Classification, World
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId, Guid
from gui.widgets.token import FrameToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The latest classification of a layer as far as it has come, and what stands in it."""

    classification: Classification
    line: str = ""
    """The line of the callout that the last record names."""
    tokens: tuple[FrameToken, ...] = ()
    deciders: dict[Guid, FilterId] = field(default_factory=dict)
    """The filter that ended the walk of each sublayer."""

    @classmethod
    def of(
        cls, world: World, layer: int, policy: Policy, frame: int, line: str, tokens: tuple[FrameToken, ...]
    ) -> Moment | None:
        """The moment of the frame at the layer; None if another frame has been classified there since, or none."""
        classification = world.classifications.get(layer)
        if classification is None or not any(_frame_of(nbl) == frame for nbl in classification.began.nbls):
            return None
        deciders = {
            policy.filter_by_id[id_].sublayer: id_
            for id_, rung in classification.rungs.items()
            if rung.state in {"decided", "overridden"} and id_ in policy.filter_by_id
        }
        running = classification.callout is not None
        return cls(classification=classification, line=line if running else "", tokens=tokens, deciders=deciders)

    @property
    def is_running(self) -> bool:
        return self.classification.ended is None

    @property
    def current(self) -> FilterId | None:
        return self.classification.current if self.is_running else None


def _frame_of(nbl: str) -> int:
    return int(nbl.partition(".")[0])
