"""What the engine options come to for the code that asks in every classification.

Source: layers-and-filters 8; callouts-nbl-injection 11.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.classify.field_choices import FieldChoices, field_choices
from engine.classify.options import EngineOptions
from engine.wfp.condition_rules import PolicyRules
from engine.wfp.fwp_errors import FwpCode


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictChoices:
    """How filters' answers become the layer's verdict."""

    default_blocks: bool = False
    """C3."""
    stops_after_block: bool = False
    """CH-14, C18."""
    last_blocker: bool = False
    """C18: the drop event names the last filter that blocked."""
    plain_vetoes: bool = False
    """C19."""


def verdict_choices(options: EngineOptions) -> VerdictChoices:
    return VerdictChoices(
        default_blocks=options.default_action == "block", stops_after_block=options.sublayers_after_block == "stop",
        last_blocker=options.drop_event_filter == "last_blocker", plain_vetoes=options.plain_block_veto == "yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What is worked out once for a run."""

    verdicts: VerdictChoices
    fields: FieldChoices | None
    """None while every frame is seen as by default."""
    hold_limits: tuple[tuple[int, str], ...]
    """Ages of a hold in nanoseconds, ascending, and how bad each is (CH-36)."""


def choices_of(options: EngineOptions) -> Choices:
    return Choices(
        verdicts=verdict_choices(options), fields=field_choices(options), hold_limits=_hold_limits(options))


def _hold_limits(options: EngineOptions) -> tuple[tuple[int, str], ...]:
    limits = ((options.hold_warning_ms, "W"), (options.hold_error_ms, "E"), (options.hold_fatal_ms, "F"))
    return tuple(sorted((limit_ms * 1_000_000, severity) for limit_ms, severity in limits))


def policy_rules(options: EngineOptions) -> PolicyRules:
    """What the filter engine refuses, and how it orders."""
    return PolicyRules(
        has_mac_layers=options.target_os != "7",
        mac_not_equal=options.not_equal_on_mac == "warn",
        split_conditions=options.duplicate_conditions == "and",
        layer_mismatch=FwpCode[options.layer_mismatch_code],
        without_service_disabled=options.disabled_providers == "or_no_service",
        continue_filters=options.continue_action == "accept",
        counts_conditions=options.auto_weight == "condition_count",
        newer_first=options.weight_tie == "newer_first",
        weights_move_up=options.sublayer_weight_taken == "move_up",
        foreign_mismatch=options.foreign_dynamic_reference == "lifetime_mismatch",
        keeps_providers_apart=options.cross_provider_deletion == "refuse",
    )
