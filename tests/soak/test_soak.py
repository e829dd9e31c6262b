"""A minute at the window, and how growth is told."""

import os
import subprocess
import sys

import pytest

from tests.soak.held import Held, is_flat, slope_an_hour


def _samples(*mebibytes: float, files: int = 10) -> list[Held]:
    return [Held(60.0 * minute, value, 1000, 50, 4, files) for minute, value in enumerate(mebibytes)]


def test_memory_that_rises_while_caches_fill_and_then_stays_is_flat():
    samples = _samples(300, 350, 380, 381, 380, 382, 381, 380, 381)

    assert is_flat(samples)
    assert abs(slope_an_hour(samples, "resident_mib")) < 30


def test_memory_that_goes_on_rising_is_not_flat():
    samples = _samples(*(300 + 10 * minute for minute in range(9)))

    assert not is_flat(samples)
    assert round(slope_an_hour(samples, "resident_mib")) == 600


def test_files_that_are_left_open_are_not_flat():
    assert not is_flat([*_samples(*[300] * 8), Held(480.0, 300, 1000, 50, 4, 20)])


@pytest.mark.skipif(sys.platform != "linux", reason="what a process holds is read from files of Linux")
def test_a_minute_at_the_window_leaves_memory_flat():
    done = subprocess.run([sys.executable, "-m", "tests.soak", "--minutes", "1"], env=dict(os.environ),
                          capture_output=True, text=True, check=False)

    last = done.stdout.splitlines()[-1:]
    assert (done.returncode, [line.rpartition(": ")[2] for line in last]) == (0, ["flat"]), done.stdout + done.stderr
