"""The page of the capture file, on a bridge with a capture."""

from gui.views.capture_facts import CaptureFactsView
from gui.views.inspector.facts import Facts
from tests.builders.captures import enhanced, ethernet, interface, option, section


def shown(view):
    return {facts.accessibleName(): facts.text() for facts in view.findChildren(Facts)}


def test_it_tells_what_the_file_says_and_follows_to_another_file(bridge, qtbot, settle, tmp_path):
    view = CaptureFactsView(bridge)
    qtbot.addWidget(view)
    view.show()
    settle(bridge)
    assert [group.title for group in view.groups] == ["File", "Interface 0"]
    assert "six-frames.pcap" in shown(view)["File"]
    assert view.subtitle() == "six-frames.pcap"

    other = tmp_path / "b.pcapng"
    other.write_bytes(section() + interface(options=option(2, b"eth7")) + enhanced(ethernet()))
    bridge.open([other])
    settle(bridge)

    assert [group.title for group in view.groups] == ["File", "Section 1", "Interface 0"]
    assert "eth7" in shown(view)["Interface 0"]


def test_out_of_sight_it_asks_for_nothing_and_without_a_capture_it_says_so(bridge, qtbot, settle):
    view = CaptureFactsView(bridge)
    qtbot.addWidget(view)
    bridge.close_session()
    settle(bridge)
    assert list(view.groups) == []

    view.show()
    settle(bridge)

    assert list(view.groups) == []
    assert not view.findChildren(Facts)
