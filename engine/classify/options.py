"""Every engine option: name, CHOICE, default, meaning. One table for the command line, the help and the window.

The table is long: `options_policy`, `_classify`, `_injection`, `_lifecycle` and this file hold a part each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from textwrap import wrap
from typing import Any

from engine.classify.option_field import option
from engine.classify.options_lifecycle import LifecycleOptions
from engine.errors import OptionError

HELP_COLUMNS = 100

_machine = partial(option, group="The machine and its limits")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions(LifecycleOptions):
    """All of them. Source: the CHOICE indexes of both reference pages."""

    rx_ring_size: int = _machine(64, "2.5", "receive NBLs that may be held before the direction stalls", low=1)
    tx_window: int = _machine(64, "2.5", "sends that may be held before the direction stalls", low=1)
    mtu: int = _machine(1500, "CH-30", "bytes behind the MAC header that the miniport sends", low=68)
    vlan_tag: str = _machine(
        "bytes", "5.4", "where the outer 802.1Q tag of a captured frame is: in its bytes, or out of band in "
        "Ieee8021QNetBufferListInfo, where adapters put it", ("bytes", "oob"))
    vlan_tag_interfaces: int = _machine(
        0xFFFFFFFF, "5.4", "interfaces that `vlan_tag=oob` holds for, a bit for each: 1 is the first, 2 the second, "
        "3 both")
    rx_chain: int = _machine(1, "2.2", "NBLs per receive indication", low=1)
    tx_chain: int = _machine(1, "2.2", "NBLs per send", low=1)
    tx_buffers: int = _machine(
        1, "5.7", "NET_BUFFERs per NBL of a send: frames in a row with the same MAC header share one", low=1)
    loop_limit: int = _machine(
        8, "M06", "times that one lineage may meet the same callout before it counts as a loop", low=1)
    callout_step_limit: int = _machine(
        1_000_000, "contracts 4", "loop turns and calls that one invocation of a script may take", low=1)
    callout_time_limit_ms: int = _machine(
        5_000, "contracts 4", "time that one invocation of a script may take; such a stop depends on the machine",
        low=1)
    callout_memory_limit_mb: int = _machine(
        512, "contracts 4", "MiB that the scripts may hold, and that one operation of theirs may make", low=1)
    record_lines: str = _machine(
        "off", "contracts 4", "whether each line of a script that runs is a step of the trace, with its locals; the "
        "window always records them", ("off", "on"))
    line_limit: int = _machine(
        1_000, "contracts 4", "lines that are recorded of one invocation of a script; it runs on without them", low=1)
    recording_level: str = _machine(
        "3", "8, TrackNblOwner", "what is known of who has each NBL, as NDIS' TrackNblOwner: 0 nothing; 1 who has it, "
        "as on a Windows client; 2 and which are stuck (older than `hold_warning_ms`); 3 and its whole history with "
        "all references; 4 and the script's calls that led to each step, as events of the trace",
        ("0", "1", "2", "3", "4"))
    hold_warning_ms: int = _machine(1_000, "CH-36", "age of a held NBL that is a warning (M48)", low=1)
    hold_error_ms: int = _machine(22_000, "CH-36", "age of a held NBL that is an error", low=1)
    hold_fatal_ms: int = _machine(30_000, "CH-36", "age of a held NBL that is fatal", low=1)
    net_event_ring: int = _machine(150, "C24", "drop events that are kept; the oldest go first", low=1)
    net_event_keywords: str = _machine(
        "NONE", "C24", "which drops of received broadcasts and multicasts are kept as events",
        ("NONE", "BCAST", "MCAST", "BCAST+MCAST"))

    def with_text(self, name: str, text: str) -> EngineOptions:
        """Set one option from `NAME=VALUE` or a policy's `options`. OptionError when it cannot be."""
        known = {one.name: one for one in fields(self)}
        if name not in known:
            near = ", ".join(sorted(known))
            raise OptionError(name, "there is no such engine option", f"the options are {near}")
        changed: dict[str, Any] = {name: _parse(name, text, known[name].metadata, known[name].default)}
        return replace(self, **changed)

    def with_all(self, settings: Mapping[str, object]) -> EngineOptions:
        options = self
        for name, value in settings.items():
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise OptionError(name, f"{value!r} is no value for an option", "give a string or a number")
            options = options.with_text(name, str(value))
        return options

    def changed(self) -> dict[str, str]:
        """Options that are not at their default, as text."""
        return {one.name: str(getattr(self, one.name)) for one in fields(self)
                if getattr(self, one.name) != one.default}


def _parse(name: str, text: str, metadata: Mapping[str, Any], default: object) -> str | int:
    values: tuple[str, ...] = metadata["values"]
    if values:
        if text not in values:
            raise OptionError(name, f"{text!r} is none of its values", "use " + ", ".join(values))
        return text
    try:
        number = int(text, 0)
    except ValueError:
        raise OptionError(name, f"{text!r} is no number",
                          f"give a whole number such as {_as_text(name, default)}") from None
    if not metadata["low"] <= number <= 0xFFFFFFFF:
        raise OptionError(name, f"{number} is out of range", f"give {metadata['low']} to {0xFFFFFFFF}")
    return number


def _as_text(name: str, default: object) -> str:
    """A default as people write it: an NTSTATUS in hexadecimal."""
    return f"0x{default:08X}" if name.endswith("_status") else str(default)


def option_lines() -> list[str]:
    """`--help-options`: the options by group, a line and its meaning for each."""
    groups: dict[str, list[str]] = {}
    for one in fields(EngineOptions):
        line = f"{one.name}={_as_text(one.name, one.default)}  [{one.metadata['choice']}]"
        allowed = " | ".join(one.metadata["values"])
        lines = groups.setdefault(one.metadata["group"], [])
        lines.append(line + (f"  {allowed}" if allowed else ""))
        lines += wrap(one.metadata["help"], HELP_COLUMNS, initial_indent="    ", subsequent_indent="    ")
    return [line for group, lines in groups.items() for line in ("", f"{group}:", *lines)][1:]
