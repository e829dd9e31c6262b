"""Sessions whose steps do not fit into memory: the temporary file, and moving over what lies in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.debugger.session import DebugSession, StepKind, Stop
from engine.debugger.spill_file import TemporarySpill
from engine.trace.chunks import CHUNK
from engine.trace.store import Budget
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET
from tests.builders import policies
from tests.builders.captures import ethernet, pcap, pcap_record

FRAMES = 900


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "many.pcap"
    path.write_bytes(pcap(*[pcap_record(ethernet())] * FRAMES))
    return path


def run_out(capture: Path, **given: object) -> DebugSession:
    document = PolicyDocument(filters=(policies.block("b", layer=INBOUND_MAC_FRAME_ETHERNET),))
    session = DebugSession.open(capture, document, **given)  # type: ignore[arg-type]
    while session.run(len(session.trace), 5_000).stop is Stop.LIMIT:
        pass
    return session


def test_a_session_in_little_memory_steps_like_one_in_much(capture: Path) -> None:
    small, large = run_out(capture, budget=Budget(memory_bytes=1)), run_out(capture)
    count = len(large.trace)

    assert len(small.trace) == count > 3 * CHUNK
    assert small.trace.store.spilled_bytes > 0 == large.trace.store.spilled_bytes
    for number in (1, FRAMES // 2, FRAMES):
        assert small.run_to_frame(number, 0) == large.run_to_frame(number, 0)
    for kind in StepKind:
        for cursor in (1, 10, CHUNK, CHUNK + 1, count - 1):
            assert small.step(kind, cursor, 0) == large.step(kind, cursor, 0)
    small.close()
    large.close()


def test_a_session_whose_file_is_full_goes_on_with_outcomes_only(capture: Path) -> None:
    session = run_out(capture, budget=Budget(memory_bytes=1, file_bytes=1))

    assert session.has_no_room
    assert not session.is_full  # it is finished
    assert len(session.trace) < 4 * CHUNK
    assert session.outcome(FRAMES) is not None
    assert session.run_to_frame(1, 0).stop is Stop.STEPPED
    session.close()


def test_what_is_appended_can_be_read_until_the_file_is_closed() -> None:
    spill = TemporarySpill()
    places = [spill.append(bytes([number]) * number) for number in range(1, 5)]

    assert places == [0, 1, 3, 6]
    assert [spill.read(place, number) for number, place in enumerate(places, 1)] == [
        bytes([number]) * number for number in range(1, 5)]
    with pytest.raises(OSError, match="shorter"):
        spill.read(8, 9)
    spill.close()
    spill.close()
    with pytest.raises(OSError, match="closed"):
        spill.read(0, 1)
