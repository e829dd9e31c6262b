"""Which addresses are the host's own, and so which way a frame goes.

Source: contracts 1 (`--local-mac`), layers-and-filters 2.4.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from engine.frames.frame import Direction, DirectionFrom, MacAddress
from engine.frames.link.framing import framing_of
from engine.frames.link.media import has_addresses
from engine.frames.record import ETHERNET, Record, SourceInterface

_EARLY_BYTES = 64 * 1024 * 1024


class _Tally:
    """Unicast addresses met on one interface, and those that direction bits point at."""

    def __init__(self) -> None:
        self.met: Counter[bytes] = Counter()
        self.sent_from: Counter[bytes] = Counter()
        self.received_at: Counter[bytes] = Counter()

    def add(self, destination: bytes, source: bytes, direction: Direction | None, frames: int) -> None:
        """So many frames have these ends."""
        if len(destination) == 6 and not destination[0] & 1:
            self.met[destination] += frames
            if direction is Direction.INBOUND:
                self.received_at[destination] += frames
        if len(source) == 6 and not source[0] & 1:
            self.met[source] += frames
            if direction is Direction.OUTBOUND:
                self.sent_from[source] += frames

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
        by_interface: defaultdict[int, _Tally] = defaultdict(_Tally)
        for (id_, direction, destination, source), frames in _counted(records, interfaces).items():
            anywhere.add(destination, source, direction, frames)
            by_interface[id_].add(destination, source, direction, frames)
        self._observed = {id_: tally.observed for id_, tally in by_interface.items()}
        self._own = {id_: tally.own for id_, tally in by_interface.items()}
        self._observed_anywhere, self._own_anywhere = anywhere.observed, anywhere.own

    def own_address(self, interface_id: int, interface: SourceInterface) -> MacAddress | None:
        """Return the address of an interface: the first explicit one, its own option, the observed or commonest one."""
        if not has_addresses(interface.link_type):
            return interface.mac
        found = self._first_explicit or interface.mac or self._own.get(interface_id) or self._own_anywhere
        return None if found is None else MacAddress(found)

    @property
    def explicit(self) -> frozenset[bytes]:
        """Addresses that the user has named; they stand above everything else."""
        return self._explicit

    def local_addresses(self, interface_id: int, interface: SourceInterface) -> frozenset[bytes]:
        """Source addresses of frames that go out, where neither the user nor the frame itself says so."""
        if interface.mac is not None:
            return frozenset([interface.mac])
        if observed := self._observed.get(interface_id) or self._observed_anywhere:
            return observed
        own = self._own.get(interface_id) or self._own_anywhere
        return frozenset([own] if own else [])

    def direction(
        self, record: Record, interface: SourceInterface, source: bytes | None, in_header: Direction | None = None
    ) -> tuple[Direction, DirectionFrom]:
        """Tell which way a record's frame goes, and from what.

        `source` is its source address, `in_header` what its link header says of the direction.
        """
        if source is not None and self._explicit:
            return _outbound_if(source in self._explicit), DirectionFrom.LOCAL_MAC
        if record.direction is not None:
            return record.direction, DirectionFrom.EPB_FLAGS
        if in_header is not None:
            return in_header, DirectionFrom.LINK_HEADER
        if source is None:
            return Direction.INBOUND, DirectionFrom.DEFAULT
        if interface.mac is not None:
            return _outbound_if(source == interface.mac), DirectionFrom.INTERFACE_MAC
        id_ = record.interface_id
        if observed := self._observed.get(id_) or self._observed_anywhere:
            return _outbound_if(source in observed), DirectionFrom.OBSERVED
        if own := self._own.get(id_) or self._own_anywhere:
            return _outbound_if(source == own), DirectionFrom.COMMONEST
        return Direction.INBOUND, DirectionFrom.DEFAULT


def _counted(
    records: Iterable[Record], interfaces: list[SourceInterface]
) -> Counter[tuple[int, Direction | None, bytes, bytes]]:
    """Frames by interface, direction, destination and source."""
    counted: Counter[tuple[int, Direction | None, bytes, bytes]] = Counter()
    for record in records:
        link_type = interfaces[record.interface_id].link_type
        if link_type == ETHERNET:
            data = record.data
            counted[record.interface_id, record.direction, data[:6], data[6:12]] += 1
        elif has_addresses(link_type):
            counted[record.interface_id, record.direction, *_ends(link_type, record)] += 1
    return counted


def _ends(link_type: int, record: Record) -> tuple[bytes, bytes]:
    """Destination and source address of a frame that is not Ethernet; empty where there is none."""
    found = framing_of(link_type, record.data, record.length_bytes)
    if isinstance(found, str):
        return b"", b""
    framing, _ = found
    return framing.destination or b"", framing.source or b""


def _outbound_if(is_local: bool) -> Direction:
    return Direction.OUTBOUND if is_local else Direction.INBOUND


def early_records(records: Iterator[Record], most: int) -> Iterator[Record]:
    """The first records, bounded in number and in bytes."""
    held_bytes = 0
    for number, record in enumerate(records, 1):
        yield record
        held_bytes += len(record.data)
        if number == most or held_bytes > _EARLY_BYTES:
            return
