"""The report of a session as a capture: each frame says what became of it."""

from engine.frames.capture import open_capture

BLOCKED = "L2Scope: blocked at INBOUND_MAC_FRAME_ETHERNET by filter “no ARP”"


def comments(path):
    with open_capture(path) as capture:
        return [frame.comments for frame in capture]


def test_frames_that_have_run_say_what_became_of_them(bridge, settle, tmp_path):
    bridge.step_frame(2)
    settle(bridge)

    bridge.export(tmp_path / "out.pcapng")
    settle(bridge)

    first, second, *rest = comments(tmp_path / "out.pcapng")
    assert first == (BLOCKED,)
    assert second == ("L2Scope: pending",)
    assert rest == [()] * 4
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".pcap", ".pcapng"]


def test_a_file_that_cannot_be_written_is_one_line_and_nothing_is_left(bridge, settle, tmp_path, capture_file):
    told = []
    bridge.message.connect(lambda severity, text: told.append((severity, text)))
    before = capture_file.read_bytes()

    for path in (tmp_path / "none" / "out.pcapng", capture_file.with_suffix(".pcapng")):
        if path.parent == tmp_path:
            path.symlink_to(capture_file)
        bridge.export(path)
        settle(bridge)

    assert told == [
        ("error", f"{tmp_path / 'none' / 'out.pcapng'}: No such file or directory; name a file that can be written"),
        ("error", f"{capture_file.with_suffix('.pcapng')}: this is the capture itself; name another file")]
    assert capture_file.read_bytes() == before
