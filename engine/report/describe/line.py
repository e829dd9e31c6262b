"""What one step says: a text, a note at its right, and a mark; and the small words that such texts are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.ndis.snapshot import NblId
from engine.ndis.status import nt_success
from engine.wfp.layers import layer_by_id

Mark = Literal["permit", "block", "absorb", "inject", "pending", "skipped", "info", "warn", "error", "fatal"]
"""A shape of the look (look.md, Colour): outcomes and severities."""

NBLS_NAMED = 3
"""NBLs of a chain that a line names; the rest is a number."""

_INJECTION_STATES = {
    "FWPS_PACKET_NOT_INJECTED": "N, not injected",
    "FWPS_PACKET_INJECTED_BY_SELF": "S, by self",
    "FWPS_PACKET_INJECTED_BY_OTHER": "O, by other",
    "FWPS_PACKET_PREVIOUSLY_INJECTED_BY_SELF": "P, previously by self",
}
_ABSORB_FLAG = 0x1
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Line:
    """One step in words. `str(line)` is the whole of it, for logs and screen readers."""

    text: str
    note: str = ""
    mark: Mark | None = None

    def __str__(self) -> str:
        return f"{self.text}: {self.note}" if self.note else self.text


def action_word(action: str, *, hard: bool = False, absorb: bool = False) -> str:
    """`permit`, `block, hard`, `absorb`, `continue`."""
    word = "absorb" if absorb else action.removeprefix("FWP_ACTION_").lower()
    return f"{word}, hard" if hard and not absorb else word


def action_mark(action: str, *, absorb: bool = False) -> Mark | None:
    """The mark of a verdict; CONTINUE and what is no action have none."""
    match action:
        case "FWP_ACTION_PERMIT":
            return "permit"
        case "FWP_ACTION_BLOCK":
            return "absorb" if absorb else "block"
    return None


def outcome_mark(outcome: str) -> Mark:
    """The mark of a frame's outcome (contracts 3) or of an injected NBL's fate."""
    marks: dict[str, Mark] = {
        "delivered": "permit", "sent": "permit", "blocked": "block", "absorbed": "absorb",
        "refused": "error", "failed": "error", "pending": "pending",
    }  # fmt: skip
    return marks.get(outcome, "skipped")


def status_mark(status: int) -> Mark | None:
    return None if nt_success(status) else "error"


def layer_text(layer: int) -> str:
    """`57 OUTBOUND_MAC_FRAME_ETHERNET`."""
    known = layer_by_id(layer)
    return f"{layer} {known.short_name}" if known else str(layer)


def nbls_text(nbls: Sequence[NblId]) -> str:
    """`12.0`, `12.0, 13.0, 14.0 and 5 more`."""
    named = ", ".join(nbls[:NBLS_NAMED])
    return named if len(nbls) <= NBLS_NAMED else f"{named} and {len(nbls) - NBLS_NAMED} more"


def python_name(function: str) -> str:
    """The name that a script calls a kernel function by: `inject_mac_send_async` (contracts 4)."""
    bare = re.sub(r"\d+$", "", re.sub(r"^(?:Fwps|Fwpm|Ndis)(?=[A-Z])", "", function))
    return _CAPITAL.sub("_", bare).lower()


def state_text(state: str) -> str:
    """`S, by self` for FWPS_PACKET_INJECTED_BY_SELF."""
    return _INJECTION_STATES.get(state, state)


def bytes_text(start: int, length: int) -> str:
    """`byte 4`, `bytes 0–5`, `no bytes`."""
    if length == 0:
        return "no bytes"
    return f"byte {start}" if length == 1 else f"bytes {start}–{start + length - 1}"


def count_text(count: int, noun: str) -> str:
    """`1 byte`, `2 bytes`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def is_absorbing(flags: int) -> bool:
    """FWPS_CLASSIFY_OUT_FLAG_ABSORB is among classifyOut's flags."""
    return bool(flags & _ABSORB_FLAG)


def millis_text(nanoseconds: int) -> str:
    """`12.731 ms`."""
    return f"{nanoseconds / 1e6:.3f} ms"
