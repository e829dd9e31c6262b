"""A report as JSON: `"format": "l2scope-report"`, its keys those of `Report`."""

from __future__ import annotations

import msgspec

from engine.report.report_model import Report


def render_json(report: Report) -> bytes:
    """Return the indented text, with an end of line. Equal reports give equal bytes."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
