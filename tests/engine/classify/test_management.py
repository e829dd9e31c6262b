"""The policy changes in mid-run: Fwpm functions for drivers, their NTSTATUS, who is told, what a frame then meets."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import PolicyError
from engine.report.summary import FilterSummary, SummaryFold
from engine.report.verdicts import VerdictFold
from engine.trace import events as ev
from engine.wfp.guids import derived_key
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.types import CalloutFlag
from tests.builders.drivers import CALLOUT, FILTER, OTHER, SUBLAYER, citizen, statuses
from tests.builders.engines import NO_FLAGS, Bench, Run
from tests.builders.frames import sent
from tests.builders.policies import a_provider, a_sublayer_spec, block, guid, permit

IN, OUT = INBOUND_MAC_FRAME_NATIVE.name, OUTBOUND_MAC_FRAME_ETHERNET.name
BLOCKS = {"name": "blocks", "key": guid(7), "layer": OUT, "action": "FWP_ACTION_BLOCK",
          "weight": {"type": "FWP_UINT8", "value": 15}}


def manager(folder: Path, body: str, *, flags: CalloutFlag = NO_FLAGS) -> Bench:
    """A driver with a policy's own callout and filter; `manage(fwps)` runs as a work item after each frame."""
    bench = Bench(folder)
    bench.driver(f"""
    def start(self, fwps, config):
        super().start(fwps, config)
        self.statuses, self.told = [], []
        status, self.engine = fwps.engine_open()

    def say(self, status):
        self.statuses.append(f"0x{{status:08X}}")

    def notify(self, fwps, notify_type, filter_key, filter):
        self.told.append((notify_type, filter_key, filter.filter_id))
        return 0

    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()
        fwps.queue_work(self.manage, fwps)

    def stop(self, fwps):
        fwps.engine_close(self.engine)
        super().stop(fwps)

    def manage(self, fwps):
        pass
{body}
    """)
    bench.calls("driver", OUTBOUND_MAC_FRAME_ETHERNET, key=guid(1), flags=flags)
    return bench


def told(run: Run) -> list[tuple[int, str | None, int]]:
    (driver,) = run.engine._host.drivers.values()
    (instance,) = driver.instances.values()
    return list(instance.told)  # type: ignore[attr-defined]  # the script's own


@pytest.mark.parametrize(("call", "status"), [
    (f"fwps.filter_add(self.engine, {{**BLOCKS, 'action': 'FWP_ACTION_CALLOUT_TERMINATING', 'callout': {OTHER!r}}})[0]",
     0xC0220001),
    (f"fwps.filter_delete_by_key(self.engine, {OTHER!r})", 0xC0220003),
    ("fwps.filter_delete_by_id(self.engine, 1)", 0xC0220003),
    ("fwps.filter_add(self.engine, {**BLOCKS, 'layer': 'FWPM_LAYER_STREAM_V4'})[0]", 0xC0220004),
    (f"fwps.filter_add(self.engine, {{**BLOCKS, 'provider': {OTHER!r}}})[0]", 0xC0220005),
    (f"fwps.filter_add(self.engine, {{**BLOCKS, 'sublayer': {OTHER!r}}})[0]", 0xC0220007),
    (f"fwps.filter_add(self.engine, {{**BLOCKS, 'key': {guid(1)!r}}})[0]", 0xC0220009),
    ("fwps.callout_delete_by_id(self.engine, 257)", 0xC022000A),
    ("fwps.callout_delete_by_id(self.engine, 1)", 0xC0220001),
    ("fwps.transaction_commit(self.engine)", 0xC022000D),
    ("fwps.transaction_begin(self.engine) or fwps.transaction_begin(self.engine)", 0xC022000E),
    (f"fwps.transaction_begin(self.engine, 1) or fwps.filter_delete_by_key(self.engine, {guid(1)!r})", 0xC0220011),
    ("fwps.filter_add(self.engine, {**BLOCKS, 'name': ''})[0]", 0xC0220023),
    ("fwps.filter_add(self.engine, {**BLOCKS, 'action': 'FWP_ACTION_NONE'})[0]", 0xC0220024),
    ("fwps.engine_open(None, 10, None, {'flags': 8})[0]", 0xC022001E),
    ("fwps.engine_close(self.engine) or fwps.transaction_begin(self.engine)", 0xC0220010),
])  # fmt: skip
def test_what_the_filter_engine_refuses_a_kernel_caller_gets_as_ntstatus(
    tmp_path: Path, call: str, status: int
) -> None:
    run = manager(tmp_path, f"""
    def manage(self, fwps):
        BLOCKS = {BLOCKS!r}
        self.say({call})
    """).run(sent(1))

    assert statuses(run) == [f"0x{status:08X}"]
    assert run.failures == []
    assert run.of(ev.CallRefused)[0].status == status
    assert run.of(ev.TransactionCommitted) == []


def test_a_filter_that_is_added_is_met_from_the_next_frame_on(tmp_path: Path) -> None:
    run = manager(tmp_path, f"""
    def manage(self, fwps):
        status, id = fwps.filter_add(self.engine, {BLOCKS!r})
        self.say(status)
    """).run(sent(1), sent(2))

    (added,) = [event for event in run.of(ev.FilterAdded) if event.by]
    assert (added.key, added.by) == (guid(7), "driver")
    assert run.outcomes == {1: "sent", 2: "blocked"}
    assert run.one(ev.TransactionCommitted) == ev.TransactionCommitted("driver", 1, 0)
    assert run.filter_name(added.filter) == "blocks"


def test_a_deleted_filter_is_still_known_by_its_id_and_key(tmp_path: Path) -> None:
    bench = manager(tmp_path, f"""
    def manage(self, fwps):
        self.say(fwps.filter_delete_by_key(self.engine, {guid(2)!r}))
    """)
    bench.add(block("goes", layer=OUTBOUND_MAC_FRAME_ETHERNET, key=guid(2), sublayer=None, weight=0))
    run = bench.run(sent(1), sent(2))

    fold = VerdictFold(run.engine.policy)
    verdicts = [verdict for record in run.records for verdict in fold.take(record)]
    (gone,) = run.of(ev.FilterDeleted)
    assert (gone.key, gone.by, run.filter_name(gone.filter)) == (guid(2), "driver", "goes")
    assert [verdict.layers[0].filter for verdict in verdicts] == [guid(1), guid(1)]
    assert guid(2) in run.engine.policy.filters
    assert guid(2) not in run.engine._host.policy.filters


def test_a_transaction_takes_effect_at_its_commit_and_an_abort_takes_nothing(tmp_path: Path) -> None:
    call = {**BLOCKS, "name": "calls", "action": "FWP_ACTION_CALLOUT_TERMINATING"}
    callout = derived_key("callout", "driver callout")
    bench = manager(tmp_path, f"""
    def manage(self, fwps):
        fwps.transaction_begin(self.engine)
        status, id = fwps.filter_add(self.engine, {{**{call!r}, "callout": {callout!r}}})
        self.say(status)
        fwps.transaction_abort(self.engine)
    """)
    done = bench.run(sent(1), sent(2))

    assert statuses(done) == ["0x00000000", "0x00000000"]
    assert [(kind, filter_key) for kind, filter_key, _ in told(done)] == [
        (0, guid(1)), (0, guid(7)), (1, None), (0, guid(7)), (1, None)]
    assert done.of(ev.TransactionCommitted) == []
    assert done.outcomes == {1: "sent", 2: "sent"}


def test_what_a_dynamic_session_has_added_goes_with_it(tmp_path: Path) -> None:
    run = manager(tmp_path, f"""
    def manage(self, fwps):
        status, engine = fwps.engine_open(None, 10, None, {{"flags": fwps.SESSION_FLAG_DYNAMIC}})
        self.say(fwps.provider_add(engine, {{"key": {guid(9)!r}, "name": "us"}}))
        whose = {{"provider": {guid(9)!r}}}
        self.say(fwps.sub_layer_add(engine, {{"key": {SUBLAYER!r}, "name": "ours", "weight": 7, **whose}}))
        self.say(fwps.filter_add(engine, {{**{BLOCKS!r}, "sublayer": {SUBLAYER!r}, **whose}})[0])
        self.say(fwps.sub_layer_delete_by_key(engine, {SUBLAYER!r}))
        self.say(fwps.filter_delete_by_key(engine, {guid(1)!r}))
        self.say(fwps.engine_close(engine))
    """).run(sent(1))

    assert statuses(run) == ["0x00000000", "0x00000000", "0x00000000", "0xC022000A", "0xC022000B", "0x00000000"]
    assert [type(event).__name__ for event in run.events if isinstance(
        event, ev.ObjectAdded | ev.ObjectDeleted | ev.FilterAdded | ev.FilterDeleted | ev.SessionClosed)] == [
        "FilterAdded", "ObjectAdded", "ObjectAdded", "FilterAdded",
        "FilterDeleted", "ObjectDeleted", "ObjectDeleted", "SessionClosed", "SessionClosed"]
    assert [event.provider for event in run.of(ev.FilterDeleted)] == [guid(9)]
    assert run.rules == []


def test_a_notify_that_refuses_keeps_the_filter_out(tmp_path: Path) -> None:
    run = citizen(tmp_path, """
    def notify(self, fwps, notify_type, filter_key, filter):
        return 0xC000009A
    """).run(sent(1))

    assert statuses(run)[4:] == ["0xC0220037", "0x00000000", "0x00000000", "0x00000000"]
    assert run.outcomes == {1: "sent"}
    assert run.rules == []


def post_commit(folder: Path, answer: int, **options: str) -> Run:
    """ADD_FILTER_POST_COMMIT, for a callout with the flag, and one filter added in mid-run."""
    return citizen(folder, f"""
    flags = 0x4
    def notify(self, fwps, notify_type, filter_key, filter):
        return {answer} if notify_type == 2 else 0
    """).run(sent(1), **options)


def test_post_commit_comes_after_the_commit_and_only_with_the_flag(tmp_path: Path) -> None:
    run = post_commit(tmp_path, 0)
    kinds = [event.notify_type.removeprefix("FWPS_CALLOUT_NOTIFY_") for event in run.of(ev.Notified)]
    without = citizen(tmp_path).run(sent(1))

    assert kinds == ["ADD_FILTER", "ADD_FILTER_POST_COMMIT", "DELETE_FILTER"]
    assert len(without.of(ev.Notified)) == 2


def test_ch_05_an_error_after_the_commit_is_ignored_or_takes_the_filter_out_again(tmp_path: Path) -> None:
    ignored = post_commit(tmp_path, 0xC0000001)
    removed = post_commit(tmp_path, 0xC0000001, post_commit_error="remove")

    assert ignored.outcomes == {1: "absorbed"}
    assert removed.outcomes == {1: "sent"}
    assert [event.by for event in removed.of(ev.FilterDeleted)] == ["BFE"]
    assert ignored.rules == removed.rules == ["M68"]


def test_the_policys_own_filters_are_told_after_the_commit_too(tmp_path: Path) -> None:
    run = manager(tmp_path, "", flags=CalloutFlag.FWP_CALLOUT_FLAG_ENABLE_COMMIT_ADD_NOTIFY).run(sent(1))

    assert [kind for kind, _, _ in told(run)] == [0, 2]


def test_what_would_not_compile_raises_where_it_stands(tmp_path: Path) -> None:
    run = manager(tmp_path, """
    def manage(self, fwps):
        fwps.filter_add(self.engine, {"name": "x", "layer": "FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE", "acton": 1})
    """).run(sent(1))

    (failure,) = run.failures
    assert failure.startswith('ValueError: the filter, $: member "action" is missing')


def test_ch_01_before_windows_8_there_are_no_mac_layers(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add(permit("p", layer=INBOUND_MAC_FRAME_NATIVE))

    with pytest.raises(PolicyError, match="FWP_E_LAYER_NOT_FOUND 0x80320004"):
        bench.run(target_os="7")
    assert bench.run(target_os="8").rules == []


def test_objects_of_others_are_found_in_the_run(tmp_path: Path) -> None:
    bench = citizen(tmp_path)
    bench.add(a_provider("p"), a_sublayer_spec("s"))
    run = bench.run(sent(1))

    assert {one.name for one in run.engine.policy.sublayers.values()} >= {"s", "its own"}
    assert {FILTER, CALLOUT} <= {*run.engine.policy.filters, *run.engine.policy.callouts}


def test_a_filter_that_comes_again_is_another_one_and_is_counted_with_the_first(tmp_path: Path) -> None:
    run = citizen(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()
        fwps.queue_work(self.again, fwps)

    def again(self, fwps):
        fwps.filter_delete_by_key(self.engine, FILTER)
        fwps.filter_add(self.engine, self.filter(), None)
    """).run(sent(1), sent(2), sent(3))

    fold = SummaryFold(run.engine.policy)
    for record in run.records:
        fold.take(record)
    ids = [event.filter for event in run.of(ev.FilterAdded)]
    assert len(set(ids)) == len(ids) == 4
    assert fold.summary(1.0).filters == {FILTER: FilterSummary("its filter", 3, 3)}
