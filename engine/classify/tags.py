"""Packet tags: what happens to a tagged NBL is told to the driver that has tagged it.

Source: callouts-nbl-injection 5.8 [drv: using-packet-tagging.md] [hdr: fwpsk.h].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.callouts.views import NetBufferListView
from engine.classify.host import Driver, Host
from engine.classify.scripts import run_script
from engine.frames.frame import Direction
from engine.ndis.nbl import NetBufferList
from engine.ndis.tag_events import TagEvent
from engine.trace import events as ev

LAYER_NON_WFP = 0xFFFF


COMPLETE = {
    Direction.INBOUND: (TagEvent.NDIS_ETHERNET_RECV_COMPLETE, TagEvent.NDIS_NATIVE_RECV_COMPLETE),
    Direction.OUTBOUND: (TagEvent.NDIS_NATIVE_SEND_COMPLETE, TagEvent.NDIS_ETHERNET_SEND_COMPLETE),
}
"""Told as the NBL goes back through the modules: down from the protocols, or up from the miniport."""


@dataclass(frozen=True, slots=True)
class Tagging:
    """What one driver has associated with an NBL."""

    driver: Driver
    context: int
    layer: int
    notify: Callable[..., Any]
    view: NetBufferListView


def tell(host: Host, nbl: NetBufferList, event: TagEvent, about: NetBufferListView | None = None) -> None:
    """Call the notify function of each tag. `about` is the clone that was made of the NBL."""
    for tag, tagging in list(nbl.tags.items()):
        host.emit(ev.TagNotified(nbl.id, tag, tagging.context, f"FWPS_NET_BUFFER_LIST_{event.name}", tagging.layer,
                                 tagging.driver.name))
        call, host.call = host.call, None
        if tagging.driver.loaded:
            _notify(host, tag, tagging, event, about)
        host.call = call


def _notify(host: Host, tag: int, tagging: Tagging, event: TagEvent, about: NetBufferListView | None) -> None:
    fwps, shown = tagging.driver.fwps, about or tagging.view
    run_script(host, tagging.driver, "notify_fn", lambda: tagging.notify(
        fwps, int(event), None, shown, tagging.layer, tagging.context, tag))


def direction_of(function: str) -> Direction:
    """Which way the NBLs of an injection function go."""
    return Direction.OUTBOUND if function == "FwpsInjectMacSendAsync0" else Direction.INBOUND


def ended(host: Host, nbl: NetBufferList, direction: Direction) -> None:
    """The NBL is on its way back to whom it came from."""
    for event in COMPLETE[direction]:
        tell(host, nbl, event)
    removed(host, nbl)


def removed(host: Host, nbl: NetBufferList) -> None:
    """The contexts of the NBL go."""
    tell(host, nbl, TagEvent.CONTEXT_REMOVED)
    nbl.tags.clear()
