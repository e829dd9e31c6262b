"""Reading on behind damage: the next record that looks whole is searched for, and every gap is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.errors import CaptureError
from engine.frames.byte_stream import ByteStream
from engine.frames.record import Record, RecordReader

_GAPS_TOLD = 20
_GAPS_TRIED = 100_000
"""More damage than this is no damaged capture."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that were passed over."""

    damage: CaptureError
    """What was wrong at their beginning, `damage.offset_bytes`."""
    end_bytes: int | None
    """Where the next record begins; None: there is none."""

    def __str__(self) -> str:
        """One line: file, place, reason, what became of it."""
        where = (
            "nothing behind it looks like a record" if self.end_bytes is None
            else f"reading went on at byte {self.end_bytes}")
        return f"{self.damage.path}, byte {self.damage.offset_bytes}: {self.damage.reason}; {where}"


@dataclass(slots=True)
class Gaps:
    """All of a file: the first ones, and how many and how much."""

    told: list[Gap] = field(default_factory=list)
    count: int = 0
    lost_bytes: int = 0
    """Not counting the last, if nothing was found behind it."""

    def add(self, gap: Gap) -> None:
        self.count += 1
        if gap.end_bytes is not None:
            self.lost_bytes += gap.end_bytes - gap.damage.offset_bytes
        if len(self.told) < _GAPS_TOLD:
            self.told.append(gap)

    def lines(self) -> list[str]:
        """A line for each that is told, and one for the rest."""
        rest = self.count - len(self.told)
        return [*(str(gap) for gap in self.told), *([f"{rest} more places are damaged"] if rest else [])]


def records_around_damage(stream: ByteStream, reader: RecordReader, gaps: Gaps) -> Iterator[Record]:
    """Yield every record that looks whole. Raises CaptureError only where searching cannot go on."""
    while True:
        try:
            while (record := reader.next_record()) is not None:
                yield record
            return
        except CaptureError as damage:
            if gaps.count == _GAPS_TRIED:
                raise
            stream.seek(damage.offset_bytes)  # a drive that fails here ends the search
            end_bytes = reader.next_plausible(damage.offset_bytes + 1)
            gaps.add(Gap(damage, end_bytes))
            if end_bytes is None:
                return
