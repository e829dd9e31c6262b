"""What there is to say of a capture as a file: who wrote it, its interfaces, what is missing, what cannot be modelled.

Source: draft-ietf-opsawg-pcapng, section 4; layers-and-filters 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from engine.debugger.frames.capture_reading import WORKERS_READER
from engine.debugger.session import DebugSession
from engine.frames.capture import CaptureFile
from engine.frames.ethernet import format_mac
from engine.frames.frame import Interface
from engine.frames.link.media import medium_of, stays_at_native
from engine.frames.link_types import link_type_name, not_modelled
from engine.frames.record import SourceInterface
from engine.report.fields.of_frame import epoch_text

MOST_TOLD = 100
"""Interfaces, names and sections that are told one by one."""

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts about one thing, as name and text."""

    title: str
    facts: Facts


def capture_facts(session: DebugSession) -> list[FactGroup]:
    """All that is known so far of the capture of a session; nothing for other sources. May read two frames."""
    source = session.source
    if not isinstance(source, CaptureFile):
        return []
    found = [FactGroup("File", tuple(_file(session, source)))]
    found += [FactGroup(f"Section {number}", facts)
              for number, facts in enumerate(source.facts.sections[:MOST_TOLD], 1)]
    found += [_interface(source, one) for one in source.interfaces[:MOST_TOLD]]
    if (more := len(source.interfaces) - MOST_TOLD) > 0:
        found.append(FactGroup("More interfaces", (("not listed", f"{more:,}"),)))
    found += [
        FactGroup("Not modelled", tuple(_not_modelled(session))),
        FactGroup("Damage", tuple(_damage(source))),
        FactGroup("Other blocks, kept when the file is written again", tuple(_blocks(source))),
        FactGroup("Name resolution", _names(source)),
    ]
    return [group for group in found if group.facts]


def _file(session: DebugSession, source: CaptureFile) -> Iterator[tuple[str, str]]:
    reading = session.reading
    yield "name", source.path.name
    yield "folder", str(source.path.resolve().parent)
    yield "format", source.facts.format + (", compressed" if source.is_compressed else "")
    if reading is not None:
        yield "size", f"{reading.bytes_total:,} bytes"
    count = len(session.rows)
    is_read = reading is None or reading.is_complete
    yield "frames", f"{count:,}" if is_read else f"{count:,} so far"
    if not count:
        return
    first_ns, last_ns = (source.read(number, reader=WORKERS_READER).time_ns for number in (1, count))
    yield "first frame", _time(first_ns)
    yield "last frame", _time(last_ns)
    yield "between them", f"{epoch_text(last_ns - first_ns)} s"
    if drops := _drops(session):
        yield "dropped, say the frames", f"{drops:,}"


def _drops(session: DebugSession) -> int:
    """Sum of the drop counts of the packets, of a capture whose rows are kept."""
    if not isinstance(session.rows, list):
        return 0
    return sum(int(text) for row in session.rows for name, text in row.details if name == "drop count")


def _time(time_ns: int) -> str:
    seconds, rest_ns = divmod(time_ns, 1_000_000_000)
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest_ns:09d} UTC"
    except (OverflowError, ValueError, OSError):
        return f"{epoch_text(time_ns)} s since 1970"


def _interface(source: CaptureFile, interface: Interface) -> FactGroup:
    said = source.sources[interface.id] if interface.id < len(source.sources) else None
    return FactGroup(f"Interface {interface.id}", tuple(_interface_facts(source, interface, said)))


def _interface_facts(
    source: CaptureFile, interface: Interface, said: SourceInterface | None
) -> Iterator[tuple[str, str]]:
    yield "name", interface.name
    if interface.description:
        yield "description", interface.description
    name = link_type_name(interface.link_type)
    yield "link type", f"{interface.link_type} {name}".rstrip()
    if interface.mac is not None:
        own = said is not None and said.mac is not None
        yield "address", format_mac(interface.mac) + ("" if own else ", found from its frames")
    if said is not None:
        yield "snap length", f"{said.snaplen_bytes:,} bytes" if said.snaplen_bytes else "no limit"
        yield "time resolution", f"{said.ticks_per_second:,} a second"
        if said.offset_ns:
            yield "time offset", f"{epoch_text(said.offset_ns)} s"
        if said.fcs_bytes:
            yield "frame check sequence", f"{said.fcs_bytes} bytes"
    yield from interface.details
    for what, count in source.facts.statistics.get(interface.id, ()):
        yield what, f"{count:,}"


def _not_modelled(session: DebugSession) -> Iterator[tuple[str, str]]:
    """Reasons why frames are passed over or meet the native layers only, and how many there are of each."""
    rows = session.rows
    if isinstance(rows, list):
        found = Counter(reason for row in rows if (reason := row.skip_reason or row.native_reason))
    else:
        found = _not_modelled_classes(session)
    for reason, count in found.most_common(MOST_TOLD):
        yield f"{count:,} {'frame' if count == 1 else 'frames'}", reason


def _not_modelled_classes(session: DebugSession) -> Counter[str]:
    """Of a large capture, by interface."""
    found: Counter[str] = Counter()
    frames = None if session.reading is None else session.reading.frames
    if frames is None:
        return found
    from engine.bulk.words import INTERFACE_SHIFT  # its compiled kernels take a moment to load

    interfaces: Sequence[Interface] = session.interfaces
    for class_ in np.flatnonzero(frames.classes.odd).tolist():
        link_type = interfaces[int(frames.classes.words[class_, 2]) >> INTERFACE_SHIFT].link_type
        found[_reason(link_type)] += int(frames.counts[class_])
    return found


def _reason(link_type: int) -> str:
    medium = medium_of(link_type)
    if medium is None:
        return not_modelled(link_type)
    if medium.meets_ethernet:
        return f"frames of {medium.name}: each says by itself which layers it meets"
    return stays_at_native(medium)


def _damage(source: CaptureFile) -> Iterator[tuple[str, str]]:
    for gap in source.gaps.told:
        yield f"byte {gap.damage.offset_bytes:,}", str(gap)
    if source.gaps.count:
        yield "places", f"{source.gaps.count:,}, {source.gaps.lost_bytes:,} bytes were passed over"
    if source.damage is not None:
        yield f"byte {source.damage.offset_bytes:,}", str(source.damage)


def _blocks(source: CaptureFile) -> Iterator[tuple[str, str]]:
    for counts in (source.facts.blocks, source.facts.contents):
        for name, count in sorted(counts.items()):
            yield name, f"{count:,}"


def _names(source: CaptureFile) -> Facts:
    names = source.facts.names
    more = len(names) - MOST_TOLD
    return (*names[:MOST_TOLD], *((("more", f"{more:,}"),) if more > 0 else ()))
