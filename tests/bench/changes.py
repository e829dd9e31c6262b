"""What if, over frames in memory by class: one filter changed, and a policy of 3,000 filters.

Two captures: the mixed one, with some thousand kinds of headers among its frames, and one in which every frame has
addresses of its own, the worst there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from time import perf_counter

import msgspec
import numpy as np

from engine.bulk.columns import Classes
from engine.bulk.frame_classes import FrameClasses
from engine.bulk.table import FrameTable
from engine.bulk.whatif import Outcomes, WhatIf, finished
from engine.bulk.words import HAS_DESTINATION, HAS_SOURCE, HAS_TYPE, Words
from engine.frames.frame import Interface
from engine.wfp.apply import apply_document, update_document
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.objects import Condition, FilterSpec, Weight
from engine.wfp.policy import Policy
from engine.wfp.store import PolicyStore
from engine.wfp.types import ActionType, DataType
from tests.builders.policies import block, condition, ether_type, mac

RUNS = 5
CHANGE_GOAL_S, MANY_GOAL_S = 0.3, 3.0
KINDS = 3_000
TYPES = (0x0800, 0x0806, 0x86DD, 0x88CC)

Row = tuple[str, str, str]


def measure(frames: int = 10_000_000, fewer: int = 1_000_000) -> Iterator[Row]:
    """The rows: what, figure, note."""
    for what, count, kinds in (("mixed headers", frames, KINDS), ("no two headers alike", fewer, fewer)):
        source = made(count, kinds)
        few, many = policy_of(20), policy_of(3_000)
        seconds = changed(source, few)
        yield (f"what if: one of 20 filters changed, {count:,} frames, {what}", f"{seconds * 1000:.1f} ms",
               _against(seconds, CHANGE_GOAL_S))
        if count > fewer:
            source = made(fewer, kinds)
        seconds = changed(source, many)
        yield (f"what if: one of 3,000 filters changed, {fewer:,} frames, {what}", f"{seconds * 1000:.1f} ms",
               _against(seconds, CHANGE_GOAL_S))
        policy = apply_document(PolicyStore(), many)
        seconds = _best(partial(_outcomes, source, policy))
        yield (f"bulk: 3,000 filters over {fewer:,} frames, {what}", f"{seconds:.2f} s", _against(seconds, MANY_GOAL_S))


def made(frames: int, kinds: int) -> FrameClasses:
    """So many frames, with so many different headers."""
    random = np.random.default_rng(1)
    base = np.uint64(0x0200_0000_0000)
    near = base | random.integers(0, 4_000, kinds, dtype=np.uint64)
    far = base | random.integers(0, 1 << 24, kinds, dtype=np.uint64)
    types = random.choice(np.array(TYPES, np.uint64), kinds) << np.uint64(48)
    flags = HAS_DESTINATION | HAS_SOURCE | HAS_TYPE
    words: Words = np.stack([near | types, far, np.full(kinds, flags, np.uint64)], axis=1)
    table = FrameTable()
    numbers = table.known_classes.enter(words)
    places = np.arange(frames) % kinds
    while table.count < frames:
        room = table.room(frames - table.count)
        room.classes[:] = numbers[places[table.count : table.count + len(room.classes)]]
        room.offsets[:] = 0
        table.filled(len(room.classes), table.classes)
    interface = Interface(id=0, name="eth0", mac=None, link_type=1)
    outbound = random.random(table.classes) < 0.5
    return FrameClasses(Classes(table.words, [interface], outbound), table)


def policy_of(filters: int) -> PolicyDocument:
    """Filters by remote address, every second with a type as well."""
    return PolicyDocument(filters=tuple(_filter(number) for number in range(filters)))


def _filter(number: int) -> FilterSpec:
    layer = (INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET)[number % 2]
    conditions = [_remote(number)]
    if number % 4 < 2:
        conditions.append(ether_type(TYPES[number % 3]))
    made_so = block(f"filter {number}", *conditions, layer=layer)
    return msgspec.structs.replace(made_so, weight=Weight(type=DataType.FWP_UINT64, value=number + 1))


def _remote(number: int) -> Condition:
    return condition("MAC_REMOTE_ADDRESS", mac(f"02:00:00:00:{number >> 8:02x}:{number & 0xFF:02x}"))


def changed(source: FrameClasses, document: PolicyDocument) -> float:
    """Seconds from an edit of one filter to the frames whose fate differs: another address, and another action."""
    store, what_if = PolicyStore(), WhatIf(source)
    old = finished(what_if.outcomes(apply_document(store, document)))
    first, *others = document.filters
    edits = [replace(document, filters=(edited, *others)) for edited in (
        msgspec.structs.replace(first, action=ActionType.FWP_ACTION_PERMIT),
        msgspec.structs.replace(first, conditions=(_remote(3_999),)))]
    return max(_edit(store, what_if, old, document, edited) for edited in edits)


def _edit(store: PolicyStore, what_if: WhatIf, old: Outcomes, before: PolicyDocument, after: PolicyDocument) -> float:
    times = []
    for _ in range(RUNS):
        begun = perf_counter()
        new = finished(what_if.outcomes(update_document(store, before, after)))
        finished(what_if.difference(old, new))
        times.append(perf_counter() - begun)
        old = finished(what_if.outcomes(update_document(store, after, before)))
    return min(times)


def _outcomes(source: FrameClasses, policy: Policy) -> Outcomes:
    return finished(WhatIf(source).outcomes(policy))


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    return min(times)


def _against(seconds: float, goal: float) -> str:
    return f"goal {goal} s: {'reached' if seconds <= goal else 'not reached'}"
