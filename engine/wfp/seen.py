"""The header of a frame as a layer sees it."""

from __future__ import annotations

from engine.frames.ethernet import EthernetHeader, parse_ethernet
from engine.frames.frame import Frame
from engine.frames.link.framing import native_header
from engine.wfp.layers import Layer


def layer_header(layer: Layer, frame: Frame) -> EthernetHeader:
    """Of a frame that is not Ethernet: as it was on its medium at the native layers, converted at the others."""
    framing = frame.framing
    if framing is None:
        return parse_ethernet(frame.data)
    if layer.is_native or framing.ethernet is None:
        return native_header(frame.interface.medium, framing.native)
    return parse_ethernet(framing.ethernet)
