"""Which addresses are the host's own, and so which way a frame goes.

Source: contracts 1 (`--local-mac`), layers-and-filters 2.4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from engine.frames.frame import Direction, DirectionFrom, MacAddress
from engine.frames.record import ETHERNET, Record, SourceInterface


class _Tally:
    """Unicast addresses met on one interface, and those that direction bits point at."""

    def __init__(self) -> None:
        self.met: Counter[bytes] = Counter()
        self.sent_from: Counter[bytes] = Counter()
        self.received_at: Counter[bytes] = Counter()

    def add(self, record: Record) -> None:
        destination, source = record.data[:6], record.data[6:12]
        if len(destination) == 6 and not destination[0] & 1:
            self.met[destination] += 1
            if record.direction is Direction.INBOUND:
                self.received_at[destination] += 1
        if len(source) == 6 and not source[0] & 1:
            self.met[source] += 1
            if record.direction is Direction.OUTBOUND:
                self.sent_from[source] += 1

    @property
    def observed(self) -> frozenset[bytes]:
        """What frames were sent from; else the one most were received at, as others may be promiscuously received."""
        if self.sent_from:
            return frozenset(self.sent_from)
        return frozenset(filter(None, [_commonest(self.received_at)]))

    @property
    def own(self) -> bytes | None:
        """The one address that is the interface's."""
        return _commonest(self.sent_from) or _commonest(self.received_at) or _commonest(self.met)


def _commonest(counted: Counter[bytes]) -> bytes | None:
    """The commonest address; of equally common ones the smallest."""
    return min(counted, key=lambda address: (-counted[address], address), default=None)


class Locality:
    """Local addresses by interface, from the first records of a capture. An interface without any uses all records."""

    def __init__(
        self, records: Iterable[Record], interfaces: list[SourceInterface], local_macs: tuple[MacAddress, ...]
    ) -> None:
        self._explicit = frozenset[bytes](local_macs)
        self._first_explicit = local_macs[0] if local_macs else None
        anywhere = _Tally()
        by_interface: dict[int, _Tally] = {}
        for record in records:
            if interfaces[record.interface_id].link_type == ETHERNET:
                anywhere.add(record)
                by_interface.setdefault(record.interface_id, _Tally()).add(record)
        self._observed = {id_: tally.observed for id_, tally in by_interface.items()}
        self._own = {id_: tally.own for id_, tally in by_interface.items()}
        self._observed_anywhere, self._own_anywhere = anywhere.observed, anywhere.own

    def own_address(self, interface_id: int, interface: SourceInterface) -> MacAddress | None:
        """Return the address of an interface: the first explicit one, its own option, the observed or commonest one."""
        if interface.link_type != ETHERNET:
            return interface.mac
        found = self._first_explicit or interface.mac or self._own.get(interface_id) or self._own_anywhere
        return None if found is None else MacAddress(found)

    def direction(self, record: Record, interface: SourceInterface) -> tuple[Direction, DirectionFrom]:
        """Tell which way a record's frame goes, and from what."""
        source = record.data[6:12] if interface.link_type == ETHERNET else b""
        has_source = len(source) == 6
        if has_source and self._explicit:
            return _outbound_if(source in self._explicit), DirectionFrom.LOCAL_MAC
        if record.direction is not None:
            return record.direction, DirectionFrom.EPB_FLAGS
        if not has_source:
            return Direction.INBOUND, DirectionFrom.DEFAULT
        if interface.mac is not None:
            return _outbound_if(source == interface.mac), DirectionFrom.INTERFACE_MAC
        id_ = record.interface_id
        if observed := self._observed.get(id_) or self._observed_anywhere:
            return _outbound_if(source in observed), DirectionFrom.OBSERVED
        if own := self._own.get(id_) or self._own_anywhere:
            return _outbound_if(source == own), DirectionFrom.COMMONEST
        return Direction.INBOUND, DirectionFrom.DEFAULT


def _outbound_if(is_local: bool) -> Direction:
    return Direction.OUTBOUND if is_local else Direction.INBOUND
