"""Records become frames: a direction, an interface of the simulated host, and what the layers see."""

from __future__ import annotations

from collections.abc import Sequence

from engine.frames.frame import Direction, DirectionFrom, Frame, Framing, Interface
from engine.frames.link.framing import framing_of
from engine.frames.link.media import ETHERNET as ETHERNET_MEDIUM
from engine.frames.link.media import medium_of
from engine.frames.locality import Locality
from engine.frames.record import ETHERNET, Record, SourceInterface


class FrameMaker:
    """Knows the host: its addresses, and the interfaces that the source has named so far."""

    def __init__(self, locality: Locality, direction: Direction | None) -> None:
        """`direction` is that of every frame; None: told frame by frame."""
        self.locality, self._direction = locality, direction
        self.interfaces: list[Interface] = []

    def meet(self, sources: Sequence[SourceInterface], first_index: int = 1) -> None:
        """Give the simulated host an interface for each that the source has named since.

        The first has interface index `first_index`, the others follow.
        """
        for id_ in range(len(self.interfaces), len(sources)):
            source = sources[id_]
            medium = medium_of(source.link_type) or ETHERNET_MEDIUM
            self.interfaces.append(
                Interface(
                    id=id_,
                    name=source.name or f"interface {id_}",
                    description=source.description,
                    mac=self.locality.own_address(id_, source),
                    link_type=source.link_type,
                    index=first_index + id_,
                    if_type=medium.if_type,
                    medium=medium.ndis_medium,
                    physical_medium=medium.physical_medium,
                    l2_flags=int(medium.l2_flags),
                    details=source.details,
                )
            )

    def frame(self, number: int, record: Record, source: SourceInterface) -> Frame:
        """Make frame `number` of a record of an interface that has been met."""
        framing: Framing | None = None
        skip_reason: str | None = None
        in_header: Direction | None = None
        address: bytes | None
        if source.link_type == ETHERNET:
            address = record.data[6:12] if len(record.data) >= 12 else None
        else:
            address = None
            found = framing_of(source.link_type, record.data, record.length_bytes)
            if isinstance(found, str):
                skip_reason = found
            else:
                framing, in_header = found
                address = framing.source
        if self._direction is not None:
            direction, direction_from = self._direction, DirectionFrom.OPTION
        else:
            direction, direction_from = self.locality.direction(record, source, address, in_header)
        return Frame(
            number=number,
            time_ns=record.time_ns,
            data=record.data,
            length_bytes=record.length_bytes,
            interface=self.interfaces[record.interface_id],
            direction=direction,
            direction_from=direction_from,
            fcs_bytes=record.fcs_bytes,
            comments=record.comments,
            skip_reason=skip_reason,
            framing=framing,
            details=record.details,
        )
