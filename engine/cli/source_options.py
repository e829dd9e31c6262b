"""Options of every command that reads frames: which ones, and where the host stands."""

from __future__ import annotations

import argparse
import re

from engine.errors import OptionError
from engine.frames.capture import SourceOptions
from engine.frames.ethernet import parse_mac
from engine.frames.frame import Direction, MacAddress

_RANGE = re.compile(r"(\d{1,18})(-(\d{1,18})?)?", re.ASCII)


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Add `--frames`, `--local-mac` and `--direction`."""
    parser.add_argument("--frames", metavar="A-B", help="only these frames, numbered from 1; also A- or one number")
    parser.add_argument(
        "--local-mac", metavar="MAC", action="append", default=[], help="an address of the host; may be repeated"
    )
    parser.add_argument(
        "--direction", metavar="auto|inbound|outbound", default="auto", help="of every frame (default: auto)"
    )


def source_options(args: argparse.Namespace) -> SourceOptions:
    """Read what `add_source_options` added. Raises OptionError."""
    first, last = (1, None) if args.frames is None else _frames(args.frames)
    return SourceOptions(
        local_macs=tuple(_local_mac(text) for text in args.local_mac),
        direction=_direction(args.direction),
        first=first,
        last=last,
    )


def _frames(text: str) -> tuple[int, int | None]:
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        raise OptionError("--frames", f"{text!r} is no range", "write it as 100-200")
    first = int(match[1])
    last = first if match[2] is None else int(match[3]) if match[3] else None
    if first < 1:
        raise OptionError("--frames", "frames are numbered from 1", f"write 1 in place of {first}")
    if last is not None and last < first:
        raise OptionError("--frames", f"{text} ends before it begins", f"write {last}-{first}")
    return first, last


def _local_mac(text: str) -> MacAddress:
    address = parse_mac(text)
    if address is None:
        raise OptionError("--local-mac", f"{text!r} is no MAC address", "write it as 02:00:00:00:00:01")
    if address[0] & 1:
        raise OptionError("--local-mac", f"{text} is a group address", "name the interface's own, unicast address")
    return address


def _direction(text: str) -> Direction | None:
    if text == "auto":
        return None
    try:
        return Direction(text)
    except ValueError:
        raise OptionError("--direction", f"{text!r} is none", "write auto, inbound or outbound") from None
