"""`l2scope fields`: what was extracted from each frame, a JSON line for each."""

from __future__ import annotations

import argparse
import sys

import msgspec

from engine.cli.output import open_output
from engine.cli.source_options import add_source_options, source_options
from engine.cli.summary_text import printable
from engine.frames.capture import open_capture
from engine.frames.ethernet import format_mac, parse_ethernet
from engine.frames.frame import Frame
from engine.wfp.fields import layer_values
from engine.wfp.layers import PATHS

_PROGRESS_FRAMES = 20_000


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "fields",
        help="one JSON line per frame: the fields of its layers, nothing classified",
        description="Write a JSON line for each frame of a capture: direction, header, and every field of its layers.",
    )
    parser.add_argument("capture", metavar="CAPTURE", help="pcap or pcapng file, plain or gzipped; - is standard input")
    parser.add_argument("--out", metavar="F", default="-", help="file to write; - is standard output (default)")
    add_source_options(parser)
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
        if capture.damage is not None:
            print(f"l2scope: warning: {printable(str(capture.damage))}", file=sys.stderr)
    return 0


def frame_fields(frame: Frame) -> dict[str, object]:
    """Return the members of a frame's line, in order. Source: contracts 3."""
    header = parse_ethernet(frame.data) if frame.skip_reason is None else None
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
        layer.name: {
            field.name: _mac(value) if isinstance(value, bytes) else value
            for field, value in zip(
                layer.fields, layer_values(layer, frame.interface, frame.direction, header), strict=True
            )
        }
        for layer in PATHS[frame.direction]
    }
    return line


def epoch_text(time_ns: int) -> str:
    """Seconds since 1970 with nine decimals, `1700000000.123456789`."""
    seconds, rest_ns = divmod(abs(time_ns), 1_000_000_000)
    return f"{'-' if time_ns < 0 else ''}{seconds}.{rest_ns:09d}"


def _mac(address: bytes | None) -> str | None:
    return None if address is None else format_mac(address)
