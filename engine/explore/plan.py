"""Which cases a seed draws: other seeds, completions, chains, failing calls, and what happens to the machine.

Only what can happen to any driver: whoever keeps the rules has no finding under it. Hence no filter is deleted by
strangers, and the machine stays in S0 (M73 names whoever holds an NBL just then and has no power callback).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import PurePosixPath
from random import Random

from engine.classify.adversity.calls import ALLOCATIONS, COMPLETION, INJECTIONS
from engine.explore.case import Case, Rule
from engine.explore.laboratory import Laboratory
from engine.ndis.status import Status
from engine.wfp.layers import layer_by_name
from engine.wfp.types import ActionType

POLICIES = ("single", "each", "random_segments", "reverse_each")
CHAINS = ("1", "1", "2", "3", "8")
DELAYS_NS = (20_000, 200_000, 5_000_000, 200_000_000)
MOMENTS_NS = (0, 5_000, 15_000, 25_000)
"""Right before a frame, while what was injected for it is on its way, and while it is being completed."""
MOST_RULES = 3
NTHS, SHARES = 12, (0.02, 0.1, 0.3, 0.6)
SPACE = 1 << 31

LOST = (0xC001000D, 0xC0000206, 0x80000005, 0x00000103, 0x40000000)
"""What comes back in NBL.Status: two errors, a warning, and two successes that are not STATUS_SUCCESS (3.7)."""


def cases(laboratory: Laboratory, base: Case, runs: int, calls: Collection[str]) -> Iterator[Case]:
    """Yield so many cases, drawn from the base case's seed. `calls`: those that the drivers use."""
    drawer = _Drawer(laboratory, base, calls)
    for _ in range(runs):
        yield drawer.case()


class _Drawer:
    """Draws cases for one policy and its frames."""

    def __init__(self, laboratory: Laboratory, base: Case, calls: Collection[str]) -> None:
        self._base, self._dice = base, Random(f"{base.seed}:explore")
        self._calls = [call for call in (*ALLOCATIONS, *INJECTIONS) if call in calls]
        self._completes = COMPLETION in calls
        document = laboratory.document
        self._given = set(laboratory.options.changed()) | set(document.options)
        registered = [one for one in document.callouts if one.registered and one.script]
        self._drivers = sorted({PurePosixPath(one.script.replace("\\", "/")).stem for one in registered})
        layers = [layer_by_name(one.layer) for one in document.filters if ActionType(one.action).is_callout]
        self._modules = sorted({"native" if layer.is_native else "802.3" for layer in layers if layer is not None})
        self._kinds = self._possible()

    def _possible(self) -> list[Callable[[], Rule]]:
        if not self._drivers:
            return []
        kinds: list[Callable[[], Rule]] = []
        if self._calls:
            kinds += [self._call, self._call]
        if self._completes:
            kinds += [self._completion, self._delay, self._reorder, self._segment]
        if self._base.frames:
            kinds += [self._remove, self._disconnect, self._close, self._unload]
            if self._modules:
                kinds += [self._restart]
        return kinds

    def case(self) -> Case:
        dice, options = self._dice, {}
        for name, values in (("completion_policy", POLICIES), ("rx_chain", CHAINS), ("tx_chain", CHAINS)):
            value = dice.choice(values)
            if name not in self._given and dice.random() < 0.7:
                options[name] = value
        count = dice.randrange(MOST_RULES + 1) if self._kinds else 0
        faults = tuple(dice.choice(self._kinds)() for _ in range(count))
        return Case(seed=dice.randrange(1, SPACE), options=tuple(sorted(options.items())), faults=faults,
                    frames=self._base.frames)

    # --- kinds of rules --------------------------------------------------------------------------------------------

    def _when(self) -> dict[str, object]:
        dice = self._dice
        return {"nth": dice.randrange(1, NTHS)} if dice.random() < 0.5 else {"share": dice.choice(SHARES)}

    def _call(self) -> Rule:
        call = self._dice.choice(self._calls)
        return {"call": call, **self._when(), "status": f"0x{Status.STATUS_INSUFFICIENT_RESOURCES:08X}"}

    def _completion(self) -> Rule:
        return {"call": COMPLETION, **self._when(), "status": f"0x{self._dice.choice(LOST):08X}"}

    def _delay(self) -> Rule:
        return {"do": "delay_completion", **self._when(), "ns": self._dice.choice(DELAYS_NS)}

    def _reorder(self) -> Rule:
        return {"do": "reorder_completions", **self._when(), "ns": self._dice.choice(DELAYS_NS)}

    def _segment(self) -> Rule:
        sizes = [self._dice.randrange(1, 4) for _ in range(self._dice.randrange(1, 4))]
        return {"do": "segment_completions", **self._when(), "sizes": sizes}

    # --- what happens to the machine -------------------------------------------------------------------------------

    def _moment(self) -> dict[str, object]:
        dice = self._dice
        moment: dict[str, object] = {"frame": dice.choice(self._base.frames)}
        after_ns = dice.choice(MOMENTS_NS)
        return moment | ({"after_ns": after_ns} if after_ns else {})

    def _restart(self) -> Rule:
        return {"do": "restart_module", "module": self._dice.choice(self._modules), **self._moment()}

    def _close(self) -> Rule:
        return {"do": "close_handle", "driver": self._dice.choice(self._drivers), **self._moment()}

    def _remove(self) -> Rule:
        return {"do": "remove_interface", **self._moment(), "for_ns": self._dice.choice(DELAYS_NS)}

    def _disconnect(self) -> Rule:
        return {"do": "disconnect_media", **self._moment(), "for_ns": self._dice.choice(DELAYS_NS)}

    def _unload(self) -> Rule:
        return {"do": "unload_driver", "driver": self._dice.choice(self._drivers), **self._moment()}
