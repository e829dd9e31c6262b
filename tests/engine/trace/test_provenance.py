"""Every byte knows the step and the line that put it there, and the frame it came with."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.ndis.snapshot import MemoryId, NblId
from engine.report.provenance_text import origin_text
from engine.trace import events as ev
from engine.trace.history import WorldHistory
from engine.trace.provenance import Copy, Origin, Runs, origin_of, put, writer, written
from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders.engines import HEAD, Bench, Run
from tests.builders.frames import sent

REWRITE = (
    HEAD
    + """
class Rewrite(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        status, self.clone = fwps.allocate_clone_net_buffer_list(layer_data)
        buffer = self.clone.first_net_buffer
        header = bytearray(buffer.data()[:14])
        header[0:6] = bytes(6)
        new = fwps.allocate_mdl(None, header, 14)
        new.next = buffer.mdl_chain.next
        buffer.mdl_chain = new
        fwps.adjust_net_buffer_current_mdl(buffer)
        buffer.write(6, b"abc")
        status = fwps.retreat_net_buffer_data_start(buffer, 4, 0, None)
        buffer.write(1, b"z")
"""
)
CLONED, MADE, SET, RETREAT, LAST = (f"rewrite.py:{line}" for line in (6, 10, 14, 15, 16))


def rewritten(folder: Path) -> Run:
    bench = Bench(folder)
    bench.script(REWRITE, "rewrite.py")
    bench.calls("asks", OUTBOUND_MAC_FRAME_ETHERNET, script="rewrite.py", class_="Rewrite")
    return bench.run(sent(1))


def told(run: Run, nbl: str, cursor: int | None = None) -> list[tuple[int, str]]:
    """The words of each byte of an NBL's chain, and where they begin."""
    world = WorldHistory(run.trace).at(len(run.trace) if cursor is None else cursor)
    found: list[tuple[int, str]] = []
    for place in range(len(world.data(NblId(nbl)))):
        origin = origin_of(run.trace, world, NblId(nbl), place)
        assert origin is not None
        text = origin_text(origin).replace(f"byte {origin.place}", "byte …")
        if not found or found[-1][1] != text:
            found.append((place, text))
    return found


def after(run: Run, kind: type[ev.Event]) -> int:
    return next(record.seq + 1 for record in run.records if isinstance(record.event, kind))


def test_the_bytes_of_an_original_come_from_the_capture_and_its_room_from_nobody(tmp_path: Path) -> None:
    run = rewritten(tmp_path)

    assert told(run, "1.0", after(run, ev.FrameEntered)) == [
        (0, "room around the frame, that nobody has written"), (66, "from the capture: frame 1, byte …")]  # fmt: skip
    world = WorldHistory(run.trace).at(after(run, ev.FrameEntered))
    assert [origin_of(run.trace, world, NblId("1.0"), place).place for place in (66, 67, 80, 125)] == [0, 1, 14, 59]


def test_a_clone_shares_the_bytes_and_says_where_it_was_made(tmp_path: Path) -> None:
    run = rewritten(tmp_path)

    assert told(run, "1.1", after(run, ev.NblCloned)) == [
        (0, f"from the capture: frame 1, byte … ← 1.1 is a clone of 1.0, made at {CLONED}")]  # fmt: skip


def test_what_a_script_makes_and_writes_names_its_lines(tmp_path: Path) -> None:
    run = rewritten(tmp_path)

    assert told(run, "1.1") == [
        (0, f"room made at {RETREAT}, that nobody has written"),
        (1, f"set by {LAST}"),
        (2, f"room made at {RETREAT}, that nobody has written"),
        (4, f"made by {MADE}: memory that the script gave"),
        (10, f"set by {SET}"),
        (13, f"made by {MADE}: memory that the script gave"),
        (18, f"from the capture: frame 1, byte … ← 1.1 is a clone of 1.0, made at {CLONED}"),
    ]


def test_an_origin_leads_to_its_step(tmp_path: Path) -> None:
    run = rewritten(tmp_path)
    world = WorldHistory(run.trace).at(len(run.trace))

    shared = origin_of(run.trace, world, NblId("1.1"), 20)

    entered = next(record for record in run.records if isinstance(record.event, ev.FrameEntered))
    memory = list(entered.event.memories)[1]
    assert shared == Origin("captured", entered.seq, memory, 2, frame=1, place=16,
                            copies=(Copy(NblId("1.1"), NblId("1.0"), CLONED),))  # fmt: skip
    assert origin_of(run.trace, world, NblId("1.1"), 9_999) is None
    assert origin_of(run.trace, world, NblId("9.9"), 0) is None


def test_a_step_back_knows_the_writer_before(tmp_path: Path) -> None:
    run = rewritten(tmp_path)
    write = next(record.seq for record in run.records if isinstance(record.event, ev.DataWritten))
    history = WorldHistory(run.trace)

    found = [origin_of(run.trace, history.at(cursor), NblId("1.1"), 6) for cursor in (write + 1, write, write + 1)]

    assert [origin.line for origin in found] == [SET, MADE, SET]


def test_bytes_that_a_script_changed_in_its_own_memory_belong_to_where_that_shows(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(
        """
        def seen(self, fwps, values, meta, layer_data, out):
            pass

        def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
            if fwps.query_packet_injection_state(self.handle, layer_data)[0]:
                return
            data = bytearray(layer_data.first_net_buffer.data())
            mdl = fwps.allocate_mdl(None, data, len(data))
            status, new = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(data))
            data[3] = 0x77
            fwps.inject_mac_send_async(self.handle, None, 0, 57, values.INTERFACE_INDEX, 0, new, self.completed, None)
            out.absorb()
        """
    )
    bench.calls("asks", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent(1))
    made, noticed = run.one(ev.MdlAllocated).line, run.one(ev.DataWritten).line

    assert told(run, "1.1", after(run, ev.InjectAccepted)) == [
        (0, f"made by {made}: memory that the script gave"),
        (3, f"set by {noticed}"),
        (4, f"made by {made}: memory that the script gave"),
    ]


def test_a_deep_clone_is_copied_from_its_parent(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(
        """
        def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
            self.kept = fwps.allocate_deep_clone_net_buffer_list(layer_data)
        """
    )
    bench.calls("asks", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent(1))

    assert told(run, "1.1", after(run, ev.NblCloned)) == [(0, f"copied from 1.0 at {run.one(ev.NblCloned).line}")]


SIZE = 12
WRITES = st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE)), max_size=12)


@given(WRITES)
def test_runs_say_of_every_byte_who_wrote_it_last(writes: list[tuple[int, int]]) -> None:
    runs: Runs = ((0, SIZE, 0),)
    expected = [0] * SIZE
    for seq, (start, length) in enumerate(writes, 1):
        end = min(SIZE, start + length)
        runs = put(runs, start, end, seq)
        expected[start:end] = [seq] * (end - start)

    assert [writer(runs, place) for place in range(SIZE)] == expected
    assert [run[0] for run in runs[1:]] == [run[1] for run in runs[:-1]]
    assert (writer(runs, SIZE), writer(runs, -1), writer((), 0)) == (None, None, None)


def test_a_whole_write_counts_where_bytes_differ_and_a_part_as_a_whole() -> None:
    def a_write(offset: int, old: bytes, new: bytes) -> ev.DataWritten:
        return ev.DataWritten(None, MemoryId("1:1"), offset, old, new, ())

    runs: Runs = ((0, 4, 1),)
    assert written(runs, a_write(0, b"abcd", b"aXcY"), 4, 9) == ((0, 1, 1), (1, 2, 9), (2, 3, 1), (3, 4, 9))
    assert written(runs, a_write(1, b"bc", b"bc"), 4, 9) == ((0, 1, 1), (1, 3, 9), (3, 4, 1))
