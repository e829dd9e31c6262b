"""The order of the frames table is worked out beside the window, and follows what changes."""

from engine.debugger.frames import capture_reading
from engine.debugger.frames.order import OrderKey
from tests.builders.captures import gzipped


def numbers(bridge):
    places = bridge.frame_sort.places
    return None if places is None else (places + 1).tolist()


def test_frames_are_sorted_and_come_back_as_they_were(bridge, settle):
    sort = bridge.frame_sort
    told = []
    sort.changed.connect(lambda: told.append(numbers(bridge)))

    sort.by(OrderKey.TYPE)
    settle(bridge)
    sort.by(OrderKey.TYPE, descending=True)
    settle(bridge)
    sort.by(None)

    assert told == [[3, 4, 6, 1, 2, 5], [5, 1, 2, 3, 4, 6], None]
    assert not sort.descending


def test_what_passes_the_display_filter_is_sorted(bridge, settle):
    bridge.frame_sort.by(OrderKey.NUMBER, descending=True)
    settle(bridge)

    bridge.frame_filter.apply("eth.type == 0x0800")
    settle(bridge)

    assert numbers(bridge) == [4, 3]
    bridge.frame_filter.clear()
    settle(bridge)
    assert numbers(bridge) == [6, 5, 4, 3, 2, 1]


def test_an_order_by_outcomes_follows_the_run(bridge, qtbot, settle):
    bridge.frame_sort.by(OrderKey.OUTCOME)
    settle(bridge)
    assert numbers(bridge) == [1, 2, 3, 4, 5, 6]

    bridge.run()
    settle(bridge)

    qtbot.waitUntil(lambda: numbers(bridge) == [1, 3, 5, 2, 4, 6], timeout=5000)
    bridge.restart()
    settle(bridge)
    qtbot.waitUntil(lambda: numbers(bridge) == [1, 2, 3, 4, 5, 6], timeout=5000)


def test_what_cannot_be_sorted_is_said_and_stays_as_it_comes(bridge, settle, tmp_path, capture_file, monkeypatch):
    monkeypatch.setattr(capture_reading, "LARGE_PACKED_BYTES", 0)
    monkeypatch.setattr("engine.bulk.scan.can_scan", lambda _: False)
    packed = tmp_path / "a.pcap.gz"
    packed.write_bytes(gzipped(capture_file.read_bytes()))
    bridge.open([packed])
    settle(bridge)
    told = []
    bridge.message.connect(lambda severity, text: told.append((severity, text)))

    bridge.frame_sort.by(OrderKey.REMOTE)
    settle(bridge)

    assert told == [(
        "warn", (f"{packed}: only by frame number and outcome can such a capture be sorted; "
                 "save its frames to another file"))]
    assert (bridge.frame_sort.key, bridge.frame_sort.places) == (None, None)
