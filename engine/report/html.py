"""A report as one HTML file: no network, no script, light and dark, printable; everything from outside escaped."""

from __future__ import annotations

from typing import Any

import msgspec
from jinja2 import Environment, FunctionLoader, StrictUndefined

from engine.report.describe.line import outcome_mark
from engine.report.digest import number_text
from engine.report.report_model import Report
from engine.resources import read_text

_SEVERITIES = {"F": ("fatal", "fatal"), "E": ("error", "error"), "W": ("warn", "warning"), "I": ("info", "info")}
_COLOUR_GROUPS = ("surface", "line", "text", "accent", "outcome", "outcome_wash", "severity")


def render_html(report: Report) -> bytes:
    """Return the whole file. Equal reports give equal bytes."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        loader=FunctionLoader(lambda name: read_text("report", name)),
    )  # fmt: skip
    environment.filters.update(
        count=number_text, percent=percent_text, mark=outcome_mark, severity_mark=_severity_mark,
        severity_word=lambda severity: _SEVERITIES[severity][1], constant=constant_text, seconds=seconds_text,
    )  # fmt: skip
    text = environment.get_template("report.html.j2").render(
        report=report, title=title_text(report), light=_colours("light"), dark=_colours("dark"),
        css=read_text("report", "report.css"),
    )  # fmt: skip
    # What is not Unicode text (halves of surrogate pairs from a script's message) becomes a question mark.
    return text.encode(errors="replace")


def title_text(report: Report) -> str:
    """`lab-gateway.pcapng: 40 031 frames, 3 findings`."""
    totals = report.totals
    frames = f"{number_text(totals.frames)} frame{'s' * (totals.frames != 1)}"
    findings = f"{number_text(totals.findings) if totals.findings else 'no'} finding{'s' * (totals.findings != 1)}"
    return f"{report.session.source}: {frames}, {findings}"


def percent_text(share: float) -> str:
    """`11.2 %`, `< 0.1 %`."""
    if 0 < share < 0.001:
        return "< 0.1\u00a0%"
    return f"{100 * share:.1f}\u00a0%"


def seconds_text(nanoseconds: int) -> str:
    """`14.2 s`, `26.1 µs`, `2 000 s`."""
    if nanoseconds >= 10**12:
        return f"{number_text(nanoseconds // 10**9)}\u00a0s"
    for unit_ns, unit in ((10**9, "s"), (10**6, "ms"), (10**3, "µs")):
        if nanoseconds >= unit_ns:
            return f"{nanoseconds / unit_ns:.3g}\u00a0{unit}"
    return f"{nanoseconds}\u00a0ns"


def constant_text(name: str) -> str:
    """`BLOCK` for FWP_ACTION_BLOCK, `CLEAR_ACTION_RIGHT` for FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT."""
    for prefix in ("FWPM_FILTER_FLAG_", "FWP_CALLOUT_FLAG_", "FWP_ACTION_", "FWPM_LAYER_", "FWPM_SUBLAYER_"):
        name = name.removeprefix(prefix)
    return name


def _severity_mark(severity: str) -> str:
    return _SEVERITIES[severity][0]


def _colours(theme: str) -> dict[str, str]:
    """The custom properties of a theme: `outcome-wash-block` to `#FBE4E9`."""
    themes: dict[str, Any] = msgspec.json.decode(read_text("look", "tokens.json"))["themes"]
    return {
        f"{group}-{name}".replace("_", "-"): colour
        for group in _COLOUR_GROUPS
        for name, colour in themes[theme][group].items()
    }
