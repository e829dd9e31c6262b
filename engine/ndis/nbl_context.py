"""NET_BUFFER_LIST_CONTEXT: room that drivers stack on an NBL for their own use. Source: callouts-nbl-injection 5.1."""

from __future__ import annotations


class NblContext:
    """One entry of the stack; the newest stands first."""

    __slots__ = ("data", "next", "offset", "size")

    def __init__(self, size: int, following: NblContext | None) -> None:
        self.next, self.size = following, size
        self.offset = 0
        """Where the room that is in use begins: a driver takes its part from the end."""
        self.data = bytearray(size)


def stack(first: NblContext | None) -> tuple[tuple[int, int], ...]:
    """`(size, offset)` of each entry, the newest first."""
    found: list[tuple[int, int]] = []
    while first is not None:
        found.append((first.size, first.offset))
        first = first.next
    return tuple(found)
