"""Whatever comes and goes in mid-run: each frame ends once, the run ends, and a second run is the same."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_NATIVE
from tests.builders.drivers import citizen
from tests.builders.engines import UNKNOWN, Bench, assert_whole
from tests.builders.frames import received, sent
from tests.builders.injections import CLONE_AND_INJECT
from tests.builders.policies import permit

WORK = """
    def seen(self, fwps, values, meta, layer_data, out):
        self.number = getattr(self, "number", 0) + 1
        super().seen(fwps, values, meta, layer_data, out)
        fwps.queue_work(getattr(self, self.config[self.number % len(self.config)]), fwps)

    def rests(self, fwps):
        pass

    def deletes(self, fwps):
        fwps.filter_delete_by_key(self.engine, FILTER)

    def adds(self, fwps):
        fwps.filter_add(self.engine, self.filter(), None)

    def unregisters(self, fwps):
        fwps.callout_unregister_by_key(CALLOUT)

    def registers(self, fwps):
        fwps.callout_register(None, {"callout_key": CALLOUT})

    def reopens(self, fwps):
        fwps.engine_close(self.engine)
        status, self.engine = fwps.engine_open(None, 10, None, self.session)
        self.install(fwps)

    def waits(self, fwps):
        fwps.wait_until(lambda: len(self.completed_with) > 2)
"""
ACTS = st.lists(
    st.sampled_from(["rests", "deletes", "adds", "unregisters", "registers", "reopens", "waits"]), min_size=1)
AFTER = st.sampled_from([0, 0, 1_000, 15_000, 200_000, 450_000])
FOR = st.sampled_from([20_000, 300_000, 3_000_000])


def happening(do: str, **members: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"do": st.just(do), "frame": st.integers(1, 8), "after_ns": AFTER,
                                  **{name: st.just(one) for name, one in members.items()}})


FAULTS = st.lists(st.one_of(
    happening("restart_module", module="802.3"), happening("restart_module", module="native"),
    st.builds(lambda one, ns: {**one, "for_ns": ns}, happening("remove_interface"), FOR),
    st.builds(lambda one, ns: {**one, "for_ns": ns}, happening("disconnect_media"), FOR),
    happening("delete_filter", filter="its filter"), happening("delete_filter", filter="passes 58"),
    happening("delete_filter", filter="cloner"), happening("unload_driver", driver="cloner"),
    happening("unload_driver", driver="driver"), happening("close_handle", driver="cloner"),
    st.builds(lambda one, ns: {**one, "for_ns": ns}, happening("leave_s0"), FOR),
), max_size=5)
FRAMES = st.lists(st.tuples(st.booleans(), st.sampled_from([1_000, 30_000, 250_000, 700_000])), min_size=8, max_size=8)
OPTIONS = st.fixed_dictionaries({
    "race_strict": st.sampled_from(["off", "on"]), "restart_inbound": st.sampled_from(["pass", "lose"]),
    "rx_chain": st.sampled_from([1, 3]), "completion_policy": st.sampled_from(["each", "random_segments", "single"]),
    "reenter_inline": st.sampled_from(["off", "off", "on"]), "unregister_waits": st.sampled_from(["yes", "no"]),
})


def the_bench(folder: Path, acts: list[str]) -> Bench:
    bench = citizen(folder, WORK.replace("self.config", f"{acts!r}"))
    bench.driver(CLONE_AND_INJECT.format(at_ip_header=True), "cloner.py")
    bench.calls("cloner", INBOUND_MAC_FRAME_ETHERNET, script="cloner.py", action=UNKNOWN)
    bench.add(permit("passes 58", layer=INBOUND_MAC_FRAME_NATIVE), permit("passes 59", layer=OUTBOUND_MAC_FRAME_NATIVE))
    return bench


@settings(max_examples=60, deadline=None)
@given(ACTS, FAULTS, FRAMES, OPTIONS, st.integers(0, 3))
def test_whatever_comes_and_goes_each_frame_ends_once_and_the_run_is_the_same_again(
    acts: list[str], faults: list[dict[str, Any]], ways: list[tuple[bool, int]], options: dict[str, Any], seed: int
) -> None:
    frames, now = [], 1_000_000_000
    for number, (inbound, gap_ns) in enumerate(ways, 1):
        now += gap_ns
        frames.append((received if inbound else sent)(number, time_ns=now))
    with TemporaryDirectory() as folder:
        bench = the_bench(Path(folder), acts)
        first = bench.run(*frames, seed=seed, faults=faults, **options)
        second = bench.run(*frames, seed=seed, faults=faults, **options)

    assert_whole(first)
    assert first.lines == second.lines
    assert first.failures == []
    for module in ("802.3", "native"):  # a module goes through its states one by one
        states = ["Pausing" if isinstance(event, ev.ModulePausing) else event.state for event in first.events
                  if isinstance(event, ev.ModulePausing | ev.ModuleStateChanged) and event.module == module]
        assert all((one, following) in FOLLOWS for one, following in pairwise(states))


FOLLOWS = {
    ("Pausing", "Paused"), ("Paused", "Restarting"), ("Restarting", "Running"), ("Running", "Pausing"),
    ("Detached", "Attaching"), ("Attaching", "Paused"),
    *((state, "Detached") for state in ("Pausing", "Paused", "Restarting", "Running", "Attaching")),
}  # fmt: skip
