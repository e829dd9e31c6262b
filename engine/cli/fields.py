"""`l2scope fields`: what was extracted from each frame, a JSON line for each."""

from __future__ import annotations

import argparse
import sys

import msgspec

from engine.cli.output import open_output
from engine.cli.source_options import (
    CAPTURE_HELP,
    add_salvage_option,
    add_source_options,
    source_options,
    warn_of_damage,
)
from engine.frames.capture import open_capture
from engine.frames.ethernet import EthernetHeader, format_mac, parse_ethernet
from engine.frames.frame import Frame
from engine.frames.link.framing import frame_header, native_header
from engine.wfp.fields import layer_values
from engine.wfp.layers import PATHS, Layer

_PROGRESS_FRAMES = 20_000


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "fields",
        help="one JSON line per frame: the fields of its layers, nothing classified",
        description="Write a JSON line for each frame of a capture: direction, header, and every field of its layers.",
    )
    parser.add_argument("capture", metavar="CAPTURE", help=CAPTURE_HELP)
    parser.add_argument("--out", metavar="F", default="-", help="file to write; - is standard output (default)")
    add_source_options(parser)
    add_salvage_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it; 0 even where the capture is damaged further on. Raises EngineError."""
    options = source_options(args)
    encode = msgspec.json.Encoder().encode
    is_shown = sys.stderr.isatty() and args.out != "-"
    with open_capture(args.capture, options) as capture:
        with open_output("--out", args.out, capture=args.capture) as out:
            for count, frame in enumerate(capture, 1):
                out.line(encode(frame_fields(frame)))
                if is_shown and count % _PROGRESS_FRAMES == 0:
                    print(f"\r{count} frames", end="", file=sys.stderr, flush=True)
        if is_shown:
            print("\r\x1b[K", end="", file=sys.stderr)
        warn_of_damage(capture)
    return 0


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
    values = layer_values(layer, frame.interface, frame.direction, _seen(layer, frame))
    return {
        field.name: _mac(value) if isinstance(value, bytes) else value
        for field, value in zip(layer.fields, values, strict=True)
    }


def _seen(layer: Layer, frame: Frame) -> EthernetHeader:
    """The header that a layer sees."""
    framing = frame.framing
    if framing is None:
        return parse_ethernet(frame.data)
    if layer.is_native or framing.ethernet is None:
        return native_header(frame.interface.medium, framing.native)
    return parse_ethernet(framing.ethernet)


def epoch_text(time_ns: int) -> str:
    """Seconds since 1970 with nine decimals, `1700000000.123456789`."""
    seconds, rest_ns = divmod(abs(time_ns), 1_000_000_000)
    return f"{'-' if time_ns < 0 else ''}{seconds}.{rest_ns:09d}"


def _mac(address: bytes | None) -> str | None:
    return None if address is None else format_mac(address)
