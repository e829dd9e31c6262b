"""Options of every command that reads frames: which ones, and where the host stands."""

from __future__ import annotations

import argparse
import re
import sys

from engine.cli.printable import printable
from engine.errors import OptionError
from engine.frames.capture import CaptureFile, SourceOptions
from engine.frames.ethernet import parse_mac
from engine.frames.frame import Direction, MacAddress

CAPTURE_HELP = "pcap or pcapng file, plain or compressed with gzip, zstd or LZ4; - is standard input"

_RANGE = re.compile(r"(\d{1,18})(-(\d{1,18})?)?", re.ASCII)


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Add `--frames`, `--local-mac` and `--direction`."""
    parser.add_argument("--frames", metavar="A-B", help="only these frames, numbered from 1; also A-, or 3,7-9")
    parser.add_argument(
        "--local-mac", metavar="MAC", action="append", default=[], help="an address of the host; may be repeated"
    )
    parser.add_argument(
        "--direction", metavar="auto|inbound|outbound", default="auto", help="of every frame (default: auto)"
    )


def add_salvage_option(parser: argparse.ArgumentParser) -> None:
    """Add `--salvage`, for commands that read files."""
    parser.add_argument(
        "--salvage", action="store_true", help="read on behind damage, with the next record that looks whole")


def source_options(args: argparse.Namespace) -> SourceOptions:
    """Read what `add_source_options` added. Raises OptionError."""
    first, last, gaps = (1, None, ()) if args.frames is None else _frames(args.frames)
    return SourceOptions(
        local_macs=tuple(_local_mac(text) for text in args.local_mac),
        direction=_direction(args.direction),
        first=first,
        last=last,
        gaps=gaps,
        salvage=getattr(args, "salvage", False),
    )


def refuse_no_frames(args: argparse.Namespace, capture: CaptureFile) -> None:
    """The capture has come to its end and gave no frame: OptionError if `--frames` has asked for some."""
    if args.frames is None:
        return
    found = "it has none of these frames"
    if capture.is_file:
        for _ in capture.index():
            pass
        found = f"it has {capture.frame_count or 'no'} frame{'s' * (capture.frame_count != 1)}"
    raise OptionError(f"--frames {args.frames}", f"{printable(args.capture)}: {found}",
                      "choose among those, or leave --frames out")


def warn_of_damage(capture: CaptureFile) -> None:
    """Say on standard error what of a capture could not be read."""
    lines = capture.gaps.lines() + ([str(capture.damage)] if capture.damage is not None else [])
    for line in lines:
        print(f"l2scope: warning: {printable(line)}", file=sys.stderr)


def _frames(text: str) -> tuple[int, int | None, tuple[tuple[int, int], ...]]:
    """First and last number, and what is left out between them."""
    ranges = sorted((_range(part) for part in text.split(",")), key=lambda one: one[0])
    first, last = ranges[0]
    gaps: list[tuple[int, int]] = []
    for start, end in ranges[1:]:
        if last is None:
            break
        if start > last + 1:
            gaps.append((last + 1, start - 1))
        last = None if end is None else max(last, end)
    return first, last, tuple(gaps)


def _range(text: str) -> tuple[int, int | None]:
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
