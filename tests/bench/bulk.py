"""A 20-filter policy over ten million frames, beside tcpdump and tshark with one equivalent expression.

Whole processes, file cached, best of some runs; where a program is not installed its row says so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from tests.bench.mixed_capture import write_pcap

FRAMES, FRAMES_FOR_TSHARK = 10_000_000, 500_000
RUNS = 3
EXPRESSION, DISPLAY_FILTER = "arp", "arp"

Row = tuple[str, str, str]


def measure(frames: int = FRAMES) -> Iterator[Row]:
    """The rows: what, figure, note."""
    with TemporaryDirectory() as folder:
        capture, slice_ = Path(folder, "mixed.pcap"), Path(folder, "slice.pcap")
        policy, summary = Path(folder, "policy.json"), Path(folder, "summary.json")
        write_pcap(capture, frames)
        write_pcap(slice_, FRAMES_FOR_TSHARK)
        policy.write_text(json.dumps({"format": "l2scope-policy", "version": 1, "filters": filters()}))
        command = [sys.executable, "-m", "engine", "run", str(capture), "--policy", str(policy), "--summary",
                   str(summary), "--quiet"]
        whole = _best(command)
        inside = float(json.loads(summary.read_text())["seconds"])
        yield _row(f"bulk: {frames:,} frames, 20 filters, whole process", frames, whole)
        yield _row("bulk: the same without start-up", frames, inside)
        yield from _beside("tcpdump", ["tcpdump", "-r", str(capture), "-w", "/dev/null", EXPRESSION], frames,
                           frames / whole, frames / inside)
        yield from _beside("tshark -Y", ["tshark", "-n", "-r", str(slice_), "-Y", DISPLAY_FILTER, "-w", "/dev/null"],
                           FRAMES_FOR_TSHARK, frames / whole, frames / inside)


def filters() -> list[dict[str, Any]]:
    """20 filters over all four layers; one of them blocks what the expression of the others finds."""
    found = [
        _filter("in", "INBOUND", "ETHERNET", number, ("ETHER_TYPE", "FWP_UINT16", type_), blocks=number == 0)
        for number, type_ in enumerate((0x0806, 0x86DD, 0x88CC, 0x888E, 0x0800, 0x0026))
    ]
    found += [
        _filter("out", "OUTBOUND", "ETHERNET", number, ("VLAN_ID", "FWP_UINT16", tag),
                ("MAC_REMOTE_ADDRESS", "FWP_BYTE_ARRAY6_TYPE", f"02:00:00:00:01:{number:02x}"), blocks=number < 3)
        for number, tag in enumerate((20, 30, 0x601E, 5, 6, 7))
    ]
    for direction in ("INBOUND", "OUTBOUND"):
        found += [_filter("native", direction, "NATIVE", number, ("INTERFACE_INDEX", "FWP_UINT32", number + 1))
                  for number in range(4)]
    return found


def _filter(name: str, direction: str, layer: str, number: int, *conditions: tuple[str, str, object],
            blocks: bool = False) -> dict[str, Any]:
    return {
        "name": f"{direction} {name} {number}", "layer": f"FWPM_LAYER_{direction}_MAC_FRAME_{layer}",
        "weight": {"type": "FWP_UINT8", "value": number}, "action": f"FWP_ACTION_{'BLOCK' if blocks else 'PERMIT'}",
        "conditions": [{"field": f"FWPM_CONDITION_{field}", "match": "FWP_MATCH_EQUAL",
                        "value": {"type": type_, "value": value}} for field, type_, value in conditions],
    }


def _beside(name: str, command: list[str], frames: int, whole: float, inside: float) -> Iterator[Row]:
    if shutil.which(command[0]) is None:
        yield f"bulk: {name}", "-", f"{command[0]} is not installed"
        return
    seconds = _best(command)
    theirs = frames / seconds
    yield (f"bulk: {name}, {frames:,} frames", f"{theirs:,.0f} frames/s",
           f"ours is {whole / theirs:.2f} × whole process, {inside / theirs:.2f} × without start-up")


def _row(what: str, frames: int, seconds: float) -> Row:
    return what, f"{frames / seconds:,.0f} frames/s", f"{seconds:.2f} s"


def _best(command: list[str]) -> float:
    times: list[float] = []
    for _ in range(RUNS):
        begun = perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(perf_counter() - begun)
    return min(times)
