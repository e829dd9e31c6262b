"""Filters and registrations that come and go: M03, M04, M05, M47, M63, M67, M68."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_NATIVE
from tests.builders.drivers import citizen, statuses
from tests.builders.engines import Run
from tests.builders.findings import found, marked
from tests.builders.frames import sent
from tests.builders.injections import CLONE_AND_INJECT, injecting
from tests.builders.policies import a_provider, guid, permit

QUEUES = """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.queue_work(self.go, fwps, layer_data, values.INTERFACE_INDEX)
        out.absorb()

    def go(self, fwps, original, interface):
        {first}
        status, clone = fwps.allocate_clone_net_buffer_list(original, None, None, 0)
        fwps.dereference_net_buffer_list(original, False)
        way = (57, interface, 0)
        status = fwps.inject_mac_send_async(self.handle, None, 0, *way, clone, self.completed, None)  # inject
        if not fwps.nt_success(status):
            fwps.free_clone_net_buffer_list(clone, 0)
        {then}
"""
DELETES = "fwps.filter_delete_by_key(self.engine, FILTER)  # delete"


def coming_and_going(folder: Path, first: str = "pass", then: str = "pass") -> Run:
    return citizen(folder, QUEUES.format(first=first, then=then)).run(sent(1))


def test_m03_an_injection_comes_after_the_filter_has_gone(tmp_path: Path) -> None:
    run = coming_and_going(tmp_path, first=DELETES)

    (late,) = found(run, "M03")
    assert (late.nbl, late.line, late.severity) == ("1.1", marked(tmp_path, "inject"), "F")
    assert late.detail == "1.1 is injected at OUTBOUND_MAC_FRAME_ETHERNET, where filter 'its filter' is deleted"
    assert run.rules == ["M03"]  # and it is refused: the module restarts


def test_m03_not_for_what_was_injected_before(tmp_path: Path) -> None:
    assert found(coming_and_going(tmp_path, then=DELETES), "M03") == []


def test_m03_not_for_a_frame_that_came_later(tmp_path: Path) -> None:
    """Nothing of it was taken for that filter: M01 and M02 are for that."""
    body = """
    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()
        fwps.queue_work(fwps.filter_delete_by_key, self.engine, FILTER)
    """
    bench = citizen(tmp_path, body)
    bench.script("""
    from engine.callouts import Callout
    class Late(Callout):
        pass
    """, "late.py")
    assert found(bench.run(sent(1), sent(2)), "M03") == []


def test_m04_the_last_filter_goes_with_an_injection_under_way(tmp_path: Path) -> None:
    run = coming_and_going(tmp_path, then=DELETES)

    assert [(one.rule, one.line) for one in found(run, "M04")] == [("M04", marked(tmp_path, "delete"))]
    assert "where 1 injected NBL is under way" in found(run, "M04")[0].detail
    assert run.rules == ["M04"]


def test_m04_not_when_all_is_back_or_another_filter_stays(tmp_path: Path) -> None:
    waits = coming_and_going(tmp_path, then="fwps.wait_until(lambda: self.completed_with); " + DELETES)
    stays = citizen(tmp_path, QUEUES.format(first="pass", then=DELETES) + """
    def install(self, fwps):
        super().install(fwps)
        key = "{00000000-0000-0000-0000-0000000000f2}"
        fwps.filter_add(self.engine, {**self.filter(), "key": key, "name": "second"})
    """).run(sent(1))

    assert waits.rules == stays.rules == []


def foreign(folder: Path, *filters: object, key: str = guid(9)) -> Run:
    bench = citizen(folder, f"""
    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()
        fwps.queue_work(self.away, fwps)

    def away(self, fwps):
        status, engine = fwps.engine_open()
        fwps.filter_delete_by_key(engine, "{key}")  # M05
        fwps.engine_close(engine)
    """)
    bench.add(*filters)  # type: ignore[arg-type]
    return bench.run(sent(1))


def test_m05_a_driver_deletes_anothers_filter(tmp_path: Path) -> None:
    other, stays = (permit(name, layer=OUTBOUND_MAC_FRAME_NATIVE, key=guid(number), provider=guid(3))
                    for number, name in ((9, "theirs"), (8, "stays")))
    provider = a_provider("them", key=guid(3))

    warns = foreign(tmp_path, provider, other, stays)
    empties = foreign(tmp_path, provider, other)

    assert [(one.severity, one.line, one.detail) for one in found(warns, "M05")] == [
        ("W", marked(tmp_path, "M05"), "filter 'theirs' is not driver's to delete")]
    assert [(one.severity, one.detail) for one in found(empties, "M05")] == [
        ("E", "filter 'theirs' is not driver's to delete; nothing is left at its layer")]
    assert warns.rules == empties.rules == ["M05"]


def test_m05_not_for_its_own_callouts_filter_nor_for_what_it_has_added(tmp_path: Path) -> None:
    body = f"""
    session = None
    def install(self, fwps):
        super().install(fwps)
        fwps.filter_add(self.engine, {{"key": {guid(9)!r}, "name": "plain", "action": "FWP_ACTION_PERMIT",
                                       "layer": "FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE"}})
    def stop(self, fwps):
        self.say(fwps.filter_delete_by_key(self.engine, {guid(9)!r}))
        self.say(fwps.filter_delete_by_key(self.engine, FILTER))
        super().stop(fwps)
    """
    run = citizen(tmp_path, body).run(sent(1))

    assert statuses(run)[6:8] == ["0x00000000", "0x00000000"]
    assert run.rules == []


def test_m63_the_unload_routine_leaves_a_callout_registered(tmp_path: Path) -> None:
    body = """
    def stop(self, fwps):
        fwps.engine_close(self.engine)
        {unregister}
        super(Citizen, self).stop(fwps)
    """
    left = citizen(tmp_path, body.format(unregister="pass")).run(sent(1))
    gone = citizen(tmp_path, body.format(unregister="fwps.callout_unregister_by_id(1)")).run(sent(1))

    assert [one.detail for one in found(left, "M63")] == ["callout 'its callout' is still registered at unload"]
    assert (left.rules, gone.rules) == (["M63"], [])


@pytest.mark.parametrize("status", ["0x80000011", "0xC022000A"])
def test_m67_the_status_of_unregistering_is_not_looked_at(tmp_path: Path, status: str) -> None:
    fault = {"call": "FwpsCalloutUnregisterByKey0", "nth": 1, "status": status}
    body = """
    def stop(self, fwps):
        fwps.engine_close(self.engine)
        while fwps.callout_unregister_by_key(CALLOUT):  # unregister
            {again}
        super(Citizen, self).stop(fwps)
    """
    ignores = citizen(tmp_path, body.format(again="break")).run(sent(1), faults=[fault])
    line = marked(tmp_path, "unregister")
    retries = citizen(tmp_path, body.format(again="pass")).run(sent(1), faults=[fault])

    assert ignores.rules == ["M67", "M63"]
    assert found(ignores, "M67")[0].line == line
    assert retries.rules == []


NOTIFIES = """
    def notify(self, fwps, notify_type, filter_key, filter):
        {body}
        return fwps.STATUS_SUCCESS
"""


@pytest.mark.parametrize(("flags", "body", "detail"), [
    (4, "if notify_type > 1: return 0xC000000D",
     "notify answers type 2 with 0xC000000D STATUS_INVALID_PARAMETER: what it need not know it answers with success"),
    (0, "if notify_type == 1: return 0xC0000001",
     "notify answers DELETE_FILTER with 0xC0000001 STATUS_UNSUCCESSFUL: what it need not know it answers with success"),
    (0, "if notify_type == 0: filter.context = 7",
     "filter 'its filter' is deleted, and notify leaves its context where it is: nobody frees it"),
    (0, "filter_key.upper()", "notify fails as filter 'its filter' is deleted; its filterKey is NULL then"),
])  # fmt: skip
def test_m68_notify_does_not_do_with_what_it_is_told(tmp_path: Path, flags: int, body: str, detail: str) -> None:
    run = citizen(tmp_path, f"    flags = {flags}\n" + NOTIFIES.format(body=body)).run(sent(1))

    assert [one.detail for one in found(run, "M68")] == [detail]
    assert set(run.rules) <= {"M68", "X01"}


def test_m68_a_filter_of_which_it_was_never_told(tmp_path: Path) -> None:
    """Late registration brings no ADD_FILTER for filters that are there already (1.4)."""
    bench = citizen(tmp_path, """
    def start(self, fwps, config):
        self.contexts = {}
        self.late = fwps.callout_register
        super().start(fwps, config)

    def install(self, fwps):
        fwps.callout_unregister_by_key(CALLOUT)
        super().install(fwps)
        fwps.callout_register(None, {"callout_key": CALLOUT})
    """ + NOTIFIES.format(body="(self.contexts.__setitem__ if notify_type == 0 else self.contexts.pop)"
                               "(filter.filter_id, *[1][notify_type:])"))
    run = bench.run(sent(1))

    assert [one.detail for one in found(run, "M68")] == [
        "notify fails as filter 'its filter' is deleted, of which it was never told: it was there before"]


def test_m68_not_when_the_context_is_given_back(tmp_path: Path) -> None:
    run = citizen(tmp_path, "    flags = 4\n" + NOTIFIES.format(
        body="filter.context = {0: 7, 1: 0}.get(notify_type, filter.context)")).run(sent(1))

    assert run.rules == []


def test_m47_an_engine_handle_is_left_open(tmp_path: Path) -> None:
    run = citizen(tmp_path, """
    def stop(self, fwps):
        fwps.filter_delete_by_key(self.engine, FILTER)
        fwps.callout_unregister_by_key(CALLOUT)
        super(Citizen, self).stop(fwps)
    """).run(sent(1))

    assert [one.detail for one in found(run, "M47")] == ["engine session 2 is still open at unload"]
    assert run.rules == ["M47"]


def test_a_clean_driver_breaks_no_rule_of_these(tmp_path: Path) -> None:
    frames = [sent(number) for number in range(1, 4)]

    assert citizen(tmp_path).run(*frames).rules == []
    assert injecting(tmp_path, CLONE_AND_INJECT.format(at_ip_header=False), OUTBOUND_MAC_FRAME_ETHERNET).run(
        *frames).rules == []
