"""Findings of one run, one of each kind: the same rule, driver, line and way there count once."""

from __future__ import annotations

from dataclasses import dataclass

from engine.trace import events as ev
from engine.trace.rules import Severity, rules
from engine.wfp.layers import layer_by_id
from engine.wfp.policy import Policy

MACHINE = ""
_ROOTS = frozenset(ev.ROOTS)


@dataclass(frozen=True, slots=True)
class FindingKey:
    """What makes a finding distinct."""

    rule: str
    driver: str | None
    line: str | None
    path: str
    """Which of the driver's functions ran: `classify of reflect at INBOUND_MAC_FRAME_NATIVE`, `completed`, `stop`.
    Empty where it was noticed while none did, such as a leak at the end."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding where it was first met in a run."""

    key: FindingKey
    severity: Severity
    detail: str
    frame: int
    """0: outside of every frame."""

    @property
    def title(self) -> str:
        rule = rules().get(self.key.rule)
        return rule.title if rule is not None else ""


class FindingFold:
    """Takes the events of a run."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._root = self._base = MACHINE
        self._layer = 0
        self._callout: str | None = None
        self._outer: tuple[str, str | None] = MACHINE, None
        self.seen: dict[FindingKey, Seen] = {}

    def take(self, event: ev.TraceEvent, frame: int) -> None:
        match event:
            case ev.RuleBroken():
                key = FindingKey(event.rule, event.driver, event.line, self._callout or self._root)
                self.seen.setdefault(key, Seen(key, Severity(event.severity), event.detail, frame))
            case ev.ClassifyBegan(layer):
                self._layer = layer
            case ev.CalloutEntered(callout):
                known, layer_ = self._policy.callouts.get(callout), layer_by_id(self._layer)
                name = known.name if known is not None else callout
                self._callout = f"classify of {name}" + (f" at {layer_.short_name}" if layer_ is not None else "")
            case ev.FilterDecided() | ev.ClassifyEnded():  # what the callout returned is judged by then
                self._callout = None
            case ev.InjectCompleted():
                self._outer = self._root, self._callout
                self._root, self._callout = event.function or MACHINE, None
            case ev.CompletionReturned():  # a handle that is destroyed waits for it inside of another function
                self._root, self._callout = self._outer
            case ev.WorkStarted():
                self._root, self._callout = event.function, None
            case ev.DriverStarted():
                self._root, self._callout = "start", None
            case ev.DriverStopped():
                self._root, self._base, self._callout = "stop", "stop", None
            case ev.DriverUnloaded() | ev.DriverEntryFailed():
                self._root, self._base, self._callout = MACHINE, MACHINE, None
            case _ if type(event) in _ROOTS:  # while a driver stops, the machine goes on
                self._root, self._callout = self._base, None
