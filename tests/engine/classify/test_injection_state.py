"""FwpsQueryPacketInjectionState0: histories, contexts, loops. Source: 4; CH-31, CH-32."""

from __future__ import annotations

from pathlib import Path

from engine.trace import events as ev
from engine.wfp.layers import (
    OUTBOUND_MAC_FRAME_ETHERNET,
)
from tests.builders import policies
from tests.builders.engines import Bench, Run
from tests.builders.frames import sent
from tests.builders.injections import injecting

FOUR_STATES = """
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        out.permit()
        if state in OWN or self.config.get("watch"):
            return
        make = self.clone if self.config["clones"] else lambda *_: self.copy(fwps, layer_data.first_net_buffer.data())
        status, one = make(fwps, meta, layer_data)
        assert fwps.nt_success(self.inject(fwps, values, one, context=self.config["name"]))
        out.absorb()
"""


def two_drivers(folder: Path, *, clones: bool, limit: int = 8) -> Run:
    bench = Bench(folder)
    for weight, name in ((20, "X"), (10, "Y")):
        sublayer = policies.a_sublayer_spec(name, weight=weight)
        bench.add(sublayer)
        bench.driver(FOUR_STATES, f"{name}.py")
        bench.calls(
            name,
            OUTBOUND_MAC_FRAME_ETHERNET,
            script=f"{name}.py",
            sublayer=policies.key_of(sublayer),
            config={"name": name, "clones": clones},
        )
    return bench.run(sent(), loop_limit=limit)


def test_the_four_injection_states_by_handle_with_the_context_of_their_own(tmp_path: Path) -> None:
    run = two_drivers(tmp_path, clones=True)

    asked = [
        (event.driver, event.nbl, event.state.removeprefix("FWPS_PACKET_"), event.context)
        for event in run.of(ev.StateQueried)
    ]
    assert asked == [
        ("X", "1.0", "NOT_INJECTED", None),
        ("Y", "1.0", "NOT_INJECTED", None),
        # Both have cloned the original; each clone meets both drivers.
        ("X", "1.1", "INJECTED_BY_SELF", "'X'"),
        ("Y", "1.1", "INJECTED_BY_OTHER", None),
        ("X", "1.2", "INJECTED_BY_OTHER", None),
        ("Y", "1.2", "INJECTED_BY_SELF", "'Y'"),
        ("X", "1.3", "PREVIOUSLY_INJECTED_BY_SELF", "'X'"),
        ("Y", "1.3", "INJECTED_BY_SELF", "'Y'"),
        ("X", "1.4", "INJECTED_BY_SELF", "'X'"),
        ("Y", "1.4", "PREVIOUSLY_INJECTED_BY_SELF", "'Y'"),
    ]
    assert "M06" not in run.rules


def test_copies_lose_the_history_and_the_loop_is_found(tmp_path: Path) -> None:
    run = two_drivers(tmp_path, clones=False, limit=3)

    assert "FWPS_PACKET_PREVIOUSLY_INJECTED_BY_SELF" not in [event.state for event in run.of(ev.StateQueried)]
    assert "M06" in run.rules
    assert all(event.status == 0 for event in run.of(ev.InjectionEnded))


def test_the_context_of_the_latest_injection_by_the_same_handle_is_told(tmp_path: Path) -> None:
    bench = injecting(
        tmp_path,
        """
        def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
            state, context = fwps.query_packet_injection_state(self.handle, layer_data)
            if context == 2:
                out.permit()
                return
            status, clone = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, clone, context=1 if context is None else context + 1)
            out.absorb()
    """,
        anchors=False,
    )
    run = bench.run(sent())

    assert [event.context for event in run.of(ev.StateQueried)] == [None, "1", "2"]
    assert [len(event.changed[0].history) for event in run.of(ev.InjectAccepted)] == [1, 2]


def test_asking_with_another_handle_of_the_same_driver_is_a_trap(tmp_path: Path) -> None:
    bench = injecting(
        tmp_path,
        """
        def start(self, fwps, config):
            super().start(fwps, config)
            status, self.other = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)

        def seen(self, fwps, values, meta, layer_data, out):
            status, clone = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, clone, handle=self.other)
            out.absorb()

        def stop(self, fwps):
            fwps.injection_handle_destroy(self.other)
            super().stop(fwps)
    """,
        anchors=False,
    )
    run = bench.run(sent())

    assert {"M08", "M06"} <= set(run.rules)
