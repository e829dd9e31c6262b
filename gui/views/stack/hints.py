"""Tooltips of the stack: what is elided in full, ids in decimal and hexadecimal, and what is not modelled."""

from __future__ import annotations

from html import escape

from engine.trace.world import LayerCounts
from engine.wfp.conditions import describe_conditions
from engine.wfp.layers import FAST_LAYERS, Layer, layer_by_id
from engine.wfp.policy import Policy
from gui.models.stack.ladder_rows import FilterRow, SublayerRow
from gui.models.stack.traffic import Flow, Gauge, rate_text, span_text
from gui.widgets.text import thousands

NOT_MODELLED = "not modelled: FAST and vSwitch layers"

NOT_MODELLED_REASON = "\n".join(
    (
        "Fast layers, Microsoft's own, without fields; adding a filter to them fails (C4):",
        *(f"  {name}" for name in FAST_LAYERS),
        "Virtual switch layers, reached from the extension filter of the Hyper-V switch:",
        "  FWPM_LAYER_INGRESS_VSWITCH_ETHERNET, FWPM_LAYER_EGRESS_VSWITCH_ETHERNET and their transport layers",
    )
)


def filter_hint(row: FilterRow, policy: Policy) -> str:
    """Name, id both ways, action, weight and conditions of a filter, and what became of it."""
    lines = [row.name, f"filter id {row.id_text}", row.chip.text]
    found = policy.filter_by_id.get(row.filter)
    layer = None if found is None else layer_by_id(found.layer_id)
    if found is not None and layer is not None:
        lines.append(f"effective weight {found.effective_weight} (0x{found.effective_weight:X})")
        lines.append(describe_conditions(found.conditions, layer))
    lines.append(f"{row.state.value}: {row.text}" if row.text else row.state.value)
    if row.at:
        lines.append(f"at {row.at}")
    return _rich(lines)


def sublayer_hint(row: SublayerRow) -> str:
    return _rich([row.name, f"sublayer of weight {row.weight} (0x{row.weight:X})", row.key, row.note])


def layer_hint(layer: Layer) -> str:
    start = (
        "the IP header: the MAC header lies before DataOffset" if layer.data_starts_at_ip_header else "the MAC header"
    )
    return _rich([layer.name, f"run-time id {layer.id} (0x{layer.id:X})", f"NBL data starts at {start}"])


def counts_hint(counts: LayerCounts, gauge: Gauge) -> str:
    """All counters in words, for the tooltip and the screen reader."""
    return ", ".join(
        (
            f"{thousands(counts.classified)} NBLs classified",
            f"{thousands(counts.permit)} permitted",
            f"{thousands(counts.block)} blocked",
            f"{thousands(counts.absorb)} absorbed",
            f"{thousands(counts.inject)} accepted for injection here",
            f"{rate_text(gauge.rate)} of the capture's time",
        )
    )


def flow_hint(flow: Flow) -> str:
    rates = ", ".join(f"{kind} {rate_text(rate, flow.unit)}" for kind, rate in flow.rates.items())
    what = "NBLs" if flow.unit == "frames" else "Bytes"
    return f"{what} per second, last {span_text(flow.window_ns)} drawn: {rates}, peak {rate_text(flow.peak, flow.unit)}"


def plain_hint(text: str) -> str:
    """Text of a capture or a script as it is: Qt would take `<` for markup."""
    return f"<qt>{escape(text)}</qt>"


def _rich(lines: list[str]) -> str:
    """Rich text, which Qt wraps; the first line is the heading."""
    first, *rest = [escape(line) for line in lines if line]
    return "<br>".join([f"<b>{first}</b>", *rest])
