"""Loops of injections, found as cycles between callouts before the loop limit breaks them.

A callout that has taken a frame and injects it again with the bytes and the injection state it had when the same
callout injected it before has made no progress, and nothing but chance ends that: the cycle is told when it closes. A
frame that differs each time round (a hop limit that falls, a tag more, another driver in its history) may come to an
end, and only the loop limit judges it.

Source: callouts-nbl-injection 4 (loop shapes a to d), 7 (M06, M10).
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from engine.classify.host import Driver, Host
from engine.ndis.nbl import Lap, NetBufferList
from engine.ndis.snapshot import NEW
from engine.wfp.layers import layer_by_id
from engine.wfp.types import Guid

_ARROW = " → "


def derived(nbl: NetBufferList, source: NetBufferList | None) -> None:
    """A driver has made a new NBL from `source`, in whose classification, or for whose sake."""
    if source is not None:
        nbl.trail, nbl.taker = source.trail, source.taker


def judge_cycle(host: Host, driver: Driver, nbl: NetBufferList, line: str) -> None:
    """M06, M10: an injection, called at `line`, is accepted, and stands in the NBL's history; does it close a cycle?"""
    taker = nbl.taker
    if taker is None:
        return
    nbl.taker = None  # the same NBL sent again by its completion function has not been taken again
    handles = [entry.handle for entry in nbl.history]
    state = crc32(b"".join([nb.read() for nb in nbl.net_buffers()])), handles[-1], frozenset(handles)
    lap = Lap(taker, driver.name, nbl.id, line, state, nbl.kind is NEW)
    before = nbl.trail
    nbl.trail = (*before, lap)
    if not before:
        return
    places = [place for place, one in enumerate(before) if one.callout == taker and one.state == lap.state]
    if not places or ("cycle", nbl.frame) in host.ledger.loops:
        return
    host.ledger.loops.add(("cycle", nbl.frame))
    members = nbl.trail[places[-1]:]
    about = tuple(one.nbl for one in members if one.nbl != nbl.id)
    if is_deep_copy_cycle(members):
        _tell_ping_pong(host, nbl, members, driver, None)
    else:
        host.broken("M06", f"{nbl.id} closes a cycle: {cycle_text(host, members)}, with the bytes it had before", nbl,
                    driver=driver, severity="E", about=about)


def is_to_break(host: Host, nbl: NetBufferList, callout: str, visits: int) -> bool:
    """The loop is broken at a callout that is part of it; at a bystander only when that does not end it."""
    members = {one.callout for one in nbl.trail}
    return not members or callout in members or visits > 2 * host.options.loop_limit


def judge_limit(host: Host, nbl: NetBufferList, taker: str, driver: Driver, line: str, times: int) -> None:
    """M06, and M10 beside it: the lineage meets a callout too often; the engine breaks the loop."""
    members = _last_round(nbl.trail, taker)
    about = tuple(one.nbl for one in members if one.nbl != nbl.id)
    way = f" ({cycle_text(host, members)})" if members else ""
    host.broken("M06", f"its lineage meets this filter for the {times}th time{way}; the engine lets it pass here", nbl,
                driver=driver, line=line, about=about)
    if is_deep_copy_cycle(members):
        _tell_ping_pong(host, nbl, members, driver, line)


def _last_round(trail: Sequence[Lap], taker: str) -> Sequence[Lap]:
    """From one injection for a callout to the next for the same; the latest such round of a lineage."""
    places = [place for place, one in enumerate(trail) if one.callout == trail[-1].callout]
    if len(places) > 1:
        return trail[places[-2]:]
    return (trail[-1], trail[-1]) if places and trail[-1].callout == taker else ()


def _tell_ping_pong(host: Host, nbl: NetBufferList, members: Sequence[Lap], driver: Driver, line: str | None) -> None:
    if ("M10", nbl.frame) in host.ledger.loops:
        return
    host.ledger.loops.add(("M10", nbl.frame))
    drivers = sorted({one.driver for one in members})
    host.broken("M10", f"{' and '.join(drivers)} inject copies of each other's frame {nbl.frame}: "
                f"{cycle_text(host, members)}; a copy has no injection history", nbl, driver=driver, line=line,
                about=tuple(dict.fromkeys(one.nbl for one in members if one.nbl != nbl.id)))


def is_deep_copy_cycle(members: Sequence[Lap]) -> bool:
    """Several drivers, and none leaves an injection history to the next."""
    return len({one.driver for one in members}) > 1 and all(one.is_copy for one in members)


def cycle_text(host: Host, members: Sequence[Lap]) -> str:
    """`X (x.py:21, OUTBOUND_MAC_FRAME_ETHERNET) → Y (y.py:30, …) → X`."""
    told: set[str] = set()
    words: list[str] = []
    for one in members:
        callout = host.policy.callouts.get(Guid(one.callout))
        layer = layer_by_id(callout.layer_id) if callout is not None else None
        name = one.driver if callout is None else callout.name
        where = f" ({one.line}, {layer.short_name})" if layer is not None else f" ({one.line})"
        words.append(name if one.callout in told else name + where)
        told.add(one.callout)
    return _ARROW.join(words)
