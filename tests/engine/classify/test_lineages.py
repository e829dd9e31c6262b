"""Every NBL is frame.copy, and what happens to it stands under its own frame, in chains and workers too."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders.engines import BATCH, Bench, Run
from tests.builders.frames import received, sent
from tests.builders.injections import injecting
from tests.builders.misuses.case import body
from tests.scenarios.stories import run_story, story_folders


def places(run: Run, *kinds: type[ev.Event]) -> list[tuple[int, str]]:
    """Frame and NBL of each event of these kinds."""
    return [(record.frame, record.event.nbl) for record in run.records  # type: ignore[union-attr]  # those kinds have one
            if isinstance(record.event, kinds)]


def chained(folder: Path, text: str, count: int = 3) -> Run:
    """Frames of different lengths in one NDIS call, for a batch callout."""
    bench = Bench(folder)
    bench.driver(text)
    bench.calls("driver", INBOUND_MAC_FRAME_NATIVE, flags=BATCH)
    frames = [received(number, time_ns=0, payload=bytes([number]) * 40) for number in range(1, count + 1)]
    return bench.run(*frames, rx_chain=count)


def test_each_frame_of_an_absorbed_chain_has_its_own_end(tmp_path: Path) -> None:
    run = chained(tmp_path, body("out.absorb()"))

    own = [(number, f"{number}.0") for number in (1, 2, 3)]
    assert places(run, ev.FrameAbsorbed) == own
    assert places(run, ev.OriginalReturned) == own
    assert [run.kinds(frame=number)[-1] for number in (1, 2, 3)] == ["FrameFinished"] * 3


COPIES = body("""
    LOOK
    copies = []
    for nbl in each(layer_data):
        READ
        status, copy = self.copy(fwps, DATA)
        copies.append(copy)
    for this, following in zip(copies, copies[1:]):
        this.next = following
    status = fwps.inject_mac_receive_async(self.handle, None, 0, 58, 1, 0, copies[0], self.completed, None)
    out.absorb()
""")


@pytest.mark.parametrize(("look", "read", "data"), [
    ("pass", "pass", "nbl.first_net_buffer.data()"),
    ("kept = [nbl.first_net_buffer.data() for nbl in each(layer_data)]", "pass", "kept[len(copies)]"),
    ("pass", "storage = bytearray(54)\n        fwps.get_data_buffer(nbl.first_net_buffer, 54, storage)",
     "bytes(12) + storage[12:]"),
    ("pass", "fwps.get_data_buffer(nbl.first_net_buffer, 14)", "bytes(60)"),
])  # fmt: skip
def test_a_copy_belongs_to_the_frame_whose_data_it_has(look: str, read: str, data: str, tmp_path: Path) -> None:
    """Whose bytes it has, or else whose were read last."""
    run = chained(tmp_path, COPIES.replace("LOOK", look).replace("READ", read).replace("DATA", data))

    assert places(run, ev.NblAllocated) == [(1, "1.1"), (2, "2.1"), (3, "3.1")]
    assert [event.mdl.partition(":")[0] for event in run.of(ev.MdlAllocated)] == ["1", "2", "3"]
    assert sorted(places(run, ev.InjectionEnded)) == [(1, "1.1"), (2, "2.1"), (3, "3.1")]
    assert sorted(places(run, ev.NblFreed)) == [(1, "1.1"), (2, "2.1"), (3, "3.1")]
    assert run.rules == []


def test_what_is_invented_belongs_to_the_head_of_the_chain(tmp_path: Path) -> None:
    run = chained(tmp_path, body("""
        status, copy = self.copy(fwps, bytes(60))
        status = fwps.inject_mac_receive_async(self.handle, None, 0, 58, 1, 0, copy, self.completed, None)
        out.permit()
    """))

    assert places(run, ev.NblAllocated) == [(1, "1.1")]


def test_runs_are_classified_under_their_own_heads(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(body("out.permit()"))
    bench.calls("driver", INBOUND_MAC_FRAME_NATIVE)
    run = bench.run(*(received(number, time_ns=0) for number in (1, 2, 3)), rx_chain=3)

    assert [(record.frame, record.event.nbls) for record in run.records if isinstance(record.event, ev.ClassifyBegan)
            ] == [(1, ("1.0",)), (2, ("2.0",)), (3, ("3.0",))]


WORKS = body("""
    fwps.reference_net_buffer_list(layer_data, True)
    self.queue = [*getattr(self, "queue", ()), (layer_data, layer_data.first_net_buffer.data())]
    if len(self.queue) == 2:
        fwps.queue_work(self.work, fwps)
    out.absorb()
""", more="""
def work(self, fwps):
    while self.queue:
        nbl, data = self.queue.pop(0)
        DOES
""")
CLONES = """status, clone = fwps.allocate_clone_net_buffer_list(nbl)
        fwps.dereference_net_buffer_list(nbl, False)
        status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, clone, self.completed, None)"""


def test_a_worker_that_empties_a_queue_works_for_each_frame_in_turn(tmp_path: Path) -> None:
    run = injecting(tmp_path, WORKS.replace("DOES", CLONES)).run(sent(1, time_ns=0), sent(2, time_ns=0))

    cloned = [(record.frame, record.event.clone) for record in run.records if isinstance(record.event, ev.NblCloned)]
    assert cloned == [(1, "1.1"), (2, "2.1")]
    assert places(run, ev.NblDereferenced) == [(1, "1.0"), (2, "2.0")]
    assert [(record.frame, record.event.nbls) for record in run.records if isinstance(record.event, ev.InjectAccepted)
            ] == [(1, ("1.1",)), (2, ("2.1",))]
    assert run.rules == []


def test_what_stop_does_belongs_to_the_frames_that_it_is_about(tmp_path: Path) -> None:
    run = injecting(tmp_path, body("""
        fwps.reference_net_buffer_list(layer_data, True)
        self.kept = layer_data
        out.absorb()
    """, more="""
    def stop(self, fwps):
        status, copy = self.copy(fwps, self.kept.first_net_buffer.data())
        fwps.dereference_net_buffer_list(self.kept, False)
        self.release(fwps, copy)
        super().stop(fwps)
    """), OUTBOUND_MAC_FRAME_ETHERNET).run(sent(1))

    assert places(run, ev.NblAllocated, ev.NblDereferenced, ev.NblFreed, ev.OriginalReleased) == [
        (1, "1.1"), (1, "1.0"), (1, "1.0"), (1, "1.1")]
    assert {record.frame for record in run.records if isinstance(record.event, ev.HandleClosing | ev.PoolFreed)} == {0}
    assert run.rules == []


@pytest.mark.parametrize("story", [folder.name for folder in story_folders()])
def test_in_every_story_what_concerns_one_nbl_stands_under_its_frame(story: str) -> None:
    run = run_story(story).run
    named = [(record.frame, nbl, type(record.event).__name__) for record in run.records
             for nbl in [getattr(record.event, "nbl", None) or getattr(record.event, "parent", None)] if nbl]

    assert [one for one in named if str(one[0]) != one[1].partition(".")[0]] == []
