"""Names of the ids that events carry, from the policy that was in force."""

from __future__ import annotations

from engine.report.wording import why_not
from engine.trace.events import FilterTested
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId, Guid


class Names:
    """Looks ids up in a policy; what it does not hold (any more) is named by its id."""

    def __init__(self, policy: Policy | None = None) -> None:
        self._policy = policy

    def filter(self, id_: FilterId) -> str:
        """`gateway rewrite`, else `filter 73507 (0x11F23)`."""
        known = self._policy.filter_by_id.get(id_) if self._policy else None
        return known.name if known else f"filter {id_} (0x{id_:X})"

    def sublayer(self, key: Guid) -> str:
        """`UNIVERSAL` for Windows' own, as every view writes it."""
        known = self._policy.sublayers.get(key) if self._policy else None
        return known.name.removeprefix("FWPM_SUBLAYER_") if known else f"sublayer {key}"

    def callout(self, key: Guid) -> str:
        known = self._policy.callouts.get(key) if self._policy else None
        return known.name if known else f"callout {key}"

    def mismatch(self, test: FilterTested) -> str:
        """What a filter that did not match saw: `VLAN_ID 0x6014`; empty when filter or field is not known."""
        known = self._policy.filter_by_id.get(test.filter) if self._policy else None
        why = why_not(known, test) if known else None
        return f"{why.field} {why.saw}" if why else ""
