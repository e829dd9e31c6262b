"""Which reader a capture wants."""

from __future__ import annotations

from engine.frames import pcap, pcapng, wrong_files
from engine.frames.byte_stream import ByteStream
from engine.frames.record import RecordReader


def reader_of(stream: ByteStream) -> RecordReader:
    """Read the first bytes of a stream and what is before the first record. Raises CaptureError for no capture."""
    magic = stream.read(4)
    if magic == pcapng.MAGIC:
        return pcapng.PcapngReader(stream)
    if magic in pcap.MAGICS:
        return pcap.PcapReader(stream, magic)
    raise wrong_files.refusal(stream.name, magic + stream.read_some(wrong_files.HEAD_BYTES))
