"""Loops as cycles between callouts, before the loop limit breaks them: M06, M10. Source: section 4, shapes a to d."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_NATIVE,
    OUTBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_NATIVE,
    Layer,
)
from tests.builders import policies
from tests.builders.engines import Bench, Run
from tests.builders.findings import found, marked
from tests.builders.frames import received, sent
from tests.builders.injections import injecting
from tests.builders.misuses.case import CLASSIFY, body

COPY = "self.copy(fwps, layer_data.first_net_buffer.data())"
CLONE = "self.clone(fwps, meta, layer_data)"
TAKES = body("""
    if not out.rights & fwps.RIGHT_ACTION_WRITE:
        return
    state, context = fwps.query_packet_injection_state(self.ASKED, layer_data)
    if state in KNOWN:
        out.permit()
        return
    status, one = MAKE
    inject = fwps.inject_mac_send_async if LAYER in SENDS else fwps.inject_mac_receive_async
    status = inject(self.handle, None, 0, LAYER, 1, 0, one, self.completed, None)  # takes
    if fwps.nt_success(status):
        out.absorb()
    else:
        self.release(fwps, one)
        out.block(hard=True)
""", CLASSIFY)


def takes(make: str = CLONE, *, known: str = "OWN", asked: str = "handle", layer: int = 57) -> str:
    """A callout that clones or copies what it does not know, and injects it."""
    return (TAKES.replace("MAKE", make).replace("KNOWN", known).replace("ASKED", asked)
            .replace("LAYER", str(layer)))


def told(run: Run) -> list[tuple[str, str, str | None]]:
    """Rule, severity and NBL of what was said of loops."""
    return [(one.rule, one.severity, one.nbl) for one in run.of(ev.RuleBroken) if one.rule in ("M06", "M10")]


def two(folder: Path, first: str, second: str, *layers: Layer, **options: int) -> Run:
    """Drivers X and Y, X above; at one layer, or each at its own."""
    at = layers or (OUTBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET)
    bench = Bench(folder)
    for weight, name, text, layer in ((20, "X", first, at[0]), (10, "Y", second, at[1])):
        sublayer = policies.a_sublayer_spec(name, weight=weight)
        bench.add(sublayer)
        bench.driver(text, f"{name}.py")
        bench.calls(name, layer, script=f"{name}.py", sublayer=policies.key_of(sublayer))
    return bench.run(received() if at[0].direction == "inbound" else sent(), **options)


def test_a_self_loop_is_a_cycle_at_the_second_injection_and_is_broken_at_the_limit(tmp_path: Path) -> None:
    run = injecting(tmp_path, takes(known="()")).run(sent(), loop_limit=4)

    first, limit = found(run, "M06")
    line = marked(tmp_path, "takes")
    where = f"({line}, OUTBOUND_MAC_FRAME_ETHERNET)"
    assert first.detail == f"1.2 closes a cycle: driver callout {where} → driver callout, with the bytes it had before"
    assert (first.line, first.about) == (line, ("1.1",))
    assert f"for the 5th time (driver callout {where} → driver callout)" in limit.detail
    assert told(run) == [("M06", "E", "1.2"), ("M06", "F", "1.4")]


def test_a_split_between_two_handles_is_the_same_cycle(tmp_path: Path) -> None:
    text = takes(asked="second") + """
def start(self, fwps, config):
    super().start(fwps, config)
    status, self.second = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)

def stop(self, fwps):
    super().stop(fwps)
    fwps.injection_handle_destroy(self.second)
"""
    run = injecting(tmp_path, text).run(sent(), loop_limit=3)

    assert told(run)[0] == ("M06", "E", "1.2")
    assert "M08" in run.rules


def test_ping_pong_by_copies_names_both_drivers_and_their_lines(tmp_path: Path) -> None:
    run = two(tmp_path, takes(COPY), takes(COPY), loop_limit=5)

    (cycle,) = found(run, "M10")
    x, y = (f"{name} callout ({marked(tmp_path, 'takes', f'{name}.py')}, OUTBOUND_MAC_FRAME_ETHERNET)" for name in "XY")
    assert cycle.detail == (f"X and Y inject copies of each other's frame 1: {x} → {y} → X callout; a copy has no "
                            "injection history")
    assert (cycle.nbl, cycle.about) == ("1.3", ("1.1", "1.2"))
    assert [text for _, text, _ in [(one.seq, one.text, one.line) for one in cycle.evidence] if "injected" in text] == [
        "1.1 is injected at OUTBOUND_MAC_FRAME_ETHERNET", "1.2 is injected at OUTBOUND_MAC_FRAME_ETHERNET"]


def test_a_reflector_between_two_directions_is_a_cycle_through_both_layers(tmp_path: Path) -> None:
    run = two(tmp_path, takes(COPY, layer=59), takes(COPY, layer=58), INBOUND_MAC_FRAME_NATIVE,
              OUTBOUND_MAC_FRAME_NATIVE, loop_limit=5)

    (cycle,) = found(run, "M10")
    lines = [marked(tmp_path, "takes", f"{name}.py") for name in "XY"]
    assert (f"X callout ({lines[0]}, INBOUND_MAC_FRAME_NATIVE) → Y callout ({lines[1]}, OUTBOUND_MAC_FRAME_NATIVE) → "
            "X callout") in cycle.detail


@pytest.mark.parametrize(("first", "second"), [(CLONE, CLONE), (CLONE, COPY), (COPY, CLONE)])
def test_two_drivers_of_whom_one_keeps_the_history_come_to_an_end(first: str, second: str, tmp_path: Path) -> None:
    """By the book: what the other has cloned reads previously by self, and is permitted."""
    assert told(two(tmp_path, takes(first), takes(second))) == []


FALLS = body("""
    data = bytearray(layer_data.first_net_buffer.data())
    if not data[22]:
        out.block(hard=True)
        return
    data[22] -= 1
    status, one = self.copy(fwps, data)
    status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, one, self.completed, None)
    out.absorb()
""", CLASSIFY)


def test_a_hop_limit_that_falls_each_time_round_is_progress(tmp_path: Path) -> None:
    frame = sent(payload=bytes(8) + b"\x04" + bytes(37))

    run = injecting(tmp_path, FALLS).run(frame)
    assert (told(run), run.outcomes) == ([], {1: "absorbed"})
    assert len(run.of(ev.InjectAccepted)) == 4
    assert told(injecting(tmp_path, FALLS).run(frame, loop_limit=2)) == [("M06", "F", "1.2")]


RETRIES = body("""
    status, clone = self.clone(fwps, meta, layer_data)
    self.original, self.left = layer_data, 3
    fwps.reference_net_buffer_list(layer_data, True)
    status = self.inject(fwps, values, clone)
    out.absorb()
""", more="""
def completed(self, fwps, context, net_buffer_list, dispatch_level):
    failed = not fwps.nt_success(net_buffer_list.status)
    self.release(fwps, net_buffer_list)
    if failed and self.left:
        self.left -= 1
        status, clone = fwps.allocate_clone_net_buffer_list(self.original)
        status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, clone, self.completed, None)
    else:
        fwps.dereference_net_buffer_list(self.original, dispatch_level)
""")


def test_a_retry_after_a_failed_injection_is_no_cycle(tmp_path: Path) -> None:
    faults = [{"call": "completion", "nth": nth, "status": "0xC001000D"} for nth in (1, 2)]
    run = injecting(tmp_path, RETRIES).run(sent(), faults=faults)

    assert len(run.of(ev.InjectAccepted)) == 3
    assert run.rules == []


def test_a_worker_that_pends_again_what_it_has_injected_closes_a_cycle_too(tmp_path: Path) -> None:
    run = injecting(tmp_path, body("""
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.queue_work(self.work, fwps, layer_data)
        out.absorb()
    """, CLASSIFY, """
    def work(self, fwps, nbl):
        status, clone = fwps.allocate_clone_net_buffer_list(nbl)
        fwps.dereference_net_buffer_list(nbl, False)
        if fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, clone, self.completed, None):  # takes
            fwps.free_clone_net_buffer_list(clone, 0)
    """)).run(sent(), loop_limit=4)

    assert told(run) == [("M06", "E", "1.2"), ("M06", "F", "1.4")]
    assert found(run, "M06")[0].line == marked(tmp_path, "takes")
