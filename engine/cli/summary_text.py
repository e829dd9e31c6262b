"""A run in a few lines of text, where no output was asked for."""

from __future__ import annotations

from collections.abc import Iterator

from engine.cli.printable import printable
from engine.report.summary import Summary, SummaryFold
from engine.trace.rules import Severity, rules
from engine.wfp.layers import LAYERS

_MOST_FILTERS = 20
_SEVERITY = {
    Severity.FATAL: "fatal", Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info",
}  # fmt: skip


def summary_lines(source: str, summary: Summary, counts: SummaryFold) -> Iterator[str]:
    """Yield the lines: frames and outcomes, a table of the layers, the filters that decided, the findings."""
    yield f"{printable(source)}: {summary.frames} frames, {summary.seconds:.2f} s"
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in summary.outcomes.items())
    yield f"outcomes: {outcomes or 'none'}"
    yield f"{'layer':<32}{'classified':>12}{'permit':>10}{'block':>10}{'absorb':>10}"
    for layer in LAYERS:
        of = summary.layers[layer.name]
        name = f"{layer.id} {layer.short_name}"
        yield f"{name:<32}{of.classified:>12}{of.permit:>10}{of.block:>10}{of.absorb:>10}"
    decided = sorted((one for one in summary.filters.values() if one.decided), key=lambda one: -one.decided)
    for one in decided[:_MOST_FILTERS]:
        yield f"filter {printable(one.name)}: decided {one.decided}, matched {one.matched}"
    if len(decided) > _MOST_FILTERS:
        yield f"{len(decided) - _MOST_FILTERS} more filters decided"
    yield "findings: none" if not counts.findings else f"findings: {sum(counts.findings.values())}"
    for rule, count in summary.findings.items():
        known = rules()[rule]
        yield f"  {rule} {_SEVERITY[known.severity]}, {known.title}: {count}"
