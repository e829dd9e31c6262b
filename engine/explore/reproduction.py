"""A discovery as words and as the command line that shows it again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

import msgspec

from engine.explore.case import Case, frames_text
from engine.explore.discovery import Discovery
from engine.trace.rules import Severity

SEVERITIES = {
    Severity.FATAL: "fatal", Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """What every run of an exploration has, as the user gave it."""

    capture: str
    policy: str | None = None
    settings: tuple[str, ...] = ()
    """`--set` and `--fault` with their values, as arguments."""
    source: tuple[str, ...] = ()
    """`--local-mac` and `--direction` with their values."""


class DiscoveryLine(msgspec.Struct, frozen=True, omit_defaults=False):
    """A line of `explore --out`."""

    rule: str
    severity: str
    title: str
    detail: str
    driver: str | None
    line: str | None
    path: str
    frame: int
    """Frame of the reproduction to whose story it belongs; 0: to none."""
    undisturbed: bool
    """It comes without any adversity."""
    site: str | None
    seed: int
    options: dict[str, str]
    faults: tuple[dict[str, object], ...]
    frames: str
    command: str


def command(case: Case, given: Given) -> str:
    """The `l2scope run` that shows a case again."""
    words: list[str] = ["l2scope", "run", given.capture]
    if given.policy is not None:
        words += ["--policy", given.policy]
    words += ["--seed", str(case.seed), *given.settings]
    for name, value in case.options:
        words += ["--set", f"{name}={value}"]
    for rule in case.faults:
        words += ["--fault", rule_text(rule)]
    words += given.source
    if case.frames:
        words += ["--frames", frames_text(case.frames)]
    return shlex.join(words)


def rule_text(rule: object) -> str:
    """A fault rule as `--fault` takes it."""
    return msgspec.json.encode(rule).decode()


def discovery_line(found: Discovery, given: Given) -> DiscoveryLine:
    seen, key, case = found.seen, found.seen.key, found.case
    return DiscoveryLine(
        key.rule, SEVERITIES[seen.severity], seen.title, seen.detail, key.driver, key.line, key.path, seen.frame,
        found.is_undisturbed, None if found.site is None else found.site.text, case.seed, dict(case.options),
        tuple(dict(rule) for rule in case.faults), frames_text(case.frames), command(case, given))


def discovery_text(found: Discovery, given: Given) -> list[str]:
    """A discovery in a few lines: what, where, what it takes, and the command."""
    seen, key = found.seen, found.seen.key
    where = ", ".join(part for part in (key.driver, key.line, f"in {key.path}" if key.path else "") if part)
    lines = [f"{key.rule} {SEVERITIES[seen.severity]}, {seen.title}", f"  {seen.detail}", f"  {where}"]
    if found.site is not None:
        lines.append(f"  when this fails: {found.site.text}")
    return [*lines, f"  {needs(found)}", f"  {command(found.case, given)}"]


def needs(found: Discovery) -> str:
    """`without any adversity, frame 3`, `seed 71, rx_chain=2, 1 fault rule, frames 3,7`."""
    case = found.case
    parts = ["without any adversity"] if found.is_undisturbed else [f"seed {case.seed}"]
    parts += [f"{name}={value}" for name, value in case.options]
    if case.faults:
        parts.append(f"{len(case.faults)} fault rule{'s' * (len(case.faults) > 1)}")
    if case.frames:
        parts.append(f"frame{'s' * (len(case.frames) > 1)} {frames_text(case.frames)}")
    return ", ".join(parts)
