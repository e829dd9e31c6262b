"""What a process holds, and whether that grows."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

WARM_UP = 1 / 3
"""Of the samples, in which caches fill: they do not count."""
FLAT_MIB_AN_HOUR = 60.0
"""Growth that a day at the window would not notice."""
FLAT_SHARE = 0.06
"""Of what was held after the warm-up: a short soak's line is mostly noise, so growth has to be this much as well."""


@dataclass(frozen=True, slots=True)
class Held:
    """One sample."""

    seconds: float
    """Since the soak began."""
    resident_mib: float
    objects: int
    """Python's, after a full collection."""
    widgets: int
    threads: int
    files: int
    """Open handles."""

    def line(self) -> str:
        return (f"{self.seconds / 60:6.1f} min  {self.resident_mib:8.1f} MiB  {self.objects:10,} objects  "
                f"{self.widgets:6,} widgets  {self.threads:3} threads  {self.files:4} files")


def held(seconds: float, widgets: int) -> Held:
    """What this process holds now. Linux only: the system's own figures are files there."""
    gc.unfreeze()
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Held(seconds, pages * os.sysconf("SC_PAGE_SIZE") / 2**20, len(gc.get_objects()), widgets,
                threading.active_count(), len(list(Path("/proc/self/fd").iterdir())))


def slope_an_hour(samples: Sequence[Held], member: str) -> float:
    """Growth of a member in an hour: a line fitted to what comes after the warm-up."""
    settled = samples[round(len(samples) * WARM_UP) :]
    hours = np.array([each.seconds for each in settled]) / 3600
    values = np.array([getattr(each, member) for each in settled], dtype=float)
    return float(np.polyfit(hours, values, 1)[0]) if len(settled) > 1 else 0.0


def growth(samples: Sequence[Held], member: str) -> float:
    """What the fitted line says was added from the end of the warm-up to the end, as a share of what was held."""
    settled = samples[round(len(samples) * WARM_UP) :]
    hours = (settled[-1].seconds - settled[0].seconds) / 3600
    return slope_an_hour(samples, member) * hours / max(1.0, float(getattr(settled[0], member)))


def is_flat(samples: Sequence[Held]) -> bool:
    """Memory does not grow, neither do objects, threads and open files."""
    grows = slope_an_hour(samples, "resident_mib") > FLAT_MIB_AN_HOUR and growth(samples, "resident_mib") > FLAT_SHARE
    first, last = samples[round(len(samples) * WARM_UP)], samples[-1]
    leaks = last.threads > first.threads + 1 or last.files > first.files + 3
    return not grows and not leaks and growth(samples, "objects") <= FLAT_SHARE
