"""D: classifyOut (M28 to M36d)."""

from __future__ import annotations

from typing import Any

from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.types import ActionType, FilterFlag
from tests.builders.engines import INSPECTION, TERMINATING, UNKNOWN
from tests.builders.misuses.case import CLASSIFY, NO_FILTER_FLAGS, Case, alone, among_anchors, below, body


def answers(wrong: str, right: str, *, before: str = "pass", action: ActionType = UNKNOWN, **members: Any) -> Case:
    """A callout that answers so and so; `before` comes before its answer."""
    trigger, near = (
        alone(body(f"{before}\n{one}", CLASSIFY), INBOUND_MAC_FRAME_NATIVE, action=action,
              filter_flags=members.get("filter_flags", NO_FILTER_FLAGS)) for one in (wrong, right))
    return Case(trigger=trigger, near=near, near_breaks=members.get("near_breaks", frozenset()))


def answers_below(above: str, wrong: str, right: str, *, before: str = "pass", **members: Any) -> Case:
    """The same under a sublayer that has said something."""
    trigger, near = (below(above, body(f"{before}\n{one}", CLASSIFY)) for one in (wrong, right))
    return Case(trigger=trigger, near=near, near_breaks=members.get("near_breaks", frozenset()))


CLEARS = FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT
PENDS = ("fwps.reference_net_buffer_list(layer_data, True)\n"
         "fwps.queue_work(fwps.dereference_net_buffer_list, layer_data, False)")
BLOCKS_ALOUD = body("""
    status, clone = self.clone(fwps, meta, layer_data)
    self.inject(fwps, values, clone)
    WRONG
""")
FORGETS = body("WRONG")

CASES = {
    "M28": answers("out.permit()\nout.flags = 1  # M28", "out.permit()\nout.flags = 0"),
    "M29": answers_below("out.block(hard=True)", "out.permit()  # M29", "out.block()"),
    "M30": answers_below("out.block(hard=True)", "out.rights ^= 1  # M30", "out.rights &= ~1"),
    "M31": answers("out.continue_()  # M31", "out.permit()", action=TERMINATING),
    "M32": answers("out.block()  # M32", "out.block(hard=True)"),
    "M33": answers("out.block(hard=True)  # M33", "out.continue_()", action=INSPECTION),
    "M34": answers("out.permit()  # M34", "out.permit(hard=True)", filter_flags=CLEARS),
    "M35": answers("out.block()  # M35", "out.block(hard=True)", before=PENDS),
    "M36": answers_below("out.permit(hard=True)", PENDS + "\nout.block()  # M36", "out.block(hard=True)",
                         near_breaks=frozenset({"M36b"})),
    "M36a": answers("out.permit()\nout.filter_id = 7  # M36a", "out.permit()"),
    "M36b": answers_below("out.permit(hard=True)", "out.block(hard=True)  # M36b", "pass"),
    "M36c": Case(trigger=among_anchors(BLOCKS_ALOUD.replace("WRONG", "out.block(hard=True)  # M36c")),
                 near=among_anchors(BLOCKS_ALOUD.replace("WRONG", "out.absorb()"))),
    "M36d": answers_below("out.block()", "out.permit()  # M36d", "out.continue_()", near_breaks=frozenset({"M32"})),
    "M38": Case(trigger=among_anchors(FORGETS.replace("WRONG", "out.absorb()  # M38")),
                near=among_anchors(FORGETS.replace("WRONG", "out.block(hard=True)"), OUTBOUND_MAC_FRAME_ETHERNET)),
}
