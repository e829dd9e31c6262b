"""Clones, retreats, data and references: M26, M45, M60, M61."""

from __future__ import annotations

from pathlib import Path

from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET
from tests.builders import policies
from tests.builders.engines import BATCH, HEAD, INSPECTION, Bench, Run
from tests.builders.findings import assert_found, found
from tests.builders.frames import received, sent
from tests.builders.injections import injecting

OWN_HEADER = """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        buffer = clone.first_net_buffer
        self.old = buffer.mdl_chain
        self.new = fwps.allocate_mdl(None, bytearray(buffer.data()[:14]), 14)
        self.new.next = self.old.next
        buffer.mdl_chain = self.new
        fwps.adjust_net_buffer_current_mdl(buffer)
        self.inject(fwps, values, clone)
        out.absorb()

    def release(self, fwps, nbl):
        UNDO
        fwps.free_clone_net_buffer_list(nbl, 0)  # M45
        fwps.free_mdl(self.new)
"""


def test_m45_a_clone_is_freed_with_the_mdl_of_its_driver(tmp_path: Path) -> None:
    run = injecting(tmp_path, OWN_HEADER.replace("UNDO", "pass")).run(sent())

    assert_found(run, tmp_path, "M45", "1.1")
    assert run.rules == ["M45"]


def test_m45_not_when_the_old_mdl_is_back(tmp_path: Path) -> None:
    body = OWN_HEADER.replace("UNDO", "nbl.first_net_buffer.mdl_chain = self.old")

    assert injecting(tmp_path, body).run(sent()).rules == []


READS = """
    def seen(self, fwps, values, meta, layer_data, out):
        head = fwps.get_data_buffer(layer_data.first_net_buffer, 200, None)
        SAFE
        kind = head[12:14]  # M60
        out.permit()
"""


def test_m60_null_of_ndis_get_data_buffer_is_used(tmp_path: Path) -> None:
    run = injecting(tmp_path, READS.replace("SAFE", "pass")).run(sent())

    (null,) = found(run, "M60")
    assert (null.driver, null.line) == ("driver", found(run, "X01")[0].line)
    assert run.rules[:2] == ["X01", "M60"]


def test_m60_not_when_it_is_tested_nor_for_another_none(tmp_path: Path) -> None:
    tested = "if head is None:\n            out.permit()\n            return"
    assert injecting(tmp_path, READS.replace("SAFE", tested)).run(sent()).rules == []
    other = READS.replace("200, None)", "14, bytearray(14))").replace("SAFE", "head = None")
    assert found(injecting(tmp_path, other).run(sent()), "M60") == []


RETREATS = """
    def seen(self, fwps, values, meta, layer_data, out):
        buffer = layer_data.first_net_buffer
        status = fwps.retreat_net_buffer_data_start(buffer, 14)
        CHECK
        fwps.advance_net_buffer_data_start(buffer, 14)  # M61
        out.permit()
"""
NO_RETREAT = {"call": "NdisRetreatNetBufferDataStart", "nth": 1, "status": "0xC000009A"}


def retreating(folder: Path, check: str, *, fails: bool) -> Run:
    bench = injecting(folder, RETREATS.replace("CHECK", check), INBOUND_MAC_FRAME_ETHERNET)
    return bench.run(received(), faults=(NO_RETREAT,) if fails else ())


def test_m61_the_advance_undoes_a_retreat_that_has_failed(tmp_path: Path) -> None:
    run = retreating(tmp_path, "pass", fails=True)

    assert_found(run, tmp_path, "M61", "1.0")


def test_m61_not_when_the_status_is_tested_nor_when_it_succeeds(tmp_path: Path) -> None:
    tested = "if not fwps.nt_success(status):\n            out.permit()\n            return"

    assert retreating(tmp_path, tested, fails=True).rules == []
    assert retreating(tmp_path, "pass", fails=False).rules == []


VICTIM = """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.queue_work(self.work, fwps, layer_data)
        out.absorb()

    def work(self, fwps, nbl):
        status, clone = fwps.allocate_clone_net_buffer_list(nbl)  # M26
        if not fwps.nt_success(status):
            BALANCE
            return
        fwps.dereference_net_buffer_list(nbl, False)
        fwps.free_clone_net_buffer_list(clone, 0)
"""
COUNTS = (
    HEAD
    + """
class Counter(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        out.continue_()
"""
)


def victim(folder: Path, balance: str) -> Run:
    """The callout of another vendor has the batch flag; the driver has not."""
    bench = Bench(folder)
    high = policies.a_sublayer_spec("high", weight=200)
    low = policies.a_sublayer_spec("low", weight=100)
    bench.add(high, low)
    bench.script(COUNTS, "batch.py")
    bench.driver(VICTIM.replace("BALANCE", balance))
    bench.calls("batch", script="batch.py", class_="Counter", flags=BATCH, action=INSPECTION,
                sublayer=policies.key_of(high))
    bench.calls("driver", sublayer=policies.key_of(low))
    return bench.run(received())


def test_m26_a_third_partys_batch_flag_and_a_forgotten_reference(tmp_path: Path) -> None:
    assert_found(victim(tmp_path, "pass"), tmp_path, "M26", "1.0")


def test_m26_not_when_the_reference_is_given_back(tmp_path: Path) -> None:
    run = victim(tmp_path, "fwps.dereference_net_buffer_list(nbl, False)")

    assert found(run, "M26") == []
    assert {"M22", "M23", "M24"} <= set(run.rules)  # the flag forbids even this


def test_m26_not_without_a_batch_flag(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(VICTIM.replace("BALANCE", "pass"))
    bench.calls("driver")

    assert bench.run(received()).rules == []
