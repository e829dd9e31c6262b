"""Drop events of the MAC layers.

Source: layers-and-filters 6.4; callouts-nbl-injection 1.9; C3, C18, C24.
"""

from __future__ import annotations

from engine.classify.arbitration import Verdict
from engine.classify.drop_ring import NetEvent
from engine.classify.host import Host
from engine.frames.ethernet import EthernetHeader, format_mac
from engine.frames.frame import Direction
from engine.ndis.nbl import NetBufferList
from engine.ndis.nbl_flags import NblFlag
from engine.trace import events as ev
from engine.wfp.layers import Layer
from engine.wfp.types import FilterId

MS_FWP_DIRECTION_IN, MS_FWP_DIRECTION_OUT = 0x3900, 0x3901
LAYER_DEFAULT = FilterId(0)
"""filterId of a drop that no filter decided (C3)."""


def audited(host: Host, layer: Layer, nbl: NetBufferList, header: EthernetHeader, verdict: Verdict) -> ev.DropAudited:
    """The drop event of one NBL, kept in the ring if that is wanted."""
    interface = host.interfaces[nbl.interface_index]
    inbound = layer.direction is Direction.INBOUND
    local, remote = (header.destination, header.source) if inbound else (header.source, header.destination)
    tag = nbl.vlan if nbl.vlan is not None else (header.tags[0][1] if header.tags else 0)
    kept = host.drops.wants(layer.direction, local)
    drop = ev.DropAudited(
        nbl.id, LAYER_DEFAULT if verdict.decided_by is None else verdict.decided_by, layer.id,
        format_mac(local) if local else None, format_mac(remote) if remote else None, header.outer_type, tag,
        interface.medium, interface.if_type, interface.luid, nbl.ndis_port,
        MS_FWP_DIRECTION_IN if inbound else MS_FWP_DIRECTION_OUT,
        is_loopback=bool(nbl.nbl_flags & NblFlag.IS_LOOPBACK_PACKET), kept=kept)
    if kept:
        host.drops.keep(NetEvent(nbl.frame, host.now_ns, drop))
    return drop
