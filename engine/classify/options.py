"""Every engine option: name, CHOICE, default, meaning. One table for the command line, the help and the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from engine.errors import OptionError


def _option(default: Any, choice: str, help_: str, values: tuple[str, ...] = (), low: int = 0) -> Any:
    return field(default=default, metadata={"choice": choice, "help": help_, "values": values, "low": low})


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """Source: the CHOICE indexes of both reference pages."""

    ub_policy: str = _option(
        "stop", "CH-29", "what an injection at a layer without a callout does: stop before the bad hand-over, "
        "simulated bug check, leak the NBL, or pretend that another vendor's callout is there",
        ("stop", "crash", "leak", "masked"))
    completion_policy: str = _option(
        "random_segments", "CH-27", "how NBLs of one injection are completed",
        ("single", "each", "random_segments", "reverse_each"))
    batch_delivery: str = _option(
        "all_or_nothing", "CH-16", "a run goes as a chain only if every callout behind its filters has the batch flag; "
        "`per_callout` is not modelled yet", ("all_or_nothing",))
    batch_taint_scope: str = _option(
        "all", "CH-19", "whom the batch flag of one callout forbids to clone", ("all", "own"))
    injection_needs: str = _option(
        "callout", "3.6", "what must stand at a layer for injections there to be completed",
        ("callout", "filter"))
    blocked_send_status: int = _option(0xC0000001, "CH-15", "Status given to the sender of a blocked frame")
    absorbed_send_status: int = _option(0, "CH-15", "Status given to the sender of an absorbed frame")
    oversize_status: int = _option(0xC0000206, "CH-30", "Status of a sent frame larger than the MTU")
    batch_clone_status: int = _option(0xC000000D, "CH-18", "what cloning under the batch flag returns")
    rx_ring_size: int = _option(64, "2.5", "receive NBLs that may be held before the direction stalls", low=1)
    tx_window: int = _option(64, "2.5", "sends that may be held before the direction stalls", low=1)
    mtu: int = _option(1500, "CH-30", "bytes behind the MAC header that the miniport sends", low=68)
    rx_chain: int = _option(1, "2.2", "NBLs per receive indication", low=1)
    tx_chain: int = _option(1, "2.2", "NBLs per send", low=1)
    loop_limit: int = _option(8, "M06", "times that one lineage may meet the same callout before it counts as a loop",
                              low=1)
    callout_step_limit: int = _option(
        1_000_000, "contracts 4", "loop turns and calls that one invocation of a script may take", low=1)
    not_equal_on_mac: str = _option(
        "warn", "C8", "NOT_EQUAL on a MAC address: accepted with a warning, or refused", ("warn", "refuse"))
    duplicate_conditions: str = _option(
        "refuse", "C9", "conditions on one field that are not adjacent: refused, or AND-ed", ("refuse", "and"))

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
        raise OptionError(name, f"{text!r} is no number", f"give a whole number such as {default}") from None
    if not metadata["low"] <= number <= 0xFFFFFFFF:
        raise OptionError(name, f"{number} is out of range", f"give {metadata['low']} to {0xFFFFFFFF}")
    return number


def option_lines() -> list[str]:
    """`--help-options`: a line or two for each option."""
    lines: list[str] = []
    for one in fields(EngineOptions):
        default = f"0x{one.default:08X}" if one.name.endswith("_status") else str(one.default)
        allowed = " | ".join(one.metadata["values"])
        lines.append(f"{one.name}={default}  [{one.metadata['choice']}]" + (f"  {allowed}" if allowed else ""))
        lines.append(f"    {one.metadata['help']}")
    return lines
