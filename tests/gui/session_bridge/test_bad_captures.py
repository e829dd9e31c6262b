"""Files that are no captures, or damaged ones: the window says so in one line and goes on."""

import lz4.frame
import pytest
import zstandard

from tests.builders.captures import (
    block,
    comment,
    enhanced,
    ethernet,
    flags,
    gzipped,
    interface,
    obsolete,
    option,
    pcap,
    pcap_record,
    section,
    simple,
)
from tests.corpus import CAPTURES, capture_files

RECORD = pcap_record(ethernet())
WHOLE = {
    "pcap": pcap(RECORD, RECORD),
    "pcapng": section() + interface() + enhanced(ethernet()) + simple(ethernet()) + obsolete(ethernet()),
    "gzip": gzipped(pcap(RECORD, RECORD)),
    "zstd": zstandard.compress(pcap(RECORD, RECORD)),
    "LZ4": lz4.frame.compress(pcap(RECORD, RECORD)),
}
STRANGE = {
    "a block of 4 GiB": section() + interface() + block(0xBAD, b"", total=0xFFFFFFFC),
    "a block without length": section() + interface() + block(6, b"", total=0),
    "a packet of 4 GiB": pcap(RECORD, pcap_record(b"", captured=0xFFFFFFFF)),
    "too many interfaces": section() + interface() * 70_000 + enhanced(ethernet()),
    "an option longer than its block": section() + interface(options=b"\2\0\xff\xff") + enhanced(ethernet()),
    "control characters": (section(options=option(4, b"\x1b[2J\0")) + interface(options=option(2, b"\x07\0\n"))
                           + enhanced(ethernet(), options=comment("\x1b]0;x\x07\0\n") + flags(3))),
    "a bomb": gzipped(pcap(RECORD) + bytes(30 << 20)),
    "nothing": b"",
    "text": b"hello\n",
    "an event trace": b"\0\0\1\0\0\1\0\0\0\1\0\0" + bytes(200),
}  # fmt: skip
SAYS_NOTHING = {"control characters"}


@pytest.fixture
def opened(bridge, settle, tmp_path):
    """Opens bytes as a capture; gives the messages, and the frames if it is shown."""
    told = []
    bridge.message.connect(lambda severity, text: told.append((severity, text)))
    before = bridge.session

    def open_(data, path=None):
        if path is None:
            path = tmp_path / "bad.cap"
            path.write_bytes(data)
        told.clear()
        bridge.open([path])
        settle(bridge)
        return path, list(told), None if bridge.session is before else len(bridge.session.rows)

    return open_


def is_one_line_about(path, told):
    [(severity, text)] = told
    assert text.startswith(str(path))
    assert "\n" not in text
    assert severity in {"error", "warn"}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_file_is_told_in_one_line_and_the_window_goes_on(opened, name):
    path, told, frames = opened(STRANGE[name])

    if name in SAYS_NOTHING:
        assert (told, frames) == ([], 1)
    else:
        is_one_line_about(path, told)
        assert (told[0][0] == "error") == (frames is None)
    assert opened(WHOLE["pcap"])[1:] == ([], 2)


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_ends_anywhere_shows_what_is_whole(opened, name):
    data = WHOLE[name]
    known = 0

    for end in range(0, len(data), 13):
        path, told, frames = opened(data[:end])
        if told:
            is_one_line_about(path, told)
        assert (frames or 0) >= known
        known = frames or 0
    assert opened(data)[1:] == ([], 3 if name == "pcapng" else 2)


@pytest.mark.parametrize(
    "path", [path for path in capture_files() if "malformed" in path.relative_to(CAPTURES).parts],
    ids=lambda path: path.name)
def test_a_malformed_file_of_the_corpus_is_told_in_one_line(opened, path):
    _, told, frames = opened(b"", path)

    assert told or frames is not None
    if told:
        is_one_line_about(path, told)
        assert (told[0][0] == "error") == (frames is None)
