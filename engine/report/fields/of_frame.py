"""What was extracted from a frame, as the members of a line. Source: contracts 3."""

from __future__ import annotations

from engine.frames.ethernet import format_mac
from engine.frames.frame import Frame
from engine.frames.link.framing import frame_header
from engine.wfp.fields import layer_values
from engine.wfp.layers import PATHS, Layer
from engine.wfp.seen import layer_header


def frame_fields(frame: Frame) -> dict[str, object]:
    """Return the members of a frame's line, in order. Source: contracts 3.

    A frame that does not meet the upper layer has only the native layer's members, and a reason.
    """
    header = frame_header(frame)
    line: dict[str, object] = {
        "frame": frame.number,
        "time": epoch_text(frame.time_ns),
        "link_type": frame.interface.link_type,
        "captured": frame.captured_bytes,
        "length": frame.length_bytes,
        "interface": frame.interface.id,
        "direction": frame.direction,
        "direction_from": frame.direction_from,
        "comments": frame.comments,
        "truncated": frame.is_truncated,
        "destination": None,
        "source": None,
        "ether_type": None,
        "vlan": (),
        "layers": {},
    }
    if header is None:
        line["reason"] = frame.skip_reason
        return line
    line["destination"], line["source"] = _mac(header.destination), _mac(header.source)
    line["ether_type"] = None if header.ether_type is None else f"0x{header.ether_type:04x}"
    line["vlan"] = header.vids
    line["layers"] = {
        layer.name: _layer(layer, frame) for layer in PATHS[frame.direction] if layer.is_native or not frame.native_only
    }
    if frame.native_only and frame.framing is not None:
        line["reason"] = frame.framing.reason
    return line


def _layer(layer: Layer, frame: Frame) -> dict[str, object]:
    values = layer_values(layer, frame.interface, frame.direction, layer_header(layer, frame))
    return {
        field.name: _mac(value) if isinstance(value, bytes) else value
        for field, value in zip(layer.fields, values, strict=True)
    }


def epoch_text(time_ns: int) -> str:
    """Seconds since 1970 with nine decimals, `1700000000.123456789`."""
    seconds, rest_ns = divmod(abs(time_ns), 1_000_000_000)
    return f"{'-' if time_ns < 0 else ''}{seconds}.{rest_ns:09d}"


def _mac(address: bytes | None) -> str | None:
    return None if address is None else format_mac(address)
