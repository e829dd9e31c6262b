"""What every event is: frozen, tagged with its kind, and able to carry the NBLs it changed."""

from __future__ import annotations

import msgspec

from engine.ndis.snapshot import NblSnapshot

Value = int | str | None
"""A field's value as the trace shows it: a number, `02:00:00:00:00:01`, or None for FWP_EMPTY."""


class Event(msgspec.Struct, frozen=True, tag_field="kind", tag=True, gc=False):
    """Base of all events."""


class Touching(Event, frozen=True, kw_only=True):
    """An event after which the NBLs in `changed` look as given there."""

    changed: tuple[NblSnapshot, ...] = ()
