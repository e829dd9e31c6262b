"""Injections: where they may happen, where they re-enter, what comes of them. Source: callouts-nbl-injection 11."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from engine.classify.option_field import option
from engine.classify.options_classify import ClassifyOptions

_inject = partial(option, group="Injection")
_nbls = partial(option, group="NBLs and references")
_complete = partial(option, group="Completion and Status")


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionOptions(ClassifyOptions):
    """Choices about injected NBLs."""

    ub_policy: str = _inject(
        "stop", "CH-29", "what an injection at a layer without a callout does: stop before the bad hand-over, "
        "simulated bug check, leak the NBL, or pretend that another vendor's callout is there; the first two also end "
        "the run at a receive injection of several NET_BUFFERs (M40), which the others refuse",
        ("stop", "crash", "leak", "masked"))
    injection_needs: str = _inject(
        "callout", "C2, 3.6", "what must stand at a layer for injections there to be completed: anybody's callout, any "
        "filter, or a callout of the injecting driver", ("callout", "filter", "own_callout"))
    handle_address_family: str = _inject(
        "any", "CH-20", "address family of an L2 injection handle: any, with a hint (M50), or AF_UNSPEC alone, others "
        "refused with STATUS_INVALID_PARAMETER", ("any", "unspec"))
    inject_checks: str = _inject(
        "refuse", "CH-21", "wrong flags, a layer of the other direction, no completion function: refused with "
        "STATUS_INVALID_PARAMETER, or accepted: the frame goes the way of the function, and nobody is called back",
        ("refuse", "misbehave"))
    unknown_interface: str = _inject(
        "async", "CH-22", "an injection on an interface or port that is not there: accepted and completed with a "
        "failure, or refused at once", ("async", "sync"))
    unknown_interface_status: int = _inject(0xC0000225, "CH-22, CH-30", "the Status of such an injection")
    ip_header_alignment: str = _inject(
        "info", "CH-23", "hint (X03) when an MDL that begins with the IP header is not aligned to a pointer on send",
        ("info", "off"))
    reentry_layer: str = _inject(
        "named", "CH-24", "where an injected frame enters: at the layer that the call names, or at the first one of "
        "its direction, as injections of the IP layers do", ("named", "first"))
    reenter_inline: str = _inject(
        "off", "CH-25", "an injected frame goes its whole way, completion included, inside of the injection call, so "
        "that callouts recurse, instead of being queued", ("off", "on"))

    cross_cpu_copy: str = _nbls(
        "off", "CH-07", "the engine copies the data when a work item, on another processor, clones what classify has "
        "referenced", ("off", "on"))
    injection_context: str = _nbls(
        "latest", "CH-31", "context that the state query gives when one handle has injected several times",
        ("latest", "first"))
    injection_history: str = _nbls(
        "copy", "CH-32", "the injection history of a cloned NBL: copied to the clone, or moved", ("copy", "move"))
    clone_of_chain: str = _nbls(
        "head", "CH-33", "what cloning the head of a chain clones: that NBL, or all behind it too", ("head", "whole"))
    receive_resources: str = _nbls(
        "off", "CH-35", "receive indications carry NDIS_RECEIVE_FLAGS_RESOURCES: the miniport wants its NBLs back when "
        "the call returns", ("off", "on"))
    resources_hold: str = _nbls(
        "deep_copy", "CH-35", "what a reference of such an NBL does: the engine copies its data (M62, a hint), or "
        "nothing protects the driver (M62, an error)", ("deep_copy", "unprotected"))

    completion_policy: str = _complete(
        "random_segments", "CH-27", "how NBLs of one injection are completed",
        ("single", "each", "random_segments", "reverse_each"))
    completion_merge: str = _complete(
        "never", "CH-26", "NBLs of different calls never share a completion: each call has a context of its own, and "
        "the function gets one", ("never",))
    blocked_send_status: int = _complete(0xC0000001, "CH-15", "Status given to the sender of a blocked frame")
    absorbed_send_status: int = _complete(0, "CH-15", "Status given to the sender of an absorbed frame")
    blocked_injection_status: int = _complete(0xC0000001, "CH-30", "Status of an injected frame that a filter blocks")
    absorbed_injection_status: int = _complete(0, "CH-30", "Status of an injected frame that a callout absorbs")
    oversize_status: int = _complete(0xC0000206, "CH-30", "Status of a sent frame larger than the MTU")
