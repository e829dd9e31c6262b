"""A 20-filter policy over ten million frames, beside tcpdump and tshark with one equivalent expression.

Whole processes, file cached, best of some runs; where a program is not installed its row says so.

The physical limit: a pass touches one cache line of each record, here 640 MB of the 2 GB, and the read() that brings
the file in chunks copies all 2 GB once from the page cache, some 0.2 s of one core; folding takes 40 ns a frame, some
0.4 s, of which the header's cache miss is about half. A mapped file would save the copy, but a file that shrinks while
it is mapped ends the process (SIGBUS), so it is read. Two cores share both, so 0.3 s is the floor of the scan.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from tests.bench.mixed_capture import write_pcap, write_pcapng

FRAMES, FRAMES_FOR_TSHARK = 10_000_000, 500_000
RUNS = 3
EXPRESSION, DISPLAY_FILTER = "arp", "arp"
MEMORY_GOAL_BYTES = 40

Row = tuple[str, str, str]


def measure(frames: int = FRAMES) -> Iterator[Row]:
    """The rows: what, figure, note."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        capture, slice_, blocks = folder / "mixed.pcap", folder / "slice.pcap", folder / "mixed.pcapng"
        policy, summary = folder / "policy.json", folder / "summary.json"
        write_pcap(capture, frames)
        write_pcap(slice_, min(FRAMES_FOR_TSHARK, frames))
        policy.write_text(json.dumps({"format": "l2scope-policy", "version": 1, "filters": filters()}))

        def command(file: Path, *more: str) -> list[str]:
            return [sys.executable, "-m", "engine", "run", str(file), "--policy", str(policy), *more, "--quiet"]

        with_summary = command(capture, "--summary", str(summary))
        first = _first_start(command(slice_), folder)
        yield "bulk: first start, kernels compiled", f"{first:.1f} s", "then kept on disk"
        whole, peak_bytes = _best(with_summary)
        told = json.loads(summary.read_text())
        inside = float(told["seconds"])
        yield _row(f"bulk: {frames:,} frames, 20 filters, whole process", frames, whole)
        yield _row("bulk: the same from the first byte read", frames, inside)
        yield from _beside("tcpdump", ["tcpdump", "-r", str(capture), "-w", "/dev/null", EXPRESSION], frames,
                           frames / whole, frames / inside, goals=(0.7, 1.0))
        yield from _beside("tshark -Y", ["tshark", "-n", "-r", str(slice_), "-Y", DISPLAY_FILTER, "-w", "/dev/null"],
                           min(FRAMES_FOR_TSHARK, frames), frames / whole, frames / inside, goals=(50, 50))
        of_slice = _best(command(slice_))[1]
        more_frames = max(frames - FRAMES_FOR_TSHARK, 1)
        yield ("bulk: memory beyond the file", f"{(peak_bytes - of_slice) / more_frames:.0f} B a frame",
               f"peak of {frames:,} frames over that of the slice; goal {MEMORY_GOAL_BYTES}")
        lines = _best(command(capture, "--verdicts", os.devnull))[0]
        yield _row("bulk: the same, a line of --verdicts for each frame", frames, lines)
        write_pcapng(blocks, frames)
        capture.unlink()
        of_blocks = _best(command(blocks, "--summary", str(summary)))[0]
        same = {**told, **json.loads(summary.read_text())} == told | {
            name: json.loads(summary.read_text())[name] for name in ("seconds", "frames_per_second")}
        yield (f"bulk: the same as pcapng, {frames:,} frames", f"{frames / of_blocks:,.0f} frames/s",
               f"{whole / of_blocks:.2f} × of pcap, goal 0.7; {'the same counts' if same else 'OTHER COUNTS'}")


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


def _beside(name: str, command: list[str], frames: int, whole: float, inside: float,
            goals: tuple[float, float]) -> Iterator[Row]:
    if shutil.which(command[0]) is None:
        yield f"bulk: {name}", "-", f"{command[0]} is not installed"
        return
    theirs = frames / _best(command)[0]
    of_whole, of_inside = f"{whole / theirs:.2f} × whole process", f"{inside / theirs:.2f} × from the first byte read"
    yield (f"bulk: {name}, {frames:,} frames", f"{theirs:,.0f} frames/s",
           f"ours is {of_whole} (goal {goals[0]}), {of_inside} (goal {goals[1]})")


def _row(what: str, frames: int, seconds: float) -> Row:
    return what, f"{frames / seconds:,.0f} frames/s", f"{seconds:.2f} s"


def _first_start(command: list[str], folder: Path) -> float:
    """Seconds of a run that finds no compiled kernels."""
    begun = perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "XDG_CACHE_HOME": str(folder)})
    return perf_counter() - begun


def _best(command: list[str]) -> tuple[float, int]:
    """Seconds of the quickest run, and the most memory that a run held at once, in bytes."""
    times: list[float] = []
    peak_bytes = 0
    for _ in range(RUNS):
        begun = perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        times.append(perf_counter() - begun)
        assert process.returncode == 0, command
        peak_bytes = max(peak_bytes, usage.ru_maxrss * 1024)
    return min(times), peak_bytes
