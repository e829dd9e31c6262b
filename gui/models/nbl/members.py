"""The members of a NET_BUFFER_LIST as they are printed, and which of them the last step changed."""

from __future__ import annotations

from dataclasses import dataclass

from engine.ndis.nbl_flags import contradictions, flag_names
from engine.ndis.nbl_info import IEEE8021Q_INFO, info_name
from engine.ndis.snapshot import NblId, NblKind, NblSnapshot
from engine.ndis.status import status_text
from engine.trace.world import World

NULL, NONE, EMPTY = "NULL", "–", "empty"
"""A pointer, a value and a list that are not there."""

_FAILED = ("0xC", "0xD", "0xE", "0xF")
"""How an NTSTATUS of severity error is written."""

RESERVED = {"ndis_reserved": "NdisReserved", "protocol_reserved": "ProtocolReserved",
            "miniport_reserved": "MiniportReserved"}

ALWAYS: dict[NblKind, tuple[str, ...]] = {
    NblKind.ORIGINAL: ("State", "ChildRefCount", "Status", "Ieee8021Q"),
    NblKind.CLONE: ("State", "ParentNetBufferList", "Status", "Injection history", "Completion"),
    NblKind.NEW: ("State", "ParentNetBufferList", "Status", "Injection history", "Completion"),
    NblKind.FRAGMENT: ("State", "ParentNetBufferList", "Status", "Injection history", "Completion"),
    NblKind.REASSEMBLED: ("State", "ParentNetBufferList", "Status", "Injection history", "Completion"),
}
"""What a box shows even at its default, so that boxes keep their height while one steps."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member at the cursor, and before the last step if that changed it."""

    name: str
    value: str
    before: str | None = None
    is_default: bool = False

    @property
    def is_changed(self) -> bool:
        return self.before is not None

    def text(self) -> str:
        """`IN_FLIGHT`, or `ALLOCATED → IN_FLIGHT`."""
        return self.value if self.before is None else f"{self.before} → {self.value}"


def members_of(snapshot: NblSnapshot, before: NblSnapshot | None = None) -> tuple[Member, ...]:
    """All members in the order of the structure, the owner last. `before`: the NBL before the last step changed it."""
    values = _values(snapshot)
    old = _values(before) if before is not None else values
    return tuple(
        Member(name, value, old[name] if old[name] != value else None, value in (NULL, NONE, EMPTY, "0"))
        for name, value in values.items()
    )


def shown_members(
    snapshot: NblSnapshot, members: tuple[Member, ...], *, is_chained: bool = False
) -> tuple[Member, ...]:
    """Those that a box shows: always the same ones of a kind, and every other that is changed or not at its default."""
    always = (*ALWAYS[snapshot.kind], "Next") if is_chained else ALWAYS[snapshot.kind]
    return tuple(one for one in members[:-1] if one.name in always or one.is_changed or not one.is_default)


def crowded_members(members: tuple[Member, ...]) -> tuple[Member, ...]:
    """Those that a box among many shows: the state, what is changed, and a Status that tells of a failure."""
    return tuple(one for one in members[:-1] if one.name == "State" or one.is_changed
                 or (one.name == "Status" and one.value.startswith(_FAILED)))


def changed_members(world: World) -> int:
    """How many members of NBLs the last step changed; those of an NBL that it made do not count."""
    pairs = ((world.nbls[id_], world.before[id_]) for id_ in world.changed if id_ in world.before)
    return sum(member.is_changed for now, before in pairs for member in members_of(now, before))


def made_nbls(world: World) -> int:
    """How many NBLs the last step made."""
    return sum(id_ not in world.before for id_ in world.changed)


def vlan_text(tag: int | None) -> str:
    """A tag control value in words: `PCP 3 · VID 20`. Source: NDIS_NET_BUFFER_LIST_8021Q_INFO."""
    if tag is None:
        return NONE
    dei = " · DEI" if tag & 0x1000 else ""
    return f"PCP {tag >> 13} · VID {tag & 0xFFF}{dei}"


def short_status(status: int | None) -> str:
    """`0xC0000206`; `–` while nobody has written it."""
    return NONE if status is None else f"0x{status & 0xFFFFFFFF:08X}"


def history_text(snapshot: NblSnapshot) -> str:
    """Handle and layer of each injection, the last one last: `H1 · 57`, `H1 · 57 → H2 · 59`, `7 before → H1 · 57`."""
    entries = [f"{entry.handle} · {entry.layer}" for entry in snapshot.history]
    if len(entries) > 2:
        return f"{len(entries) - 1} before → {entries[-1]}"
    return " → ".join(entries) or EMPTY


def explain_member(snapshot: NblSnapshot, name: str) -> str:
    """More about a value than fits a box; empty where there is nothing to add."""
    match name:
        case "Status" if snapshot.status is not None:
            return status_text(snapshot.status)
        case "Injection history":
            return "\n".join(
                f"injection {one.injection} by {one.driver} · handle {one.handle} · layer {one.layer}"
                f" · context {one.context or NONE}"
                for one in snapshot.history
            )
        case "NblFlags" if nbl_flags := snapshot.nbl_flags:
            return "\n".join([f"0x{nbl_flags:X}", *contradictions(nbl_flags)])
        case "Owner" | "State" if snapshot.pool is not None:
            return f"NdisPoolHandle: {snapshot.pool}\nSourceHandle: {snapshot.source or snapshot.pool}"
        case "Ieee8021Q" if snapshot.vlan is not None:
            return f"0x{snapshot.vlan:04x}: the tag travels out of band, not in the bytes"
    return ""


def _values(nbl: NblSnapshot) -> dict[str, str]:
    return {
        "State": nbl.state.value,
        "Next": _pointer(nbl.next),
        "ParentNetBufferList": _pointer(nbl.parent),
        "ChildRefCount": str(nbl.child_ref_count),
        "References": str(nbl.references),
        "Status": short_status(nbl.status),
        "Ieee8021Q": vlan_text(nbl.vlan),
        "Injection history": history_text(nbl),
        "Completion": nbl.completion or NONE,
        "NblFlags": " | ".join(flag_names(nbl.nbl_flags)) or "0",
        "Flags": f"0x{nbl.flags:08X}" if nbl.flags else "0",
        "NetBufferListInfo": info_text(nbl),
        "Context": contexts_text(nbl),
        "Scratch": "set" if nbl.has_scratch else NULL,
        "Reserved": ", ".join(RESERVED[name] for name in nbl.reserved) or EMPTY,
        "Packet tags": ", ".join(map(str, nbl.tags)) or EMPTY,
        "Batch taint": "tainted" if nbl.is_batch_tainted else NONE,
        "Receive flags": "RESOURCES" if nbl.is_lent else NONE,
        "Owner": nbl.owner,
    }


def info_text(nbl: NblSnapshot) -> str:
    """Out-of-band slots that hold something, but for the tag: `NetBufferListHashValue 0xABCD`."""
    slots = [f"{info_name(id_)} 0x{value:X}" for id_, value in sorted(nbl.info.items())
             if value and id_ != IEEE8021Q_INFO]
    return ", ".join(slots) or EMPTY


def contexts_text(nbl: NblSnapshot) -> str:
    """The stack of NET_BUFFER_LIST_CONTEXTs, the newest first: `48 bytes, 16 free → 16 bytes`."""
    shown = [f"{size} bytes" + (f", {offset} free" if offset else "") for size, offset in nbl.contexts]
    return " → ".join(shown) or NULL


def _pointer(nbl: NblId | None) -> str:
    return NULL if nbl is None else str(nbl)
