"""Explanations of drivers, handles, filters coming and going, and of trouble."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.ndis.status import nt_success, status_text
from engine.report.explain.explanation import Explanation, Scene, SourceNote, chosen, documented, escape, observed
from engine.report.source_words import is_documented, source_words
from engine.trace import events as ev
from engine.trace.rules import Rule, rules

UNLOADING = documented("unloading a callout driver")
TRANSACTIONS = documented("object management: transactions are atomic")


def session_began(_: Scene, event: ev.SessionBegan) -> Explanation:
    options = "all options at their defaults" if not event.options else (
        "options " + ", ".join(f"`{escape(k)}={escape(v)}`" for k, v in event.options.items()))
    return Explanation(
        "The run begins",
        ((f"Engine {escape(event.version)}, seed {event.seed}, {options}. The same capture, policy, options and seed "
         "give the same run."),
         "This is a model of the filter engine, not the driver: what Windows leaves open is marked CHOSEN."),
        (documented("using layer 2 filtering"),))


def work_started(_: Scene, event: ev.WorkStarted) -> Explanation:
    kind = "timer" if event.is_timer else "work item"
    return Explanation(
        f"A {kind} of {event.driver} runs",
        ((f"`{escape(event.function)}` runs outside of any classify: it may only touch NBLs it holds a reference or "
         "clone of."),),
        (documented("processing classify callouts asynchronously"),))


def work_queued(_: Scene, event: ev.WorkQueued) -> Explanation:
    kind = "timer" if event.is_timer else "work item"
    return Explanation(
        f"{event.driver} queues a {kind}",
        (f"`{escape(event.function)}` will run at {event.due_ns / 1e6:.3f} ms of simulated time.",),
        (documented("types of callouts: pending out of band"),))


def driver_started(_: Scene, event: ev.DriverStarted) -> Explanation:
    return Explanation(
        f"Driver {event.driver} starts",
        (f"`{escape(event.script)}`: `start()` creates handles and pools and its callouts register.",),
        (documented("FwpsCalloutRegister2; register, add the callout, add the filter"),))


def driver_stopped(_: Scene, event: ev.DriverStopped) -> Explanation:
    return Explanation(
        f"Driver {event.driver} unloads",
        (("It has to unregister its callouts, let every injection complete, destroy its handles and free its pools, in "
         "this order."),), (UNLOADING,))


def transaction_began(_: Scene, event: ev.TransactionBegan) -> Explanation:
    return Explanation(
        f"The policy is added in one transaction: {event.filters} filters",
        ("Either all of it takes effect at the commit, or nothing.",), (TRANSACTIONS,))


def handle_created(_: Scene, event: ev.HandleCreated) -> Explanation:
    if not nt_success(event.status):
        return Explanation(
            "Creating an injection handle failed",
            (f"`{escape(event.driver)}` got `{status_text(event.status)}`.",),
            (documented("FwpsInjectionHandleCreate0"),))
    kind = "It has the type L2, which the MAC functions need." if event.flags & 0x10 else (
        "**It lacks FWPS_INJECTION_TYPE_L2**: the MAC functions will refuse it as stale.")
    return Explanation(
        f"Injection handle {event.handle} is created", (f"`{escape(event.driver)}` injects with it. {kind}",),
        (documented("FwpsInjectionHandleCreate0"), chosen("CH-20", "any address family is accepted")))


def handle_closing(_: Scene, event: ev.HandleClosing) -> Explanation:
    waits = "Nothing is pending." if event.pending == 0 else (
        f"**{event.pending} injection{'s' * (event.pending != 1)} pending**: the call blocks until they are complete.")
    return Explanation(
        f"Injection handle {event.handle} is closing",
        (f"{waits} New injections are refused with `STATUS_FWP_INJECT_HANDLE_CLOSING`.",),
        (documented("FwpsInjectionHandleDestroy0 waits for all pending injections"),))


def handle_closed(_: Scene, event: ev.HandleClosed) -> Explanation:
    return Explanation(
        f"Injection handle {event.handle} is closed", ("All its injections are complete.",),
        (documented("FwpsInjectionHandleDestroy0"),))


def notified(scene: Scene, event: ev.Notified) -> Explanation:
    answer = "It agreed." if nt_success(event.status) else (
        f"It answered `{status_text(event.status)}`; on adding a filter that refuses it.")
    return Explanation(
        f"notifyFn of {scene.names.callout(event.callout)} is told about {scene.filter_name(event.filter)}",
        (f"`{escape(event.notify_type)}`. {answer}",),
        (documented("notifyFn2"), chosen("CH-05", "an error after the commit is ignored")))


def callout_registered(scene: Scene, event: ev.CalloutRegistered) -> Explanation:
    batch = " It takes chains (batch flag)." if event.flags & 0x80 and event.version > 1 else (
        " It gets one NBL for each call.")
    return Explanation(
        f"{scene.titled_callout(event.callout)} is registered",
        (f"`{escape(event.driver)}` stands behind its filters from now on.{batch}",),
        (documented(f"FwpsCalloutRegister{event.version}"),))


def callout_unregistered(scene: Scene, event: ev.CalloutUnregistered) -> Explanation:
    return Explanation(
        f"{scene.titled_callout(event.callout)} is unregistered",
        ("Filters that still name it act by their default: terminating ones **block**, inspection ones are ignored.",),
        (documented("FwpsCalloutUnregisterById0"), chosen("CH-04", "it waits for classify calls that are running")))


def filter_added(scene: Scene, event: ev.FilterAdded) -> Explanation:
    return Explanation(
        f"{scene.titled_filter(event.filter)} is added",
        (f"Its run-time id is `{event.filter}` (`0x{event.filter:X}`): what drop events name.",), (TRANSACTIONS,))


def filter_deleted(scene: Scene, event: ev.FilterDeleted) -> Explanation:
    return Explanation(
        f"{scene.titled_filter(event.filter)} is deleted",
        ("A driver must not remove its filter while injections at that layer are under way.",),
        (TRANSACTIONS, documented("coordinate injection with adding and removing the filter")))


def rule_broken(_: Scene, event: ev.RuleBroken) -> Explanation:
    known = rules().get(event.rule)
    where = f" at `{escape(event.line)}`" if event.line else ""
    who = f" `{escape(event.driver)}`{where}." if event.driver else ""
    nbl = f" It concerns {event.nbl}." if event.nbl else ""
    led = "; then ".join(f"{escape(one.text)} (#{one.seq}{f', `{escape(one.line)}`' if one.line else ''})"
                         for one in event.evidence)
    return Explanation(
        f"{event.rule} is broken: {known.title}" if known else f"{event.rule} is broken",
        (f"{escape(event.detail)}{who}{nbl}", *((f"**How it came about:** {led}.",) if led else ()),
         *((escape(rule_text(known)), f"**Remedy:** {escape(known.remedy)}") if known else ())),
        (rule_source(known),))


def rule_source(rule: Rule | None) -> SourceNote:
    """Who states a rule of the catalogue. What is the engine's own invariant nobody documents."""
    if rule is None or rule.source.startswith("engine invariant"):
        return chosen("", "an invariant of the engine's verifier")
    words = source_words(rule.source)
    if rule.source.startswith("contracts"):
        return chosen("", words)
    return documented(words) if is_documented(rule.source) else observed(words)


def rule_text(rule: Rule) -> str:
    """What the rule demands."""
    return rule.rule


def foreign_hand_over(_: Scene, event: ev.ForeignHandOver) -> Explanation:
    return Explanation(
        f"{event.nbl} reaches {event.reached}, which never owned it",
        ((f"Injection {event.injection} was accepted at a layer whose module has no handlers. Its completion skips the "
         "module: the completion function never runs."),),
        (documented("callouts must exist at the injection layer; otherwise the NBL is not completed to you"),
         chosen("CH-29", "where the stray NBL goes")))


def bug_check_simulated(_: Scene, event: ev.BugCheckSimulated) -> Explanation:
    heading = f"The machine stops here: {event.code}"
    if event.code == "UNLOADED":
        return Explanation(
            heading, (f"{escape(event.reason)}. **Code that is gone cannot run.** The remaining frames are skipped.",),
            (UNLOADING,))
    return Explanation(
        heading,
        (f"{escape(event.reason)} The remaining frames are skipped.",),
        (chosen("CH-29", "`ub_policy`: stop before the bad hand-over, crash, leak or mask it"),))


def adversity_struck(_: Scene, event: ev.AdversityStruck) -> Explanation:
    return Explanation(
        f"A fault rule strikes: {event.rule}",
        (("Nobody in the policy does this: the fault rules of the run ask for it. A driver that keeps the rules comes "
          "through."),), (chosen("", "fault rules: `--help-options` lists them"),))


def adversity_ended(_: Scene, event: ev.AdversityEnded) -> Explanation:
    heading = "A fault rule could not strike" if event.why else "What a fault rule did is over"
    why = escape(event.why) if event.why else "The rule's `for_ns` has passed."
    return Explanation(f"{heading}: {event.rule}", (why,), (chosen("", "fault rules"),))


EXPLAINERS: dict[type[Any], Callable[[Scene, Any], Explanation]] = {
    ev.SessionBegan: session_began,
    ev.WorkStarted: work_started,
    ev.WorkQueued: work_queued,
    ev.DriverStarted: driver_started,
    ev.DriverStopped: driver_stopped,
    ev.TransactionBegan: transaction_began,
    ev.AdversityStruck: adversity_struck,
    ev.AdversityEnded: adversity_ended,
    ev.HandleCreated: handle_created,
    ev.HandleClosing: handle_closing,
    ev.HandleClosed: handle_closed,
    ev.Notified: notified,
    ev.CalloutRegistered: callout_registered,
    ev.CalloutUnregistered: callout_unregistered,
    ev.FilterAdded: filter_added,
    ev.FilterDeleted: filter_deleted,
    ev.RuleBroken: rule_broken,
    ev.ForeignHandOver: foreign_hand_over,
    ev.BugCheckSimulated: bug_check_simulated,
}
