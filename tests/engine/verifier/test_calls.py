"""What a classify call does wrong as a whole: M07, M09, M21, M36b, M36c, M36d, M38."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_NATIVE
from tests.builders import policies
from tests.builders.engines import BATCH, HEAD, INSPECTION, UNKNOWN, Bench, Run
from tests.builders.findings import assert_found, found
from tests.builders.frames import received, sent
from tests.builders.injections import injecting

CLASSIFY = "def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):"


def classifying(folder: Path, body: str, *, mark: str = "", **options: object) -> Run:
    """A callout at the outbound Ethernet layer whose classify has this body.

    Its first line bears the mark, unless the body says where it belongs.
    """
    mark = "" if f"# {mark}" in body else mark
    lines = "\n".join(f"    {line}" for line in dedent(body).strip().splitlines())
    return injecting(folder, f"{CLASSIFY}{mark and f'  # {mark}'}\n{lines}\n").run(sent(), **options)


NEVER_ASKS = """
if self.config == {} and layer_data.parent_net_buffer_list is not None:
    out.permit()
    return
status, clone = self.clone(fwps, meta, layer_data)
if fwps.nt_success(self.inject(fwps, values, clone)):
    out.absorb()
else:
    fwps.free_clone_net_buffer_list(clone, 0)
    out.block(hard=True)
"""


def test_m07_its_own_injection_meets_a_callout_that_never_asks(tmp_path: Path) -> None:
    run = classifying(tmp_path, NEVER_ASKS, mark="M07")

    assert_found(run, tmp_path, "M07", "1.1")
    assert run.rules == ["M07"]


def test_m07_is_told_once_of_a_loop(tmp_path: Path) -> None:
    run = classifying(tmp_path, NEVER_ASKS.replace("self.config == {}", "False"), mark="M07", loop_limit=3)

    assert_found(run, tmp_path, "M07", "1.1")
    assert "M06" in run.rules


def test_m07_not_when_it_asks_nor_when_the_injection_misses_the_callout(tmp_path: Path) -> None:
    asks = "state, _ = fwps.query_packet_injection_state(self.handle, layer_data)\n"
    assert classifying(tmp_path, asks + NEVER_ASKS).rules == []

    bench = Bench(tmp_path)
    bench.driver(f"""
        {CLASSIFY}
            status, copy = self.copy(fwps, layer_data.first_net_buffer.data())
            self.inject(fwps, values, copy, layer=59)
            out.absorb()
    """)
    bench.script(f"{HEAD}class Anchor(Callout):\n    {CLASSIFY}\n        out.permit()\n", "anchor.py")
    bench.calls("driver", OUTBOUND_MAC_FRAME_ETHERNET)
    bench.calls("anchor", OUTBOUND_MAC_FRAME_NATIVE, script="anchor.py", class_="Anchor")
    assert bench.run(sent()).rules == ["M02"]


TAKES_AGAIN = """
state, _ = fwps.query_packet_injection_state(self.handle, layer_data)
if state in OWN and layer_data.parent_net_buffer_list.parent_net_buffer_list is not None:
    out.permit()
    return
status, clone = self.clone(fwps, meta, layer_data)
self.inject(fwps, values, clone)
out.absorb()  # M09
"""


def test_m09_it_pends_again_what_it_has_injected(tmp_path: Path) -> None:
    run = classifying(tmp_path, TAKES_AGAIN, mark="M09")

    assert_found(run, tmp_path, "M09", "1.1")


def test_m09_not_for_the_injection_of_another(tmp_path: Path) -> None:
    run = classifying(tmp_path, TAKES_AGAIN.replace("layer_data.parent_net_buffer_list.parent", "layer_data.parent"))

    assert run.rules == []


def batch(folder: Path, body: str) -> Run:
    bench = Bench(folder)
    bench.driver(f"{CLASSIFY}  # M21\n    {body}\n    out.permit()\n")
    bench.calls("driver", flags=BATCH)
    return bench.run(received(1, time_ns=0), received(2, time_ns=0), received(3, time_ns=0), rx_chain=3)


def test_m21_only_the_head_of_a_chain_is_inspected(tmp_path: Path) -> None:
    assert_found(batch(tmp_path, "head = layer_data.first_net_buffer.data()"), tmp_path, "M21", "1.0")


def test_m21_not_when_next_is_followed_nor_when_the_values_decide(tmp_path: Path) -> None:
    assert batch(tmp_path, "all_of_them = [nbl.first_net_buffer.data() for nbl in each(layer_data)]").rules == []
    assert batch(tmp_path, "kind = values.INTERFACE_INDEX").rules == []


def over(folder: Path, above: str, body: str, *, mark: str, action: object = UNKNOWN) -> Run:
    """The callout stands in a sublayer below another whose callout has said something."""
    bench = Bench(folder)
    bench.script(f"{HEAD}class Above(Callout):\n    {CLASSIFY}\n        {above}\n", "above.py")
    high = policies.a_sublayer_spec("above", weight=200)
    low = policies.a_sublayer_spec("below", weight=100)
    bench.add(high, low)
    bench.calls("above", script="above.py", class_="Above", sublayer=policies.key_of(high))
    bench.driver(f"{CLASSIFY}\n    {body}  # {mark}\n")
    bench.calls("driver", sublayer=policies.key_of(low), action=action)
    return bench.run(received())


def test_m36b_a_veto_of_a_hard_permit_names_both_filters(tmp_path: Path) -> None:
    run = over(tmp_path, "out.permit(hard=True)", "out.block(hard=True)", mark="M36b")

    assert_found(run, tmp_path, "M36b", "1.0")
    (veto,) = found(run, "M36b")
    assert ("'driver'" in veto.detail, "'above'" in veto.detail, veto.severity) == (True, True, "I")


def test_m36b_not_for_a_block_over_a_soft_permit(tmp_path: Path) -> None:
    assert over(tmp_path, "out.permit()", "out.block(hard=True)", mark="M36b").rules == []


def test_m36d_a_permit_overrides_a_soft_block(tmp_path: Path) -> None:
    run = over(tmp_path, "out.block()", "out.permit()", mark="M36d")

    assert_found(run, tmp_path, "M36d", "1.0")


def test_m36d_not_for_continue_nor_without_a_block_above(tmp_path: Path) -> None:
    assert over(tmp_path, "out.block()", "out.continue_()", mark="M36d").rules == ["M32"]
    assert over(tmp_path, "out.permit()", "out.permit()", mark="M36d").rules == []


BLOCKS = """
state, _ = fwps.query_packet_injection_state(self.handle, layer_data)
if state in OWN:
    out.permit()
    return
status, one = MAKE
self.inject(fwps, values, one)
out.block(hard=True)  # M36c
"""


def test_m36c_it_blocks_aloud_what_it_reinjects(tmp_path: Path) -> None:
    for make in ("self.clone(fwps, meta, layer_data)", "self.copy(fwps, layer_data.first_net_buffer.data())"):
        run = classifying(tmp_path, BLOCKS.replace("MAKE", make), mark="M36c")

        assert_found(run, tmp_path, "M36c", "1.0")


def test_m36c_not_when_the_injection_is_an_answer(tmp_path: Path) -> None:
    run = classifying(tmp_path, BLOCKS.replace("MAKE", "self.copy(fwps, bytes(12) + b'another frame' * 4)"))

    assert run.rules == []


def test_m38_it_absorbs_and_forgets(tmp_path: Path) -> None:
    run = classifying(tmp_path, "out.absorb()  # M38", mark="M38")

    assert_found(run, tmp_path, "M38", "1.0")
    assert [one.severity for one in found(run, "M38")] == ["I"]


def test_m38_not_for_a_driver_that_cannot_inject(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(f"{HEAD}class Driver(Callout):\n    {CLASSIFY}\n        out.absorb()\n")
    bench.calls("driver")

    assert bench.run(received()).rules == []


def test_an_inspection_callout_that_only_looks_breaks_nothing(tmp_path: Path) -> None:
    assert over(tmp_path, "out.block(hard=True)", "out.continue_()", mark="M36d", action=INSPECTION).rules == []
