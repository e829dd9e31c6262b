"""A thread that looks at another one and has it raise."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from engine.cli import ticker
from engine.cli.ticker import Ticker, raise_in_thread, withdraw


class Enough(BaseException):
    pass


class Other(threading.Thread):
    """Does something and keeps what it raises."""

    def __init__(self, do: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.do, self.raised = do, None

    def run(self) -> None:
        try:
            self.do()
        except BaseException as error:  # noqa: BLE001  # whatever it is
            self.raised = error


def loop_for_ever() -> None:
    while True:
        pass


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_another_thread_raises_what_it_is_told_to() -> None:
    other = Other(loop_for_ever)
    other.start()
    raise_in_thread(other.ident or 0, Enough)
    other.join(5)

    assert isinstance(other.raised, Enough)


def test_what_has_not_been_raised_yet_can_be_taken_back() -> None:
    go_on = threading.Event()
    other = Other(lambda: (go_on.wait(), [None for _ in range(1000)]))
    other.start()
    raise_in_thread(other.ident or 0, Enough)
    withdraw(other.ident or 0)
    go_on.set()
    other.join(5)

    assert other.raised is None


def test_it_ticks_between_start_and_stop_and_its_thread_ends_when_nobody_needs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ticker, "IDLE_S", 0.05)
    ticks: list[float] = []
    one = Ticker(lambda: ticks.append(0), 0.01)
    for _ in range(2):
        before = len(ticks)
        one.start()
        one.start()
        wait_until(lambda before=before: len(ticks) > before + 2)  # type: ignore[misc]
        one.stop()
        wait_until(lambda: one._thread is None)
        seen = len(ticks)
        time.sleep(0.05)
        assert len(ticks) == seen
