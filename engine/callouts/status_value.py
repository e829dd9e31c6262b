"""An NTSTATUS that remembers how a script has tested it (M12). Source: callouts-nbl-injection 3.7."""

from __future__ import annotations


class StatusValue(int):
    """Equal to the number in every way; unsigned, as every NTSTATUS here."""

    tested: bool = False
    """NT_SUCCESS or its kin was asked."""
    against_zero: bool = False
    """Compared with STATUS_SUCCESS for equality, or used as a truth value."""
    ordered: bool = False
    """Compared with 0 by order, as one does with a signed number."""

    def __eq__(self, other: object) -> bool:
        self.against_zero = self.against_zero or _is_zero(other)
        return int.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self.against_zero = self.against_zero or _is_zero(other)
        return int.__ne__(self, other)

    __hash__ = int.__hash__

    def __bool__(self) -> bool:
        self.against_zero = True
        return int.__bool__(self)

    def __lt__(self, other: int) -> bool:
        self.ordered = self.ordered or _is_zero(other)
        return int.__lt__(self, other)

    def __le__(self, other: int) -> bool:
        self.ordered = self.ordered or _is_zero(other)
        return int.__le__(self, other)

    def __gt__(self, other: int) -> bool:
        self.ordered = self.ordered or _is_zero(other)
        return int.__gt__(self, other)

    def __ge__(self, other: int) -> bool:
        self.ordered = self.ordered or _is_zero(other)
        return int.__ge__(self, other)


def noted(status: int) -> int:
    """The same status; it was asked for the right way."""
    if type(status) is StatusValue:
        status.tested = True
    return status


def _is_zero(other: object) -> bool:
    return isinstance(other, int) and int.__eq__(other, 0)
