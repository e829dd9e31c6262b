"""Drivers that register their callouts by themselves: FwpsCalloutRegister0 to 3, unregistering, CH-02, CH-04."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from tests.builders.drivers import CALLOUT, OTHER, citizen, statuses
from tests.builders.engines import BATCH, INSPECTION, Bench
from tests.builders.findings import found, marked
from tests.builders.frames import received, sent

SECOND = 1_000_000_000


def test_the_engine_neither_registers_nor_unregisters_for_it(tmp_path: Path) -> None:
    run = citizen(tmp_path).run(sent(1))

    assert [bare for bare in run.events if isinstance(bare, ev.CalloutRegistered | ev.CalloutUnregistered)] == [
        ev.CalloutRegistered(CALLOUT, "driver", 0, 1, 2), ev.CalloutUnregistered(CALLOUT, "driver")]
    assert statuses(run) == ["0x00000000"] * 8
    assert (run.rules, run.outcomes) == ([], {1: "absorbed"})


def test_without_the_call_nobody_is_registered_and_its_filter_blocks(tmp_path: Path) -> None:
    run = citizen(tmp_path, """
    def start(self, fwps, config):
        Driver.__mro__[2].start(self, fwps, config)
        self.statuses = []
        status, self.engine = fwps.engine_open(None, 10, None, self.session)
        self.install(fwps)
    """).run(sent(1))

    assert run.of(ev.CalloutRegistered) == []
    assert [event.action for event in run.of(ev.CalloutDefaulted)] == ["FWP_ACTION_BLOCK"]
    assert run.outcomes == {1: "blocked"}
    assert statuses(run)[-1] == "0xC0220001"
    assert run.rules == ["M66"]


def test_a_key_that_is_taken_is_refused(tmp_path: Path) -> None:
    run = citizen(tmp_path, """
    def install(self, fwps):
        self.say(fwps.callout_register(None, {"callout_key": CALLOUT})[0])
        super().install(fwps)
    """).run(sent(1))

    assert statuses(run)[2] == "0xC0220009"
    assert [(one.function, one.status) for one in run.of(ev.CallRefused)] == [("FwpsCalloutRegister2", 0xC0220009)]
    assert run.outcomes == {1: "absorbed"}


def test_unregistering_goes_by_id_too_and_only_once(tmp_path: Path) -> None:
    run = citizen(tmp_path, """
    def stop(self, fwps):
        self.say(fwps.callout_unregister_by_id(1))
        self.say(fwps.callout_unregister_by_id(1))
        self.say(fwps.callout_unregister_by_key(CALLOUT))
        fwps.engine_close(self.engine)
        Driver.__mro__[2].stop(self, fwps)
    """).run(sent(1))

    assert statuses(run)[6:] == ["0x00000000", "0xC0220001", "0xC0220001"]
    assert run.rules == []


def test_a_callout_may_be_registered_again_and_its_filter_blocks_meanwhile(tmp_path: Path) -> None:
    body = """
    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()
        fwps.queue_work(self.away, fwps)

    def away(self, fwps):
        fwps.callout_unregister_by_key(CALLOUT)
        fwps.set_timer(1_500_000_000, fwps.queue_work, self.back, fwps)

    def back(self, fwps):
        fwps.callout_register(None, {"callout_key": CALLOUT})
    """
    run = citizen(tmp_path, body).run(sent(1), sent(2), sent(3))

    assert run.outcomes == {1: "sent", 2: "blocked", 3: "sent"}
    assert run.rules == ["M66", "M66"]  # told each time that it goes and its filter stays


@pytest.mark.parametrize(("version", "chains"), [(0, [1, 1]), (1, [1, 1]), (2, [2]), (3, [2])])
def test_only_the_newer_structures_have_the_batch_flag(tmp_path: Path, version: int, chains: list[int]) -> None:
    """M27; FWPS_CALLOUT0 to 3."""
    run = citizen(tmp_path, f"""
    version, flags = {version}, 0x80
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        layer_data.next
        out.permit()
    """).run(sent(1, time_ns=SECOND), sent(2, time_ns=SECOND), tx_chain=2)

    assert [len(event.nbls) for event in run.of(ev.CalloutEntered)] == chains
    assert run.rules == (["M27"] if version < 2 else [])
    assert run.one(ev.CalloutRegistered).version == version


@pytest.mark.parametrize(("member", "reason"), [
    ('{"flags": 0}', "FWPS_CALLOUT has no callout_key"),
    ('{"callout_key": OTHER, "flag": 1}', "FWPS_CALLOUT has no member 'flag'"),
    ('{"callout_key": "mine"}', "a callout's key is a GUID as text"),
    ('{"callout_key": OTHER, "version": 4}', "FWPS_CALLOUT has the versions 0 to 3, not 4"),
])  # fmt: skip
def test_what_would_not_compile_raises_where_it_stands(tmp_path: Path, member: str, reason: str) -> None:
    run = citizen(tmp_path, f"""
    def install(self, fwps):
        fwps.callout_register(None, {member})
    """.replace("OTHER", repr(OTHER))).run(sent(1))

    (failure,) = run.failures
    assert failure.startswith(f"ValueError: {reason}")


def test_reserved_flags_are_refused(tmp_path: Path) -> None:
    run = citizen(tmp_path, "flags = 0x20\n").run(sent(1))

    assert statuses(run)[0] == "0xC000000D"
    assert run.of(ev.CalloutRegistered) == []


def test_an_object_with_such_attributes_will_do(tmp_path: Path) -> None:
    run = citizen(tmp_path, f"""
    def install(self, fwps):
        class Structure:
            callout_key, flags, version = {OTHER!r}, 0, 3
        self.say(fwps.callout_register(None, Structure)[0])
        self.say(fwps.callout_unregister_by_key(Structure.callout_key))
        super().install(fwps)
    """).run(sent(1))

    assert statuses(run)[2:4] == ["0x00000000", "0x00000000"]


def at_dispatch(folder: Path, call: str, **options: str) -> Bench:
    return citizen(folder, f"""
    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()
        if values.layer_id:
            {call}  # call
    """)


@pytest.mark.parametrize("call", [
    f"fwps.callout_register(None, {{'callout_key': {OTHER!r}}})", "fwps.callout_unregister_by_key(CALLOUT)",
    "fwps.engine_open()", "fwps.filter_delete_by_key(self.engine, FILTER)", "fwps.transaction_begin(self.engine)",
    "fwps.engine_close(self.engine)", "fwps.wait_until(bool)", "fwps.register_power_callback(print)",
])  # fmt: skip
def test_m69_registration_and_management_are_for_passive_level(tmp_path: Path, call: str) -> None:
    run = at_dispatch(tmp_path, call).run(sent(1), sent(2))

    assert {one.line for one in found(run, "M69")} == {marked(tmp_path, "call")}


def test_ch_04_unregistering_in_the_callouts_own_classify_never_returns(tmp_path: Path) -> None:
    call = "fwps.callout_unregister_by_key(CALLOUT)"

    waits = at_dispatch(tmp_path, call).run(sent(1), sent(2))
    goes = at_dispatch(tmp_path, call).run(sent(1), sent(2), unregister_waits="no")

    assert [(one.severity, one.detail) for one in found(waits, "M69")] == 2 * [
        ("F", "FwpsCalloutUnregisterByKey0 is called in a classify call of the callout, and waits for that to return")]
    assert waits.outcomes == {1: "sent", 2: "sent"}
    assert goes.rules == ["M69", "M66"]
    assert goes.outcomes == {1: "sent", 2: "blocked"}


def test_ch_02_a_flow_delete_function_is_a_hint(tmp_path: Path) -> None:
    body = "flow_delete_fn = print\n"
    hint = citizen(tmp_path, body).run(sent(1))

    assert [(one.rule, one.severity) for one in hint.of(ev.RuleBroken)] == [("M71", "I")]
    assert citizen(tmp_path, body).run(sent(1), flow_at_l2="ignore").rules == []
    assert citizen(tmp_path).run(sent(1)).rules == []


def test_m72_the_key_is_not_that_of_the_management_callout(tmp_path: Path) -> None:
    wrong = citizen(tmp_path, f"key = {OTHER!r}\n").run(sent(1))

    (finding,) = found(wrong, "M72")
    assert finding.detail == f"driver registers {OTHER}, but callout 'its callout' of the policy is {CALLOUT}"
    assert wrong.outcomes == {1: "blocked"}
    assert wrong.rules == ["M66", "M72"]
    assert citizen(tmp_path).run(sent(1)).rules == []


def test_a_driver_may_make_its_management_callout_too(tmp_path: Path) -> None:
    bench = citizen(tmp_path, f"""
    def install(self, fwps):
        self.say(fwps.callout_register(None, {{"callout_key": {OTHER!r}}})[0])
        self.say(fwps.callout_add(self.engine, {{"key": {OTHER!r}, "name": "second", "layer": LAYER}}, None)[0])
        super().install(fwps)

    def filter(self):
        return {{**super().filter(), "callout": {OTHER!r}}}

    def stop(self, fwps):
        fwps.callout_unregister_by_key({OTHER!r})
        super().stop(fwps)
    """)
    run = bench.run(sent(1))

    assert {event.callout for event in run.of(ev.CalloutEntered)} == {OTHER}
    assert [(event.object, event.name) for event in run.of(ev.ObjectAdded)] == [
        ("callout", "second"), ("sublayer", "its own")]
    assert (run.rules, run.outcomes) == ([], {1: "absorbed"})


def test_drivers_of_both_kinds_stand_side_by_side(tmp_path: Path) -> None:
    bench = citizen(tmp_path)
    bench.script("from engine.callouts import Callout\n\nclass Quiet(Callout):\n    pass\n", "quiet.py")
    bench.calls("quiet", action=INSPECTION, script="quiet.py", class_="Quiet", flags=BATCH)
    run = bench.run(received(1), sent(2))

    assert [event.driver for event in run.of(ev.CalloutRegistered)] == ["driver", "quiet"]
    assert [event.driver for event in run.of(ev.CalloutUnregistered)] == ["driver", "quiet"]
    assert run.outcomes == {1: "delivered", 2: "absorbed"}


