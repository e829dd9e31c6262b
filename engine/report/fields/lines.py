"""Frames as lines of JSON, quickly: what is the same for all frames with the same header is written once.

Source: contracts 3.
"""

from __future__ import annotations

import msgspec

from engine.frames.ethernet import MINIMUM_ETHER_TYPE, TAG_TPIDS
from engine.frames.frame import Frame
from engine.report.fields.of_frame import frame_fields

_HEADER_BYTES = 14
_LONG_HEADER_BYTES = 34
"""Holds three tags and LLC/SNAP behind them; a frame with more tags is written out."""
MOST_KEPT = 1 << 16
"""Ends of lines; beyond, all are forgotten."""
_BEGINS = b',"interface":'
"""What comes before it in a line is of the frame alone."""
_LONGER = frozenset(
    {tpid.to_bytes(2, "big") for tpid in TAG_TPIDS}
    | {length.to_bytes(2, "big") for length in range(MINIMUM_ETHER_TYPE)})
"""Types behind which the header goes on: tags, and lengths of 802.3."""
_TAGS = frozenset(tpid.to_bytes(2, "big") for tpid in TAG_TPIDS)
_FOURTH_TAG = slice(_HEADER_BYTES + 10, _HEADER_BYTES + 12)


class FieldLines:
    """Writes the lines of one capture's frames."""

    def __init__(self) -> None:
        self._encode = msgspec.json.Encoder().encode
        self._ends: dict[tuple[object, ...], bytes] = {}
        """Ends of lines, by all that they depend on."""

    def line(self, frame: Frame) -> bytes:
        """The line of `frame_fields`, without its end."""
        if frame.framing is not None or frame.comments or frame.skip_reason is not None or frame.time_ns < 0:
            return self._encode(frame_fields(frame))
        data, length = frame.data, frame.length_bytes
        captured = len(data) + frame.fcs_bytes
        header = data[:_HEADER_BYTES]
        if header[12:] in _LONGER:
            header = data[:_LONG_HEADER_BYTES]
            if header[_FOURTH_TAG] in _TAGS:
                return self._encode(frame_fields(frame))
        interface = frame.interface
        # An enumeration's own hash is slow; its members are there once.
        key = interface.id, id(frame.direction), id(frame.direction_from), captured < length, header
        end = self._ends.get(key)
        if end is None:
            end = self._end(frame, key)
        seconds, rest_ns = divmod(frame.time_ns, 1_000_000_000)
        return b'{"frame":%d,"time":"%d.%09d","link_type":%d,"captured":%d,"length":%d%b' % (
            frame.number, seconds, rest_ns, interface.link_type, captured, length, end)

    def _end(self, frame: Frame, key: tuple[object, ...]) -> bytes:
        line = self._encode(frame_fields(frame))
        if len(self._ends) >= MOST_KEPT:
            self._ends.clear()
        end = self._ends[key] = self.end_of(line)
        return end

    @staticmethod
    def end_of(line: bytes) -> bytes:
        """What of a line without comments is the same for all frames with the header, captured whole or not."""
        return line[line.index(_BEGINS):]
