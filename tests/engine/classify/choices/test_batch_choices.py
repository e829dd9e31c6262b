"""How chains reach callouts, and what the batch flag forbids, where the model has chosen: each other choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_NATIVE
from tests.builders import policies
from tests.builders.engines import BATCH, UNKNOWN, Bench, Run
from tests.builders.frames import ARP, IPV4, received, sent
from tests.builders.injections import injecting

COUNTS = '''
from engine.callouts import Callout

class Driver(Callout):
    """Blocks the frames whose number its configuration names; goes on with the others."""

    def start(self, fwps, config):
        self.config = config or {}
        self.met = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        length, nbl = 0, layer_data
        while nbl is not None:
            length, nbl = length + 1, nbl.next
        self.met += 1
        if self.met in self.config.get("blocks", []):
            out.block(hard=True)
        else:
            out.continue_()
'''


def three(folder: Path, second_blocks: list[int], **options: object) -> Run:
    """A batch callout, below it one without the flag, below that another batch callout; three alike frames."""
    bench = Bench(folder)
    bench.script(COUNTS, "a.py")
    bench.script(COUNTS, "b.py")
    bench.script(COUNTS, "c.py")
    for name, flags, weight in (("a", BATCH, 300), ("b", 0, 200), ("c", BATCH, 100)):
        sublayer = policies.a_sublayer_spec(name, weight=weight)
        bench.add(sublayer)
        bench.calls(name, script=f"{name}.py", flags=flags, action=UNKNOWN, sublayer=policies.key_of(sublayer),
                    config={"blocks": second_blocks if name == "b" else []})
    return bench.run(*(received(number, time_ns=0) for number in (1, 2, 3)), rx_chain=3, **options)


def met(run: Run) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.driver, one.nbls) for one in run.of(ev.CalloutEntered)]


ALL, EACH = ("1.0", "2.0", "3.0"), [("1.0",), ("2.0",), ("3.0",)]


def test_ch_16_all_or_nothing_splits_the_run_for_every_callout(tmp_path: Path) -> None:
    run = three(tmp_path, [2])

    assert met(run) == [(driver, nbl) for nbl in EACH for driver in "abc"]
    assert run.outcomes == {1: "delivered", 2: "blocked", 3: "delivered"}


def test_ch_16_per_callout_breaks_the_run_up_for_good_at_the_first_without_the_flag(tmp_path: Path) -> None:
    run = three(tmp_path, [2], batch_delivery="per_callout")

    assert met(run) == [("a", ALL), *((driver, nbl) for nbl in EACH for driver in "bc")]
    assert run.outcomes == {1: "delivered", 2: "blocked", 3: "delivered"}
    assert [(one.runs, one.reason) for one in run.of(ev.ChainSplit)][:2] == [
        ((ALL,), "one run"), ((("1.0",), ("2.0",), ("3.0",)), "b callout has no batch flag")]
    assert [one.nbls for one in run.of(ev.ClassifyBegan)][:3] == [ALL, ("2.0",), ("3.0",)]
    assert [one.nbls for one in run.of(ev.ClassifyEnded)][:3] == EACH
    assert run.of(ev.ChainRelinked)[0].nbls == ("1.0", "3.0")


def test_ch_16_the_split_names_the_fields_that_differ(tmp_path: Path) -> None:
    """T7: runs are cut where a fixed value or a metadata value changes, and nowhere else."""
    bench = Bench(tmp_path)
    bench.script(COUNTS)
    bench.calls("only", OUTBOUND_MAC_FRAME_ETHERNET, flags=BATCH, action=UNKNOWN)
    frames = [sent(1, time_ns=0), sent(2, time_ns=0), sent(3, time_ns=0, tags=((0x8100, 7),), payload=bytes(42)),
              sent(4, ARP, time_ns=0, payload=bytes(50)), sent(5, ARP, time_ns=0, payload=bytes(50))]
    split = bench.run(*frames, tx_chain=5).one(ev.ChainSplit)

    assert split.runs == (("1.0", "2.0"), ("3.0",), ("4.0", "5.0"))
    assert split.reason == ("VLAN_ID and ethernetMacHeaderSize differ; "
                            "ETHER_TYPE and VLAN_ID and ethernetMacHeaderSize and frameLength differ")


def test_ch_16_per_callout_keeps_a_run_whole_whose_callouts_all_take_chains(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(COUNTS)
    bench.calls("only", flags=BATCH, action=UNKNOWN)
    run = bench.run(*(received(number, time_ns=0) for number in (1, 2)), rx_chain=2, batch_delivery="per_callout")

    assert met(run) == [("driver", ("1.0", "2.0"))]


@pytest.mark.parametrize(("choice", "deliveries"), [
    ("off", [("1.0", "2.0", "3.0")]),
    ("on", [("1.0", "2.0"), ("3.0",)]),
])  # fmt: skip
def test_a_1_what_passed_goes_on_in_one_call_or_in_one_for_each_run(
    choice: str, deliveries: list[tuple[str, ...]], tmp_path: Path
) -> None:
    bench = Bench(tmp_path)
    bench.add(policies.permit("all", layer=OUTBOUND_MAC_FRAME_ETHERNET))
    frames = [sent(1, IPV4, time_ns=0), sent(2, IPV4, time_ns=0), sent(3, ARP, time_ns=0)]
    run = bench.run(*frames, tx_chain=3, forward_per_run=choice)

    assert [one.nbls for one in run.of(ev.ModuleBypassed)] == deliveries  # the native module's, a call each
    assert run.one(ev.ModuleLeft).nbls == ("1.0", "2.0", "3.0")
    assert run.outcomes == {1: "sent", 2: "sent", 3: "sent"}


BATCH_MISUSE = """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
        self.status = status
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.dereference_net_buffer_list(layer_data, True)
        out.absorb()
"""


def batched(folder: Path) -> Bench:
    bench = Bench(folder)
    bench.driver(BATCH_MISUSE)
    bench.calls("batch", flags=BATCH)
    return bench


def test_ch_18_the_status_of_a_forbidden_clone(tmp_path: Path) -> None:
    run = batched(tmp_path).run(received(), batch_clone_status=0xC0220035)

    assert [(one.clone, one.status) for one in run.of(ev.NblCloned)] == [(None, 0xC0220035)]


@pytest.mark.parametrize(("choice", "returned"), [("phantom", 0), ("counted", 1)])
def test_ch_18_a_reference_under_the_batch_flag(choice: str, returned: int, tmp_path: Path) -> None:
    run = batched(tmp_path).run(received(), batch_reference=choice)

    assert [rule for rule in run.rules if rule in ("M22", "M23", "M24")] == ["M22", "M23", "M24"]
    assert len(run.of(ev.OriginalReturned)) == returned


@pytest.mark.parametrize(("choice", "cloned"), [("all", [None]), ("own", ["1.1"])])
def test_ch_19_whom_the_flag_of_another_callout_forbids_to_clone(
    choice: str, cloned: list[str | None], tmp_path: Path
) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            status, clone = self.clone(fwps, meta, layer_data)
            if clone is not None:
                self.release(fwps, clone)
            out.continue_()
    """)
    bench.script(COUNTS, "batch.py")
    bench.calls("victim", OUTBOUND_MAC_FRAME_NATIVE, action=UNKNOWN, weight=1)
    bench.calls("batch", OUTBOUND_MAC_FRAME_NATIVE, script="batch.py", flags=BATCH, action=UNKNOWN)
    run = bench.run(sent(), batch_taint_scope=choice)

    assert [one.clone for one in run.of(ev.NblCloned)] == cloned


def test_ch_17_one_verdict_stands_for_the_whole_chain(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(COUNTS)
    bench.calls("blocks", INBOUND_MAC_FRAME_NATIVE, flags=BATCH, action=UNKNOWN, config={"blocks": [1]})
    run = bench.run(*(received(number, time_ns=0) for number in (1, 2, 3)), rx_chain=3)

    assert run.outcomes == {1: "blocked", 2: "blocked", 3: "blocked"}
    assert [one.nbl for one in run.of(ev.DropAudited)] == list(ALL)


def test_a_chain_of_an_injection_is_a_run_of_its_own(tmp_path: Path) -> None:
    """CH-16: a run never mixes fresh with injected NBLs."""
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        self.inject(fwps, values, clone)
        out.absorb()
    """).run(sent(1, time_ns=0), sent(2, time_ns=0), tx_chain=2)

    for one in run.of(ev.ClassifyBegan):
        assert len({nbl.endswith(".0") for nbl in one.nbls}) == 1
