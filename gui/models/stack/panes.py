"""The four panes of the stack at one moment: where each NBL is, what each layer counts, which pane is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.ndis.snapshot import NblId
from engine.trace import events as ev
from engine.trace.world import LayerCounts, Place, World
from engine.wfp.layers import LAYERS, Layer
from gui.models.stack.ladder import Ladder, LadderPlan
from gui.models.stack.ladder_moment import Moment
from gui.theme import BadgeKind
from gui.widgets.token import FrameToken

INBOUND_FIRST, INBOUND_LAST, OUTBOUND_FIRST, OUTBOUND_LAST = 58, 56, 57, 59
"""The ends of the two paths through the layers. Source: layers-and-filters 1.2."""

ENTERS, CLASSIFIED, PASSING, LEAVING, HELD, DRIVER, ENDED = (
    "enters next", "in classify", "passing", "leaving", "held", "with the driver", "ended here",
)  # fmt: skip
PAST = "no filter at this layer: frames go past it"
_ORDER = (ENTERS, CLASSIFIED, PASSING, LEAVING, HELD, DRIVER, ENDED)


@dataclass(frozen=True, slots=True)
class Strip:
    """Tokens that stand together, and what they do there."""

    label: str
    tokens: tuple[FrameToken, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ModuleState:
    """The LWF module of a layer, as far as it concerns frames of that direction."""

    name: str
    handler: str
    """`rx` or `tx`."""
    word: str
    """`Running`, `Bypassed` (handlers for the other direction only) or `Detached`; in a restart `Pausing`, `Paused`,
    `Restarting` or `Attaching`."""
    handlers: str
    """What handlers the module has: `tx rx`, `tx`, `rx` or nothing."""

    @property
    def words(self) -> str:
        """`module 802.3 Running, handlers: tx rx`."""
        return f"module {self.name} {self.word}, handlers: {self.handlers or 'none'}"

    @property
    def is_running(self) -> bool:
        return self.word == "Running"

    @property
    def without_filters(self) -> str:
        """What becomes of frames where the layer has no filter. Source: CH-28 for a module that restarts."""
        restarts = self.word not in ("Running", "Bypassed", "Detached")
        return f"no filter at this layer; its module is {self.word}" if restarts else PAST

    @property
    def text(self) -> str:
        return f"module {self.name} · {self.handler} {'✓' if self.is_running else '–'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """Everything that one layer pane shows."""

    layer: Layer
    is_current: bool
    counts: LayerCounts
    module: ModuleState
    strips: tuple[Strip, ...]
    ladder: Ladder

    @property
    def is_empty(self) -> bool:
        """No token stands in the pane, not even in the current row."""
        moment = self.ladder.moment
        return not self.strips and not (moment is not None and moment.tokens)

    @property
    def entering(self) -> tuple[Strip, ...]:
        return tuple(strip for strip in self.strips if strip.label == ENTERS)

    @property
    def others(self) -> tuple[Strip, ...]:
        return tuple(strip for strip in self.strips if strip.label != ENTERS)


def panes_of(
    world: World, event: ev.TraceEvent | None, plans: Mapping[int, LadderPlan], frame: int, *, as_rates: bool = False
) -> dict[int, Pane]:
    """Return the pane of each layer for the story of `frame`; `event` is the last record's, None before the first.

    With `as_rates` the ladders tell their hit counts, whatever is being classified.
    """
    now = None if as_rates else current_layer(world, event)
    line = event.line if isinstance(event, ev.Call | ev.LineExecuted | ev.FunctionReturned) else ""
    found = _tokens(world, frame)
    panes: dict[int, Pane] = {}
    for layer in LAYERS:
        tokens, plan = found.get(layer.id, {}), plans[layer.id]
        moment = None
        if not as_rates:
            moment = Moment.of(world, layer.id, plan.policy, frame, line, tuple(tokens.get(CLASSIFIED, ())))
        panes[layer.id] = _pane(world, layer, Ladder.of(plan, world, moment), tokens, is_current=layer.id == now)
    return panes


def current_layer(world: World, event: ev.TraceEvent | None) -> int | None:
    """The layer in which the last record happened; None where it happened outside of all four."""
    if world.layer is not None:
        return world.layer
    match event:
        case (
            ev.ClassifyEnded(layer=layer)
            | ev.ModuleEntered(layer=layer)
            | ev.ModuleLeft(layer=layer)
            | ev.ModuleBypassed(layer=layer)
            | ev.ChainSplit(layer=layer)
            | ev.ChainRelinked(layer=layer)
            | ev.FrameReentered(layer=layer)
            | ev.DropAudited(layer=layer)
        ):
            return layer
        case ev.FrameAbsorbed(nbl=nbl) | ev.OriginalHeld(nbl=nbl):
            place = world.places.get(nbl)
            return None if place is None else place.layer
        case _:
            return None


def module_state(world: World, layer: Layer) -> ModuleState:
    name = "native" if layer.is_native else "802.3"
    tx, rx = world.modules[name]
    is_inbound = layer.id in {INBOUND_FIRST, INBOUND_LAST}
    word = "Running" if (rx if is_inbound else tx) else "Bypassed" if tx or rx else "Detached"
    state = world.module_states.get(name, "Running")
    word = word if state == "Running" else state
    handlers = " ".join(handler for handler, is_there in (("tx", tx), ("rx", rx)) if is_there)
    return ModuleState(name, "rx" if is_inbound else "tx", word, handlers)


def _pane(
    world: World, layer: Layer, ladder: Ladder, tokens: dict[str, list[FrameToken]], *, is_current: bool
) -> Pane:
    # Tokens in classify stand in the current row, where there is one.
    shown = [label for label in _ORDER if label in tokens and not (label == CLASSIFIED and ladder.current is not None)]
    strips = tuple(Strip(label, tuple(tokens[label]), _note(world, label, tokens[label])) for label in shown)
    return Pane(layer=layer, is_current=is_current, counts=replace(world.layers[layer.id]),
                module=module_state(world, layer), strips=strips, ladder=ladder)


def _note(world: World, label: str, tokens: list[FrameToken]) -> str:
    """`injection 7`, for tokens that wait to re-enter."""
    snapshot = world.nbls.get(NblId(tokens[0].id))
    if label != ENTERS or snapshot is None or not snapshot.history:
        return ""
    return f"injection {snapshot.history[-1].injection}"


def _tokens(world: World, frame: int) -> dict[int, dict[str, list[FrameToken]]]:
    asking = _asking_driver(world)
    found: dict[int, dict[str, list[FrameToken]]] = {}
    for nbl in sorted(world.places, key=lambda id_: (_frame(id_) != frame, _numbers(id_))):
        spot = _spot(world, nbl, world.places[nbl], frame)
        if spot is None:
            continue
        layer, label, note = spot
        is_current = label == CLASSIFIED or (world.layer is None and nbl in world.changed)
        token = FrameToken(id=nbl, badge=_badge(world, nbl, asking), note=note, current=is_current)
        found.setdefault(layer, {}).setdefault(label, []).append(token)
    return found


def _spot(world: World, nbl: NblId, place: Place, frame: int) -> tuple[int, str, str] | None:
    """Layer, label and note of the token of an NBL; None where it is not on the stack."""
    match place.where:
        case "queue" if place.layer is not None:
            return place.layer, ENTERS, place.note
        case "layer" if place.layer is not None:
            return place.layer, _label_in_layer(world, nbl, place), place.note
        case "between" if place.layer is not None:
            return place.layer, LEAVING, place.note
        case "wire":
            is_new = place.note == "from the miniport"
            return (INBOUND_FIRST, ENTERS, place.note) if is_new else (OUTBOUND_LAST, LEAVING, place.note)
        case "protocols":
            is_new = place.note == "from the protocols"
            return (OUTBOUND_FIRST, ENTERS, place.note) if is_new else (INBOUND_LAST, LEAVING, place.note)
        case "held" if place.layer is not None:
            return place.layer, HELD, place.note
        case "driver":
            layer = place.layer if place.layer is not None else _last_layer(world, nbl)
            return None if layer is None else (layer, DRIVER, place.note)
        case "gone" if place.layer is not None and _frame(nbl) == frame:
            return place.layer, ENDED, place.note
        case _:
            return None


def _label_in_layer(world: World, nbl: NblId, place: Place) -> str:
    running = world.classifications.get(place.layer) if place.layer is not None else None
    if world.layer == place.layer and running is not None and nbl in running.began.nbls:
        return CLASSIFIED
    return ENTERS if place.note in {"enters", "re-enters"} else PASSING


def _last_layer(world: World, nbl: NblId) -> int | None:
    snapshot = world.nbls.get(nbl)
    return snapshot.history[-1].layer if snapshot is not None and snapshot.history else None


def _asking_driver(world: World) -> str | None:
    """The driver whose callout runs: the states are what its handles would be told."""
    running = None if world.layer is None else world.classifications[world.layer].callout
    return None if running is None else running.driver


def _badge(world: World, nbl: NblId, driver: str | None) -> BadgeKind:
    snapshot = world.nbls.get(nbl)
    if snapshot is None:
        return "N"
    return (snapshot.badge if driver is None else snapshot.badge_for(driver)).value


def _frame(nbl: NblId) -> int:
    return int(nbl.partition(".")[0])


def _numbers(nbl: NblId) -> tuple[int, int]:
    frame, _, copy = nbl.partition(".")
    return int(frame), int(copy)
