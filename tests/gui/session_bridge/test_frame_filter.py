"""The display filter over a session, worked out beside the window."""

import pytest

from engine.display.failure import DisplayFilterError
from gui.session_bridge.frames import filter as frame_filter
from gui.session_bridge.frames.export import write_frames, write_lines
from gui.session_bridge.turns import Rank
from tests.builders.captures import ethernet, pcap, pcap_record


def places(bridge):
    found = bridge.frame_filter.places
    return None if found is None else found.tolist()


def apply(bridge, settle, text):
    bridge.frame_filter.apply(text)
    settle(bridge)
    return places(bridge)


def test_frames_that_pass_are_found(bridge, settle):
    assert apply(bridge, settle, "arp") == [0, 1]
    assert (bridge.frame_filter.text, bridge.frame_filter.count, bridge.frame_filter.is_complete) == ("arp", 2, True)
    assert apply(bridge, settle, "vlan.id == 20 or ipv6") == [4, 5]
    assert apply(bridge, settle, "") is None
    assert bridge.frame_filter.count == 6


def test_what_is_wrong_changes_nothing(bridge, settle):
    apply(bridge, settle, "arp")

    with pytest.raises(DisplayFilterError):
        bridge.frame_filter.apply("arp ==")

    assert (bridge.frame_filter.text, places(bridge)) == ("arp", [0, 1])


def test_outcomes_are_asked_again_as_the_run_goes_on(bridge, settle, qtbot):
    assert apply(bridge, settle, "outcome == blocked") == []

    bridge.run()
    settle(bridge)
    qtbot.waitUntil(lambda: places(bridge) == [0])


def test_what_cannot_change_is_not_asked_again(bridge, settle, qtbot):
    apply(bridge, settle, "arp")
    asked = []
    bridge.frame_filter.changed.connect(lambda: asked.append(1))

    bridge.run()
    settle(bridge)
    qtbot.wait(frame_filter.AGAIN_MS + 50)

    assert asked == []


def test_marks_are_asked_again_when_they_change(bridge, settle, qtbot):
    apply(bridge, settle, "mark or comment")
    bridge.frame_notes.toggle_marked([2])
    bridge.frame_notes.set_comment(5, "x")
    qtbot.waitUntil(lambda: places(bridge) == [1, 4])

    bridge.undo_stack.undo()
    qtbot.waitUntil(lambda: places(bridge) == [1])


def test_another_capture_is_filtered_by_the_same_filter(bridge, settle, tmp_path):
    apply(bridge, settle, "arp")
    path = tmp_path / "other.pcap"
    path.write_bytes(pcap(*(pcap_record(ethernet(ether_type=kind)) for kind in (0x0800, 0x0806))))

    bridge.open([path])
    settle(bridge)

    assert places(bridge) == [1]


def test_cancel_leaves_what_was_found(bridge, settle, qtbot):
    apply(bridge, settle, "arp")
    told = []
    bridge.progress.connect(lambda task, done, all_: told.append((task, done == all_)))
    bridge.frame_filter.apply("ipv6")
    bridge.cancel()
    settle(bridge)

    assert (places(bridge), bridge.frame_filter.text, told[-1]) == ([0, 1], "arp", (frame_filter.TASK, True))


def test_a_run_does_not_keep_the_answer_waiting(bridge, settle, qtbot):
    apply(bridge, settle, "outcome == blocked")
    answers = []
    bridge.frame_filter.changed.connect(lambda: answers.append(1))
    for _ in range(15):
        bridge.rows_changed.emit(1, 1)
        qtbot.wait(frame_filter.AGAIN_MS // 5)

    assert answers
    settle(bridge)


def test_a_filter_that_comes_while_another_is_asked_wins(bridge, settle):
    bridge.frame_filter.apply("arp")
    bridge.frame_filter.apply("ipv6")
    settle(bridge)

    assert places(bridge) == [4]


def test_without_a_session_a_filter_waits_for_one(empty_bridge, settle, capture_file):
    assert apply(empty_bridge, settle, "arp") is None

    empty_bridge.open([capture_file])
    settle(empty_bridge)

    assert places(empty_bridge) == [0, 1]


# --- export -----------------------------------------------------------------------------------------------------------


def test_packets_are_written_with_the_comments(bridge, settle, tmp_path):
    bridge.frame_notes.set_comment(2, "why?")
    bridge.turns.ask(Rank.CHANGE, lambda: write_frames(bridge, tmp_path / "a.pcapng", {2, 5}.__contains__))
    settle(bridge)

    bridge.open([tmp_path / "a.pcapng"])
    settle(bridge)

    assert [(row.type_name, row.comments) for row in bridge.session.rows] == [("ARP", ("why?",)), ("IPv6", ())]
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".part"] == []


def test_lines_are_written_whole_or_not_at_all(bridge, settle, tmp_path, monkeypatch):
    monkeypatch.setattr("gui.session_bridge.frames.export.LINES_AT_ONCE", 2)
    bridge.turns.ask(Rank.CHANGE, lambda: write_lines(bridge, tmp_path / "a.csv", ["No.\n", "1\n", "2\n"], 2))
    settle(bridge)

    def stopping():
        yield "No.\n"
        yield "1\n"
        bridge.cancel()
        yield "2\n"

    bridge.turns.ask(Rank.CHANGE, lambda: write_lines(bridge, tmp_path / "b.csv", stopping(), 2))
    settle(bridge)

    assert ((tmp_path / "a.csv").read_text(), (tmp_path / "b.csv").exists()) == ("No.\n1\n2\n", False)
    assert list(tmp_path.glob(".*")) == []


def test_a_place_that_cannot_be_written_is_told(bridge, settle, tmp_path, qtbot):
    with qtbot.waitSignal(bridge.message, check_params_cb=lambda severity, _: severity == "error") as told:
        bridge.turns.ask(Rank.CHANGE, lambda: write_lines(bridge, tmp_path / "no" / "a.csv", ["x\n"], 1))

    assert told.args[1].endswith("a.csv: No such file or directory; choose another place")
    settle(bridge)
