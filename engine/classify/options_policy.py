"""What the filter engine refuses, how it orders, and what the fields of a frame are.

Source: layers-and-filters 8; callouts-nbl-injection 11.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from engine.classify.option_field import option

_bfe = partial(option, group="Policy and filters")
_fields = partial(option, group="Fields and metadata")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOptions:
    """Choices about objects, and about what a layer sees of a frame."""

    layer_ids: str = _bfe(
        "windows_10", "C1", "run-time ids 56 to 59; every other build has its own, and an imported state file keeps "
        "its ids for itself: objects go by GUID and name", ("windows_10",))
    fast_layers: str = _bfe(
        "read_only", "C4", "the FAST layers are shown and refuse every filter; nobody outside Microsoft knows what "
        "happens there, so there is nothing to choose", ("read_only",))
    not_equal_on_mac: str = _bfe(
        "warn", "C8", "NOT_EQUAL on a MAC address: accepted with a warning, or refused", ("warn", "refuse"))
    duplicate_conditions: str = _bfe(
        "refuse", "C9", "conditions on one field that are not adjacent: refused, or AND-ed", ("refuse", "and"))
    validation_order: str = _bfe(
        "documented", "C10", "of several mistakes the first in this order is told: transaction, name, layer, sublayer, "
        "provider, flags, weight, action, callout, conditions, lifetimes, key, rights; another order finds the same "
        "mistakes", ("documented",))
    layer_mismatch_code: str = _bfe(
        "FWP_E_INCOMPATIBLE_LAYER", "CH-03", "what a filter is refused with whose callout is for another layer",
        ("FWP_E_INCOMPATIBLE_LAYER", "FWP_E_INVALID_PARAMETER", "FWP_E_CALLOUT_NOT_FOUND"))
    disabled_providers: str = _bfe(
        "not_auto_start", "C11", "whose filters BFE does not enforce after its start: of providers whose service does "
        "not start by itself, or of those without a service name too", ("not_auto_start", "or_no_service"))
    continue_action: str = _bfe(
        "accept", "C12", "FWP_ACTION_CONTINUE as a filter's own action: accepted with a warning, or refused with "
        "FWP_E_INVALID_ACTION_TYPE", ("accept", "refuse"))
    auto_weight: str = _bfe(
        "specificity", "C13", "automatic weight of a filter: how few values its conditions let through, each field in "
        "its own bits, or only how many fields have a condition", ("specificity", "condition_count"))
    weight_tie: str = _bfe(
        "older_first", "C14", "which of two filters of equal weight is tried first", ("older_first", "newer_first"))
    sublayer_weight_taken: str = _bfe(
        "move_down", "C15", "where a sublayer goes whose weight is taken: to the next free one below, or above",
        ("move_down", "move_up"))
    foreign_dynamic_reference: str = _bfe(
        "wrong_session", "C16", "naming a dynamic object of another session: FWP_E_WRONG_SESSION or "
        "FWP_E_LIFETIME_MISMATCH", ("wrong_session", "lifetime_mismatch"))
    cross_provider_deletion: str = _bfe(
        "report", "C17", "deleting another provider's object: done and reported, or refused with ERROR_ACCESS_DENIED",
        ("report", "refuse"))
    netsh_mac_element: str = _bfe(
        "byteArray6", "C22", "element of a MAC address in netsh's XML; no public sample says otherwise, and reading "
        "takes the other spellings too", ("byteArray6",))
    net_event_form: str = _bfe(
        "classifyDropMac", "C23", "element of a MAC drop event in netsh's XML, with the members of the structure; no "
        "public sample says otherwise", ("classifyDropMac",))

    default_action: str = _fields(
        "permit", "C3", "verdict of a layer at which no sublayer has decided", ("permit", "block"))
    qinq_fields: str = _fields(
        "outer", "C5.1", "VLAN_ID and ETHER_TYPE of a frame with several tags: of the outer tag, or of the inner one",
        ("outer", "inner"))
    snap_ether_type: str = _fields(
        "snap", "C5.2", "ETHER_TYPE of an LLC/SNAP frame with OUI 0: the SNAP type, or the length that stands in its "
        "place", ("snap", "length"))
    short_frame_fields: str = _fields(
        "empty", "C5.3", "fields that a frame is too short for: FWP_EMPTY, which no condition matches, or zero",
        ("empty", "zero"))
    connector_flag: str = _fields(
        "physical", "C6", "IF_CONNECTOR_PRESENT in L2_FLAGS: of physical adapters, or of none", ("physical", "never"))
    ethernet_metadata: str = _fields(
        "both_directions", "CH-08", "ETHERNET_MAC_HEADER_SIZE is there at 56 and 57, or only at 56, as documented",
        ("both_directions", "inbound_only"))
    frame_length: str = _fields(
        "supplied", "C7, CH-08", "ETHER_FRAME_LENGTH at 56 and 57; the documentation says that Windows does not set it",
        ("supplied", "absent"))
    multi_nb_values: str = _fields(
        "first", "CH-34", "which NET_BUFFER of a send with several the values describe", ("first", "last"))
