"""What a row of the policy has no room for: its tooltip, and what an author should look at again."""

from __future__ import annotations

from engine.wfp.diagnostics import Diagnostic, diagnose
from engine.wfp.policy import Policy
from engine.wfp.types import Guid
from gui.models.policy.rows import CalloutRow, FilterRow, ProviderRow, Row, SublayerRow


def hints_of(policy: Policy) -> dict[Guid, list[Diagnostic]]:
    """Every diagnostic of a policy by the key of its object."""
    found: dict[Guid, list[Diagnostic]] = {}
    for one in diagnose(policy):
        if one.key is not None:
            found.setdefault(one.key, []).append(one)
    return found


def tool_tip(row: Row) -> str:
    """All that the row has no room for."""
    match row:
        case FilterRow():
            id_ = "not applied yet" if row.id is None else f"{row.id} (0x{row.id:X})"
            weight = "unknown" if row.effective is None else str(row.effective)
            callout = f"\ncallout {row.callout.name}" if row.callout is not None else ""
            return (f"{row.spec.name}\nfilter id {id_}\n{row.spec.layer}\n{row.spec.action.name}{callout}\n"
                    f"effective weight {weight}\n{row.key}")
        case SublayerRow():
            return f"{row.name}\nsublayer, weight {row.weight}\n{row.key}"
        case CalloutRow():
            state = "registered" if row.spec.registered else "no driver registers it"
            return (f"{row.name}\ncallout for {row.spec.layer}, {state}\n{row.spec.script} {row.spec.class_}".rstrip()
                    + f"\n{row.key}")
        case ProviderRow():
            return f"{row.name}\nprovider\n{row.key}" if row.key else "Filters that name no provider"


def hint_text(hint: Diagnostic) -> str:
    """`C14: same effective weight …; give them different weights`."""
    return f"{hint.rule}: {hint.text}; {hint.remedy}"
