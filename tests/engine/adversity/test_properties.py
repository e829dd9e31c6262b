"""What holds for every run under adversity, over random policies, frames, options and fault rules."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from engine.trace import events as ev
from tests.builders.actors import ACTS, build
from tests.builders.engines import INSPECTION, TERMINATING, UNKNOWN, Run, assert_whole
from tests.builders.frames import ARP, IPV4, received, sent

NO_SHRINK = (Phase.explicit, Phase.reuse, Phase.generate)
"""Making a failing run smaller takes minutes; the first one found says enough."""
GAP_NS = 20_000

actors = st.tuples(
    st.just("actor"), st.sampled_from([56, 57, 58, 59]), st.integers(1, 3),
    st.sampled_from([TERMINATING, UNKNOWN, INSPECTION]), st.lists(st.sampled_from(ACTS), min_size=1, max_size=3),
    st.booleans(), st.sampled_from([None, 56, 57, 58, 59]))
frames_ = st.lists(st.tuples(st.booleans(), st.sampled_from([ARP, IPV4]), st.integers(0, 3)), min_size=1, max_size=6)
options_ = st.fixed_dictionaries({
    "completion_policy": st.sampled_from(["single", "each", "random_segments", "reverse_each"]),
    "ub_policy": st.sampled_from(["masked", "leak", "crash"]), "rx_chain": st.integers(1, 3),
    "tx_chain": st.integers(1, 3), "restart_inbound": st.sampled_from(["pass", "lose"]),
    "race_strict": st.sampled_from(["on", "off"]),
})  # fmt: skip

whens = st.one_of(st.builds(lambda n: {"nth": n}, st.integers(1, 4)),
                  st.builds(lambda n: {"frame": n}, st.integers(1, 6)),
                  st.sampled_from([{"share": 0.3}, {"share": 1}]))
moments = st.builds(lambda when, ns: when | {"after_ns": ns}, whens, st.sampled_from([0, 3_000, 12_000, 25_000]))


def rules(kind: str, when: st.SearchStrategy[dict], **members: st.SearchStrategy) -> st.SearchStrategy[dict]:
    return st.builds(lambda one, more: {"do": kind, **one, **more}, when, st.fixed_dictionaries(members))


drivers = st.sampled_from(["f0", "f1"])
short = st.sampled_from([1_000, 30_000, 10_000_000])
faults_ = st.lists(st.one_of(
    rules("delay_completion", whens, ns=short),
    rules("reorder_completions", whens),
    rules("segment_completions", whens, sizes=st.lists(st.integers(1, 3), min_size=1, max_size=3)),
    rules("restart_module", moments, module=st.sampled_from(["802.3", "native"])),
    rules("remove_interface", moments, for_ns=short),
    rules("disconnect_media", moments, for_ns=short),
    rules("leave_s0", moments, for_ns=short),
    rules("close_handle", moments, driver=drivers),
    rules("unload_driver", moments, driver=drivers),
    rules("delete_filter", moments, filter=st.sampled_from(["f0", "f1", "nothing"])),
), min_size=1, max_size=4)  # fmt: skip


def bring(folder: Path, members: list[tuple], frames: list[tuple], options: dict, faults: list[dict]) -> Run:
    made = [(received if inbound else sent)(number, type_, time_ns=when * GAP_NS)
            for number, (inbound, type_, when) in enumerate(frames, 1)]
    return build(folder, members).run(*made, faults=faults, **options)


@given(members=st.lists(actors, min_size=2, max_size=4), frames=frames_, options=options_, faults=faults_)
@settings(max_examples=50, phases=NO_SHRINK, deadline=None)
def test_every_run_is_whole_and_can_be_repeated(
    members: list[tuple], frames: list[tuple], options: dict, faults: list[dict]
) -> None:
    with TemporaryDirectory() as folder:
        run = bring(Path(folder), members, frames, options, faults)
        again = bring(Path(folder), members, frames, options, faults)

    assert_whole(run)
    assert run.lines == again.lines
    assert [record.time_ns for record in run.records] == sorted(record.time_ns for record in run.records)
    completed = Counter((event.injection, nbl) for event in run.of(ev.InjectCompleted) for nbl in event.nbls)
    assert max(completed.values(), default=1) == 1
    assert [error for error in run.failures if not error.startswith("ValueError")] == []
