"""How modules that restart, and what they lose, move the `World`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.trace import events as ev
from engine.trace.trace import Record
from engine.trace.world import Place, World


def _pausing(world: World, _: Record, event: ev.ModulePausing) -> None:
    world.module_states[event.module] = "Pausing"


def _state_changed(world: World, _: Record, event: ev.ModuleStateChanged) -> None:
    world.module_states[event.module] = event.state
    world.modules[event.module] = (event.tx_handlers, event.rx_handlers)


def _completion_lost(world: World, _: Record, event: ev.CompletionLost) -> None:
    world.places[event.nbl] = Place("gone", None, "its completion is lost")


MACHINE_MOVES: dict[type[Any], Callable[[World, Record, Any], None]] = {
    ev.ModulePausing: _pausing,
    ev.ModuleStateChanged: _state_changed,
    ev.CompletionLost: _completion_lost,
}
