"""The first large capture on a machine: compiling is told, and happens beside the window."""

from threading import current_thread, main_thread

from engine.bulk.kernel import calls, store
from gui.session_bridge import kernels
from tests.bench.mixed_capture import write_pcap


def opened(bridge, settle, monkeypatch, tmp_path, is_kept):
    capture, told, threads = tmp_path / "a.pcap", [], []
    write_pcap(capture, 9_000)
    calls.load()  # compiled or read, so that only asking for it is left
    load = calls.load
    monkeypatch.setattr(kernels, "LARGE_BYTES", 1)
    monkeypatch.setattr(store, "kept", lambda: b"code" if is_kept else None)
    monkeypatch.setattr(calls, "load", lambda: threads.append(current_thread()) or load())
    bridge.message.connect(lambda severity, text: told.append((severity, text)))
    bridge.open([capture])
    settle(bridge)
    assert len(bridge.session.rows) == 9_000
    return told, threads


def test_compiling_is_told_and_done_by_the_worker(bridge, settle, monkeypatch, tmp_path):
    told, threads = opened(bridge, settle, monkeypatch, tmp_path, is_kept=False)
    assert ("info", kernels.COMPILING) in told
    assert threads
    assert main_thread() not in threads


def test_nothing_is_said_where_they_are_kept(bridge, settle, monkeypatch, tmp_path):
    told, _ = opened(bridge, settle, monkeypatch, tmp_path, is_kept=True)
    assert ("info", kernels.COMPILING) not in told
