"""A driver that does what its configuration says, and random policies made of such drivers and plain filters."""

from __future__ import annotations

from pathlib import Path

from engine.wfp.layers import Layer, layer_by_id
from engine.wfp.types import ActionType, FilterFlag
from tests.builders import policies
from tests.builders.engines import BATCH, Bench

ACTOR = """
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        self.number = getattr(self, "number", 0) + 1
        act = self.config["acts"][self.number % len(self.config["acts"])]
        self.at_ip_header = values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET
        if act != "blind":
            state, _ = fwps.query_packet_injection_state(self.handle, layer_data)
            if state in OWN:
                out.permit()
                return
        getattr(self, act)(fwps, values, meta, layer_data, out)

    def permits(self, fwps, values, meta, layer_data, out):
        out.permit()

    def blocks(self, fwps, values, meta, layer_data, out):
        out.block(hard=self.number % 2 == 0)

    def absorbs(self, fwps, values, meta, layer_data, out):
        out.absorb()

    def raises(self, fwps, values, meta, layer_data, out):
        self.clones(fwps, values, meta, layer_data, out)
        raise ValueError(self.number)

    def clones(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        if fwps.nt_success(status):
            self.hand_on(fwps, values, clone)
        out.absorb()

    blind = clones

    def hand_on(self, fwps, values, nbl):
        if not fwps.nt_success(self.inject(fwps, values, nbl, self.config.get("to"))):
            self.release(fwps, nbl)

    def copies(self, fwps, values, meta, layer_data, out):
        for _ in range(2):
            status, copy = self.copy(fwps, bytes(14) + layer_data.first_net_buffer.data())
            if fwps.nt_success(status):
                self.hand_on(fwps, values, copy)

    def chains(self, fwps, values, meta, layer_data, out):
        head = None
        for _ in range(3):
            status, copy = self.copy(fwps, bytes(60))
            if fwps.nt_success(status):
                copy.next, head = head, copy
        if head is not None and not fwps.nt_success(self.inject(fwps, values, head, self.config.get("to"))):
            for nbl in each(head):
                self.release(fwps, nbl)
        out.absorb()

    def pends(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.set_timer(self.number * 700, self.later, fwps, layer_data)
        out.absorb()

    def keeps_and_permits(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, False)
        fwps.set_timer(100_000, self.later, fwps, layer_data)
        out.permit()

    def later(self, fwps, nbl):
        fwps.dereference_net_buffer_list(nbl, True)

    def forgets(self, fwps, values, meta, layer_data, out):
        self.clone(fwps, meta, layer_data)

    def spoils(self, fwps, values, meta, layer_data, out):
        buffer = layer_data.first_net_buffer
        fwps.retreat_net_buffer_data_start(buffer, 30, 2, None)
        buffer.mdl_chain.next = None
        layer_data.next = layer_data
        buffer.next = buffer
        buffer.write(0, b"x")
        layer_data.status = 5

    def clones_and_permits(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        if fwps.nt_success(status):
            fwps.set_timer(50_000, fwps.free_clone_net_buffer_list, clone, 0)
        out.permit()
"""


ACTS = [
    "permits",
    "blocks",
    "absorbs",
    "raises",
    "clones",
    "blind",
    "copies",
    "chains",
    "pends",
    "keeps_and_permits",
    "forgets",
    "spoils",
    "clones_and_permits",
]


def build(folder: Path, members: list[tuple]) -> Bench:
    bench = Bench(folder)
    for weight in (1, 2, 3):
        bench.add(policies.a_sublayer_spec(f"S{weight}", weight=weight))
    keys = {one: policies.key_of(bench.specs[one - 1]) for one in (1, 2, 3)}
    for number, (kind, layer_id, weight, *rest) in enumerate(members):
        name, layer = f"f{number}", layer_by_id(layer_id)
        assert layer is not None
        if kind == "plain":
            _add_plain(bench, name, layer, keys[weight], *rest)
        else:
            action, acts, is_batch, to = rest
            bench.driver(ACTOR, f"{name}.py")
            bench.calls(
                name,
                layer,
                action=action,
                script=f"{name}.py",
                flags=BATCH if is_batch else 0,
                sublayer=keys[weight],
                config={"acts": acts, "to": to},
                weight=number,
            )
    return bench


def _add_plain(
    bench: Bench, name: str, layer: Layer, sublayer: str, action: str, clear: bool, ether_type: int | None
) -> None:
    conditions = [] if ether_type is None or layer.is_native else [policies.ether_type(ether_type)]
    bench.add(
        policies.a_filter(
            name,
            *conditions,
            action=ActionType[f"FWP_ACTION_{action}"],
            layer=layer,
            sublayer=sublayer,
            flags=FilterFlag(8 if clear else 0),
        )
    )
