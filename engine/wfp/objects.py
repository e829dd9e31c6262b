"""What a policy holds: providers, sublayers, callouts and filters.

A `…Spec` is what a caller gives to add, and what a policy file holds; the object of the same name without `Spec` is
what the filter engine made of it. Source: layers-and-filters 4.1 to 4.4, 4.7; contracts 2.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

import msgspec

from engine.wfp.types import ActionType, CalloutFlag, CalloutId, DataType, FilterFlag, FilterId, Guid, MatchType
from engine.wfp.values import ConditionValue

SessionId = NewType("SessionId", int)
"""A session of a policy store."""


class ObjectKind(StrEnum):
    """Keys are unique within a kind only [win32: object-management.md]."""

    PROVIDER = "provider"
    SUBLAYER = "sublayer"
    CALLOUT = "callout"
    FILTER = "filter"


class Lifetime(StrEnum):
    """How long an object lives [win32: object-management.md]."""

    DYNAMIC = "dynamic"
    """Until its session ends."""
    STATIC = "static"
    """Until it is deleted or BFE stops."""
    PERSISTENT = "persistent"
    """Until it is deleted."""
    BUILT_IN = "built-in"
    """For ever."""


class ProviderSpec(msgspec.Struct, frozen=True, kw_only=True):
    """FWPM_PROVIDER0."""

    name: str
    key: Guid | None = None
    """None: derived from the name."""
    description: str = ""
    persistent: bool = False
    service_name: str | None = None
    service_is_auto_start: bool = True


class Provider(ProviderSpec, frozen=True, kw_only=True):
    key: Guid
    lifetime: Lifetime
    session: SessionId | None = None
    """The session that a dynamic object dies with."""
    disabled: bool = False
    """FWPM_PROVIDER_FLAG_DISABLED: its filters are not enforced (C11)."""


class SublayerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """FWPM_SUBLAYER0."""

    name: str
    key: Guid | None = None
    """None: derived from the name."""
    description: str = ""
    weight: int = 0
    """UINT16; the higher is visited first."""
    provider: Guid | None = None
    persistent: bool = False


class Sublayer(SublayerSpec, frozen=True, kw_only=True):
    """A sublayer of the engine; `weight` is the one it got, unique among all sublayers (C15)."""

    key: Guid
    requested_weight: int
    lifetime: Lifetime
    session: SessionId | None = None


class CalloutSpec(msgspec.Struct, frozen=True, kw_only=True):
    """FWPM_CALLOUT0, and the class that stands for its driver."""

    name: str
    layer: str
    """applicableLayer: only filters of that layer may name it. Management name, whole."""
    key: Guid | None = None
    """None: derived from the name."""
    description: str = ""
    provider: Guid | None = None
    script: str = ""
    """Path of the Python file, relative to the policy file; empty for a callout that no driver registers."""
    class_: str = ""
    """Name of the class in it."""
    flags: CalloutFlag = CalloutFlag(0)
    """Given at registration (FWPS_CALLOUT2)."""
    config: object = None
    """Any JSON; handed to `start()`."""
    registered: bool = True
    """Whether its driver registers it."""
    persistent: bool = False


class CalloutObject(CalloutSpec, frozen=True, kw_only=True):
    """A management callout of the engine."""

    key: Guid
    id: CalloutId
    layer_id: int
    lifetime: Lifetime
    session: SessionId | None = None


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """FWPM_FILTER_CONDITION0."""

    field: str
    """Suffix of the field: `ETHER_TYPE`."""
    match: MatchType
    value: ConditionValue
    field_index: int = -1
    """Index into the layer's values; -1 until the filter is added."""


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """FWP_EMPTY, FWP_UINT8 0 to 15 or FWP_UINT64."""

    type: DataType = DataType.FWP_EMPTY
    value: int = 0


EMPTY_WEIGHT = Weight()


class FilterSpec(msgspec.Struct, frozen=True, kw_only=True):
    """FWPM_FILTER0 without its output members."""

    name: str
    layer: str
    """Management name, whole."""
    action: ActionType
    key: Guid | None = None
    """None: derived from the name."""
    description: str = ""
    provider: Guid | None = None
    flags: FilterFlag = FilterFlag.FWPM_FILTER_FLAG_NONE
    sublayer: Guid | None = None
    """None: the layer's default, FWPM_SUBLAYER_UNIVERSAL."""
    weight: Weight = EMPTY_WEIGHT
    conditions: tuple[Condition, ...] = ()
    callout: Guid | None = None
    enabled: bool = True
    """False keeps it in the policy file without adding it."""


class Filter(FilterSpec, frozen=True, kw_only=True):
    """A filter of the engine."""

    key: Guid
    sublayer: Guid
    id: FilterId
    layer_id: int
    effective_weight: int
    """UINT64; within a sublayer the higher is tried first."""
    lifetime: Lifetime
    session: SessionId | None = None


AnySpec = ProviderSpec | SublayerSpec | CalloutSpec | FilterSpec
AnyObject = Provider | Sublayer | CalloutObject | Filter
