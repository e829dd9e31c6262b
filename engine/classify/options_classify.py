"""How classifyOut is read, how verdicts fold, and how chains go to callouts. Source: callouts-nbl-injection 11."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from engine.classify.option_field import option
from engine.classify.options_policy import PolicyOptions

_calls = partial(option, group="Callouts and verdicts")
_batch = partial(option, group="Batch classification")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyOptions(PolicyOptions):
    """Choices about one classification."""

    classify_arguments: str = _calls(
        "die", "CH-06", "arguments of classify after it has returned: their use is reported (M37), or taken for good",
        ("die", "live"))
    absorb_without_block: str = _calls(
        "ignore", "CH-09", "ABSORB with another action than BLOCK: ignored, or taken for BLOCK with ABSORB",
        ("ignore", "block"))
    initial_classify_out: str = _calls(
        "running_verdict", "CH-10", "actionType that a callout meets in classifyOut: the verdict so far, or always "
        "CONTINUE", ("running_verdict", "continue"))
    right_sentence: str = _calls(
        "clear_holds_back", "CH-11", "a pending callout must hold back when the right is clear on entry, or (as one "
        "sentence of the documentation has it) when it is set (M36)", ("clear_holds_back", "set_holds_back"))
    unknown_returns_other: str = _calls(
        "continue", "CH-12, C20", "what NONE and its like from a CALLOUT_UNKNOWN filter count as",
        ("continue", "block"))
    inspection_duplicate: str = _calls(
        "report", "CH-13", "an INSPECTION callout that blocks or permits, and so may have doubled the frame (M33)",
        ("report", "ignore"))
    sublayers_after_block: str = _calls(
        "evaluate", "CH-14, C18", "lower sublayers after a hard block: still evaluated, without the right, or left out",
        ("evaluate", "stop"))
    drop_event_filter: str = _calls(
        "first_blocker", "C18", "of several filters that block, the one whose id the verdict and the drop event carry",
        ("first_blocker", "last_blocker"))
    plain_block_veto: str = _calls(
        "no", "C19", "a plain BLOCK filter without CLEAR_ACTION_RIGHT vetoes a hard permit", ("no", "yes"))
    unregistered_callout: str = _calls(
        "plain_filter", "C21", "strength of what a filter says whose callout is not registered: as a plain filter's "
        "(BLOCK hard), or always soft", ("plain_filter", "soft"))

    batch_delivery: str = _batch(
        "all_or_nothing", "CH-16", "a run goes as a chain only if every callout behind its filters has the batch flag, "
        "or each callout gets what it takes and the run is broken up at the first that takes single NBLs",
        ("all_or_nothing", "per_callout"))
    chain_verdict: str = _batch(
        "one", "CH-17", "a chain gets one verdict: there is one classifyOut for it, and no member for a verdict for "
        "each NBL, so there is nothing to choose", ("one",))
    forward_per_run: str = _batch(
        "off", "A.1", "what passed goes on in one NDIS call for all runs, or in one for each run", ("off", "on"))
    batch_taint_scope: str = _batch(
        "all", "CH-19", "whom the batch flag of one callout forbids to clone", ("all", "own"))
    batch_clone_status: int = _batch(0xC000000D, "CH-18", "what cloning under the batch flag returns")
    batch_reference: str = _batch(
        "phantom", "CH-18", "a reference under the batch flag: one that can never be given back, or one like any other",
        ("phantom", "counted"))
