"""A capture is read through beside the run: what is missing is said, with what may be done about it."""

import pytest

from engine.debugger.frames import capture_reading
from gui.session_bridge import SessionBridge
from gui.session_bridge.offer import Offer
from tests.bench.mixed_capture import write_pcap
from tests.builders.captures import ethernet, gzipped, pcap, pcap_record

RECORD = pcap_record(ethernet(ether_type=0x0806))


@pytest.fixture
def offers(bridge: SessionBridge) -> list[Offer]:
    found = []
    bridge.offer.connect(found.append)
    return found


def read(bridge, path, settle):
    bridge.open([path])
    settle(bridge)
    return [row.number for row in bridge.session.rows]


def test_a_file_that_ends_within_a_record_can_be_followed_as_it_grows(bridge, offers, tmp_path, qtbot, settle):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(RECORD, RECORD, RECORD)[:-10])
    assert read(bridge, path, settle) == [1, 2]
    [offer] = offers
    assert (offer.severity, offer.button, offer.other) == ("warn", "Follow it as it grows", "Search behind it")
    assert offer.text.startswith(f"{path}, byte 176: the file ends inside a record")

    offer.act()
    qtbot.waitUntil(lambda: bridge.session.is_followed and len(bridge.session.rows) == 2, timeout=5000)
    bridge.run()
    qtbot.waitUntil(lambda: bridge.session.outcome(2) is not None, timeout=5000)
    with path.open("ab") as file:
        file.write(RECORD[-10:] + RECORD)

    qtbot.waitUntil(lambda: len(bridge.session.rows) == 4, timeout=5000)
    qtbot.waitUntil(lambda: bridge.session.outcome(4) is not None, timeout=5000)
    assert bridge.running
    bridge.pause()
    bridge.cancel()
    settle(bridge)
    assert not bridge.running


def test_damage_can_be_searched_behind(bridge, offers, tmp_path, settle):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(RECORD, b"\xff" * 40, *[RECORD] * 4))
    told = []
    bridge.message.connect(lambda severity, text: told.append((severity, text)))
    assert read(bridge, path, settle) == [1]
    [offer] = offers
    assert (offer.button, offer.other) == ("Search behind it", "")

    offer.act()
    settle(bridge)

    assert [row.number for row in bridge.session.rows] == [1, 2, 3, 4, 5]
    assert told[-1] == (
        "warn", (f"{path}, byte 100: captured length 4294967295 is more than 262144; reading went on at byte 140; "
                 "40 bytes were passed over."))


def test_a_damaged_packed_file_can_be_searched_only(bridge, offers, tmp_path, settle):
    path = tmp_path / "a.pcap.gz"
    path.write_bytes(gzipped(pcap(RECORD, RECORD)[:-10]))

    assert read(bridge, path, settle) == [1]

    assert [(offer.button, offer.other) for offer in offers] == [("Search behind it", "")]


def test_a_large_capture_has_its_outcomes_without_being_run(bridge, tmp_path, monkeypatch, settle):
    monkeypatch.setattr(capture_reading, "LARGE_BYTES", 0)
    path = tmp_path / "a.pcap"
    write_pcap(path, 3000)
    changed = []
    bridge.rows_changed.connect(lambda first, last: changed.append((first, last)))

    assert read(bridge, path, settle) == list(range(1, 3001))

    assert changed[-1] == (1, 3000)
    assert {bridge.session.outcome(number).outcome for number in range(1, 3001)} >= {"delivered", "sent"}
    assert len(bridge.session.trace) == 0
