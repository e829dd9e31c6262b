"""Received frames that the adapter has put together from several. Source: callouts-nbl-injection 1.2, 7 (M59)."""

from __future__ import annotations

from engine.classify.host import Host
from engine.frames.ethernet import parse_ethernet
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import ORIGINAL
from engine.wfp.types import CalloutFlag, Guid

ALLOWING = int(CalloutFlag.FWP_CALLOUT_FLAG_ALLOW_RSC | CalloutFlag.FWP_CALLOUT_FLAG_ALLOW_URO)
"""The flags by which a callout says that coalesced frames do it no harm."""


def judge_coalesced(host: Host, parent: NetBufferList) -> None:
    """M59: a callout that lets the adapter coalesce clones a frame that is longer than the medium carries."""
    if parent.kind is not ORIGINAL or parent.pool != "miniport receive pool" or parent.taker is None:
        return
    callout = host.policy.callouts.get(Guid(parent.taker))
    nb = parent.first_net_buffer
    if callout is None or nb is None or not int(callout.flags) & ALLOWING:
        return
    hidden = min(parent.hidden_bytes, nb.data_offset)
    length = nb.data_length + hidden
    mtu = host.options.mtu
    if length <= mtu or length <= mtu + (hidden or parse_ethernet(nb.read(0, 64)).header_bytes):
        return
    host.broken("M59", f"{parent.id} has {length} bytes, more than the medium carries: the adapter has coalesced it; "
                f"{callout.name} allows that, and clones it", parent)
