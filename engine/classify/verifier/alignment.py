"""An MDL that begins with the IP header should be aligned to a pointer when it is sent.

Source: callouts-nbl-injection 3.2 [drv: callout-driver-programming-considerations.md]; CH-23.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.classify.host import Host
from engine.classify.verifier.injecting import Target
from engine.frames.ethernet import parse_ethernet
from engine.frames.frame import OUTBOUND
from engine.ndis.mdl import address_of, chain
from engine.ndis.nbl import NetBufferList

POINTER_BYTES = 8


def judge_alignment(host: Host, nbls: Sequence[NetBufferList], target: Target) -> None:
    """X03, a hint: told for the first NBL of the call that it holds for."""
    if target.layer.direction is not OUTBOUND:
        return
    for nbl in nbls:
        nb = nbl.first_net_buffer
        if nb is None:
            continue
        before = -nb.data_offset
        for mdl in chain(nb.mdl_chain):
            is_aligned = before < 0 or address_of(mdl) % POINTER_BYTES == 0
            if not is_aligned and parse_ethernet(nb.read(0, 64)).header_bytes == before:
                host.broken("X03", f"MDL {mdl.id} of {nbl.id} begins with the IP header, at an address that is not a "
                            f"multiple of {POINTER_BYTES}", nbl)
                return
            before += mdl.byte_count
