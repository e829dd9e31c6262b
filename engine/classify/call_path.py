"""The way through a driver's script to the call that it is making."""

from __future__ import annotations

import sys
from types import FrameType

from engine.classify.host import Driver

DEEPEST = 40
"""Calls of a script that a way may have; more are left out at its outer end."""


def call_path(driver: Driver) -> tuple[str, ...]:
    """`classify reflect.py:31`, `hand_on reflect.py:52`: what of the script is being executed, outermost first."""
    path, name = driver.script.file, driver.script.name
    way: list[str] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and len(way) < DEEPEST:
        if frame.f_code.co_filename == path:
            way.append(f"{frame.f_code.co_name} {name}:{frame.f_lineno}")
        frame = frame.f_back
    return tuple(reversed(way))
