"""The trace as a file: one JSON line for each event, and back. Source: contracts 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from engine.errors import EngineError
from engine.trace.events import TraceEvent
from engine.trace.trace import Record


class TraceFileError(EngineError):
    """A line of a saved trace cannot be read."""

    def __init__(self, name: str, line: int, reason: str) -> None:
        self.name, self.line = name, line
        super().__init__(f"{name}, line {line}: {reason}; record the trace again with `l2scope run --trace`")


class _Envelope(msgspec.Struct):
    seq: int
    frame: int
    time_ns: int
    irql: int
    depth: int


_encode = msgspec.json.Encoder().encode
_read_envelope = msgspec.json.Decoder(_Envelope).decode
_read_event = msgspec.json.Decoder(TraceEvent).decode


def trace_line(record: Record) -> bytes:
    """Return `{"seq": …, "frame": …, "time_ns": …, "kind": …, …, "irql": …, "depth": …}` without an end of line.

    Bytes stand in base64. Equal records give equal bytes.
    """
    head = b'{"seq":%d,"frame":%d,"time_ns":%d,' % (record.seq, record.frame, record.time_ns)
    return b'%b%b,"irql":%d,"depth":%d}' % (head, _encode(record.event)[1:-1], record.irql, record.depth)


def read_trace(lines: Iterable[bytes], name: str = "trace") -> Iterator[Record]:
    """Yield the records of a saved trace; blank lines are passed over. Raises TraceFileError."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            place = _read_envelope(line)
            event = _read_event(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise TraceFileError(name, number, " ".join(str(error).split())) from None
        yield Record(place.seq, place.frame, place.time_ns, place.irql, place.depth, event)
