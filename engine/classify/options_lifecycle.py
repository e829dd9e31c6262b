"""Drivers, filter modules, power: what of their coming and going is a choice. Source: callouts-nbl-injection 11."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from engine.classify.option_field import option
from engine.classify.options_injection import InjectionOptions

_life = partial(option, group="Drivers and filter modules")


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleOptions(InjectionOptions):
    """Choices about registration, notification, module restarts, and the cost of a classify call."""

    target_os: str = _life(
        "10", "CH-01", "the Windows on which the policy is installed: before 8 there are no MAC layers, and adding to "
        "them fails with FWP_E_LAYER_NOT_FOUND", ("7", "8", "10", "11"))
    flow_at_l2: str = _life(
        "lint", "CH-02", "what a flowDeleteFn or CONDITIONAL_ON_FLOW at a MAC layer is: reported (M71), or passed over",
        ("lint", "ignore"))
    unregister_waits: str = _life(
        "yes", "CH-04", "unregistering waits for classify calls of the callout that run: in one of them it never "
        "returns (M69); or it does not wait", ("yes", "no"))
    post_commit_error: str = _life(
        "ignore", "CH-05", "an error that notifyFn returns for ADD_FILTER_POST_COMMIT: ignored, or the filter is "
        "deleted again", ("ignore", "remove"))
    restart_inbound: str = _life(
        "pass", "CH-28", "frames received while their module restarts: pass it unfiltered, or are lost",
        ("pass", "lose"))
    race_strict: str = _life(
        "off", "3.6, R-INJ-2", "a module restarts without waiting for what it has injected: those completions are lost",
        ("off", "on"))
    classify_budget_ns: int = _life(
        50_000, "M70", "simulated cost of a classify call at DISPATCH_LEVEL that is too much: 10 ns for each loop "
        "turn and call, 1 ns for each byte of data read or written; costs count, and move no clock", low=1)
