"""A finding as text that can be pasted into an issue."""

from __future__ import annotations

from engine.trace import events as ev
from engine.trace.rules import rules

_SEVERITIES = {"F": "fatal", "E": "error", "W": "warning", "I": "hint"}


def severity_word(severity: str) -> str:
    """`fatal` for `F`."""
    return _SEVERITIES.get(severity, severity)


def finding_markdown(event: ev.RuleBroken, seq: int, frame: int) -> str:
    """The finding with its place, the events that led there, the rule, the remedy and the source, as Markdown."""
    rule = rules().get(event.rule)
    title = f" {rule.title}" if rule is not None else ""
    where = [f"`{event.line}`" if event.line else "", f"driver `{event.driver}`" if event.driver else "",
             f"NBL {event.nbl}" if event.nbl else "", f"frame {frame}" if frame else "outside of any frame",
             f"event {seq}"]
    lines = [f"### {event.rule}{title} ({severity_word(event.severity)})", "", event.detail, "",
             f"- Where: {', '.join(part for part in where if part)}"]
    if event.evidence:
        lines.append("- How it came about:")
        for number, clue in enumerate(event.evidence, 1):
            at = f"`{clue.line}`, " if clue.line else ""
            lines.append(f"  {number}. {clue.text} ({at}event {clue.seq})")
    if rule is not None:
        lines += [f"- Rule: {rule.rule}", f"- Remedy: {rule.remedy}", f"- Source: {rule.source}"]
    return "\n".join(lines) + "\n"
