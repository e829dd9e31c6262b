"""Captures of many kinds: lines of `fields`, the first frame of any file, and loops over scapy and dpkt.

Whole processes where it says so; files cached; best of some runs.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from struct import pack
from tempfile import TemporaryDirectory
from time import perf_counter

import lz4.frame
import zstandard

from engine.frames.capture import open_capture
from engine.frames.rewrite import rewrite
from tests.bench.mixed_capture import write_pcap

FRAMES, FRAMES_FOR_LOOPS = 1_000_000, 100_000
RUNS = 3
LINES_GOAL, FIRST_GOAL_S = 200_000, 0.3
INTERFACES, LARGE_BLOCKS, LARGE_BYTES = 65_000, 8, 32 << 20
ARP = 0x0806

Row = tuple[str, str, str]


def measure(frames: int = FRAMES, for_loops: int = FRAMES_FOR_LOOPS) -> Iterator[Row]:
    """The rows: what, figure, note."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        capture, slice_ = folder / "mixed.pcap", folder / "slice.pcap"
        write_pcap(capture, frames)
        write_pcap(slice_, for_loops)
        yield from _fields(capture, folder / "lines.jsonl", frames)
        (folder / "lines.jsonl").unlink()
        yield from _first_frames(folder, capture)
        yield from _loops(slice_, for_loops)


def _fields(capture: Path, out: Path, frames: int) -> Iterator[Row]:
    command = [sys.executable, "-m", "engine", "fields", str(capture), "--out", str(out)]
    seconds = _best(lambda: subprocess.run(command, check=True, capture_output=True))
    yield (f"captures: fields, {frames:,} lines to a file, whole process", f"{frames / seconds:,.0f} lines/s",
           f"goal {LINES_GOAL:,}; {out.stat().st_size / seconds / 1e6:.0f} MB/s")


def _first_frames(folder: Path, capture: Path) -> Iterator[Row]:
    for name, path in {"pcap": capture, **_of_other_kinds(folder, capture)}.items():
        seconds = _best(partial(_first, path))
        yield (f"captures: first frame, {name}", f"{1000 * seconds:,.0f} ms",
               f"goal {1000 * FIRST_GOAL_S:.0f} ms after start of reading")


def _of_other_kinds(folder: Path, capture: Path) -> dict[str, Path]:
    """The same frames packed, as pcapng, and behind much else."""
    data, pcapng = capture.read_bytes(), folder / "mixed.pcapng"
    with pcapng.open("wb") as out:
        rewrite(capture, out)
    found = {"pcapng": pcapng}
    for name, pack_ in {"gzip": partial(gzip.compress, compresslevel=1), "zstd": zstandard.compress,
                        "LZ4": lz4.frame.compress}.items():
        found[f"pcap, {name}"] = folder / f"mixed.{name}"
        found[f"pcap, {name}"].write_bytes(pack_(data))
    begins = pcapng.read_bytes()[: 1 << 20]
    interface = begins.index(pack("<I", 1), 28)
    packets = begins.index(pack("<I", 6), interface)
    packet = begins[packets : packets + int.from_bytes(begins[packets + 4 : packets + 8], "little")]
    many, blocks = folder / "interfaces.pcapng", folder / "blocks.pcapng"
    many.write_bytes(begins[:packets] + begins[interface:packets] * (INTERFACES - 1) + packet)
    large = pack("<II", 0x0BAD, LARGE_BYTES) + bytes(LARGE_BYTES - 12) + pack("<I", LARGE_BYTES)
    blocks.write_bytes(begins[:packets] + large * LARGE_BLOCKS + packet)
    return {**found, f"pcapng, {INTERFACES:,} interfaces": many,
            f"pcapng, {LARGE_BLOCKS * LARGE_BYTES >> 20} MiB of other blocks first": blocks}


def _first(path: Path) -> None:
    with open_capture(path) as capture:
        assert next(iter(capture)).number == 1


def _loops(capture: Path, frames: int) -> Iterator[Row]:
    """The same question to all: how many frames are ARP, tagged or not."""
    found = {}
    for name, count in (("engine.frames", _arp_by_engine), ("scapy", _arp_by_scapy), ("dpkt", _arp_by_dpkt)):
        if find_spec(name) is None:
            yield f"captures: a loop over {name}", "-", f"{name} is not installed"
            continue
        begun = perf_counter()
        found[name] = count(capture)
        seconds = perf_counter() - begun
        yield (f"captures: a loop over {name}, {frames:,} frames", f"{frames / seconds:,.0f} frames/s",
               f"{found[name]:,} are ARP")
    if len(set(found.values())) != 1:
        raise AssertionError(f"the loops count differently: {found}")


def _arp_by_engine(path: Path) -> int:
    from engine.frames.link.framing import frame_header

    with open_capture(path) as capture:
        headers = (frame_header(frame) for frame in capture)
        return sum(1 for header in headers if header is not None and header.ether_type == ARP)


def _arp_by_scapy(path: Path) -> int:
    from scapy.layers.l2 import ARP as ARP_LAYER
    from scapy.utils import PcapReader

    with PcapReader(str(path)) as packets:
        return sum(1 for packet in packets if packet.haslayer(ARP_LAYER))


def _arp_by_dpkt(path: Path) -> int:
    import dpkt

    found = 0
    with path.open("rb") as file:
        for _, data in dpkt.pcap.Reader(file):
            found += isinstance(dpkt.ethernet.Ethernet(data).data, dpkt.arp.ARP)
    return found


def _best(run: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(RUNS):
        begun = perf_counter()
        run()
        times.append(perf_counter() - begun)
    return min(times)
