"""Policies that are explored: a careful driver, and drivers that err only when something fails."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

from engine.classify.options import EngineOptions
from engine.explore.discovery import Discovery, Explored, Progress
from engine.explore.laboratory import Laboratory
from engine.frames.frame import Frame
from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders.engines import Bench
from tests.builders.frames import sent

CAREFUL = """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        if not fwps.nt_success(status):
            out.block(hard=True)
            return
        if fwps.nt_success(self.inject(fwps, values, clone)):
            out.absorb()
            return
        RELEASE
        out.block(hard=True)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        for nbl in each(net_buffer_list):
            if not fwps.nt_success(nbl.status):
                self.lost = getattr(self, "lost", 0) + 1
            self.release(fwps, nbl)
"""
GOOD = CAREFUL.replace("RELEASE", "fwps.free_clone_net_buffer_list(clone, 0)")
LEAKS_WHEN_REFUSED = CAREFUL.replace("RELEASE", "self.refused = clone")

R = TypeVar("R")


def bench(folder: Path, body: str) -> Bench:
    """The driver at the outbound Ethernet layer."""
    found = Bench(folder)
    found.driver(body)
    found.calls("driver", OUTBOUND_MAC_FRAME_ETHERNET)
    return found


def laboratory(folder: Path, body: str, frames: int | list[Frame] = 6, **options: object) -> Laboratory:
    made = frames if isinstance(frames, list) else [
        sent(number, time_ns=number * 1_000_000) for number in range(1, frames + 1)]
    return Laboratory(bench(folder, body).document(), EngineOptions().with_all(options), made)


def done(made: Generator[object, None, R]) -> R:
    """Go on to the end; return the result."""
    while True:
        try:
            next(made)
        except StopIteration as end:
            result: R = end.value
            return result


def explored(exploring: Generator[Progress | Discovery, None, Explored]) -> tuple[list[Discovery], Explored]:
    """The discoveries and the end."""
    found: list[Discovery] = []
    while True:
        try:
            now = next(exploring)
        except StopIteration as end:
            return found, end.value
        if isinstance(now, Discovery):
            found.append(now)
