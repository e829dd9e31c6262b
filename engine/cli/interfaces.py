"""`l2scope interfaces`: what can be captured on, and whether the rights are there."""

from __future__ import annotations

import argparse

import msgspec

from engine.cli.output import open_output
from engine.frames.devices import Device, devices, missing_rights
from engine.frames.ethernet import format_mac


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "interfaces",
        help="what can be captured on, and whether the rights are there",
        description="List the interfaces that can be captured on, and say whether the rights are there.",
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    missing = missing_rights()
    found = devices()
    with open_output("--out", "-") as out:
        if args.json:
            out.line(_json(found, missing))
            return 0
        for line in _table(found):
            out.line(line.encode())
        out.line(b"")
        out.line(("Frames can be captured." if missing is None else f"{missing[0]}: {missing[1]}").encode())
    return 0


def _json(found: list[Device], missing: tuple[str, str] | None) -> bytes:
    reason, remedy = missing or (None, None)
    return msgspec.json.encode(
        {
            "can_capture": missing is None,
            "reason": reason,
            "remedy": remedy,
            "interfaces": [
                {
                    "name": device.name,
                    "description": device.description,
                    "index": device.index,
                    "mac": None if device.mac is None else format_mac(device.mac),
                    "addresses": device.addresses,
                    "up": device.is_up,
                }
                for device in found
            ],
        }
    )


def _table(found: list[Device]) -> list[str]:
    rows = [("INDEX", "NAME", "MAC", "STATE", "ADDRESSES")]
    for device in found:
        mac = "" if device.mac is None else format_mac(device.mac)
        state = "up" if device.is_up else "down"
        rows.append((str(device.index), device.name, mac, state, " ".join(device.addresses)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]).rstrip()
        for row in rows
    ]
