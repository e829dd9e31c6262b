"""The rules as `--help-options` and the window's options page tell them."""

from __future__ import annotations

from textwrap import wrap

from engine.classify.adversity.calls import CALLS, WITHOUT_STATUS

COLUMNS = 100

RULES: tuple[tuple[str, str], ...] = (
    ('{"call": "FwpsAllocateCloneNetBufferList0", "nth": 2, "status": "0xC000009A"}',
     (f"a call fails; `completion` puts the status into NBL.Status, and what gives no status returns NULL "
      f"({', '.join(WITHOUT_STATUS)}). Calls: {', '.join(CALLS)}")),
    ('{"do": "delay_completion", "nth": 1, "ns": 1000000}', "completions of an injection come so much later"),
    ('{"do": "reorder_completions", "share": 0.5, "ns": 100000}',
     ("NBLs of an injection are completed one by one in a seeded order, up to `ns` apart, so that injections overtake "
      "each other")),
    ('{"do": "segment_completions", "nth": 1, "sizes": [2, 1]}',
     "NBLs are completed in segments of these sizes; the last size goes on"),
    ('{"do": "restart_module", "module": "native", "frame": 3, "after_ns": 5000}',
     "a filter module (802.3 or native) pauses and restarts, at the frame's interface or at `interface`"),
    ('{"do": "remove_interface", "frame": 3, "for_ns": 1000000}',
     "the interface goes, for good or for `for_ns`; what is in flight there completes with 0xC0230018"),
    ('{"do": "disconnect_media", "frame": 3, "for_ns": 1000000}', "the cable is out; sends complete with 0xC023001F"),
    ('{"do": "close_handle", "frame": 3, "driver": "reflect"}',
     "the driver's injection handles begin to close: its injections are refused with 0xC0220101"),
    ('{"do": "delete_filter", "frame": 3, "filter": "no ARP"}', "somebody else deletes a filter, by name or key"),
    ('{"do": "unload_driver", "frame": 3, "driver": "reflect"}', "the driver (its script's name) is unloaded"),
    ('{"do": "leave_s0", "frame": 3, "for_ns": 1000000}', "the machine leaves S0 and comes back"),
)
"""An example of each kind, and what it does."""

WHEN = (
    'Each rule has one of "nth": 2 (the second), "share": 0.1 (a tenth, drawn from the seed), "frame": 12 (of that '
    "frame; with a call also beside nth or share, and 0 for what belongs to no frame). Counted are uses of the call, "
    "accepted injections, or frames that arrive; \"after_ns\" strikes so long after the frame's arrival in place of "
    "right before it."
)


def rule_lines() -> list[str]:
    """`--help-options`: the fault rules of a policy's \"faults\" and of `--fault`."""
    lines = ["", "Fault rules, in a policy's \"faults\" or as --fault JSON:"]
    for example, meaning in RULES:
        lines += [example, *wrap(meaning, COLUMNS, initial_indent="    ", subsequent_indent="    ")]
    return [*lines, *wrap(WHEN, COLUMNS)]
