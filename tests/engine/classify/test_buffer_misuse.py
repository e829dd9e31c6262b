"""What a driver does wrong with NBLs, and what becomes of frames that it holds. Source: 2.4, 5.6, 5.8, 7."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import (
    OUTBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_NATIVE,
)
from tests.builders.engines import BATCH, UNKNOWN, Bench
from tests.builders.frames import sent
from tests.builders.injections import seeing

MISUSES = {
    "a clone freed twice": ("free_clone(clone)\nfree_clone(clone)", ["M16"]),
    "an MDL freed twice": (
        "mdl = fwps.allocate_mdl(None, bytearray(4), 4)\nfwps.free_mdl(mdl)\nfwps.free_mdl(mdl)\nfree_clone(clone)",
        ["M16"],
    ),
    "an MDL of the engine freed": ("fwps.free_mdl(layer_data.first_net_buffer.mdl_chain)\nfree_clone(clone)", ["M17"]),
    "a clone freed as a new one": ("fwps.free_net_buffer_list(clone)\nfree_clone(clone)", ["M17"]),
    "a copy freed as a clone": (
        ("free_clone(clone)\nstatus, copy = self.copy(fwps, bytes(60))\nfree_clone(copy)\nself.release(fwps, copy)"),
        ["M17"],
    ),
    "the original freed": ("free_clone(layer_data)\nfree_clone(clone)", ["M17"]),
    "a clone freed in flight": ("self.inject(fwps, values, clone)\nfree_clone(clone)", ["M18"]),
    "a clone read in flight": ("self.inject(fwps, values, clone)\nclone.first_net_buffer", ["M19"]),
    "a clone injected twice": ("self.inject(fwps, values, clone)\nself.inject(fwps, values, clone)", ["M20"]),
    "a clone read after it was freed": ("free_clone(clone)\nclone.status", ["M19"]),
    "a clone of a freed clone": (
        "free_clone(clone)\nassert fwps.allocate_clone_net_buffer_list(clone)[0] != 0",
        ["M19"],
    ),
    "a freed clone injected": ("free_clone(clone)\nassert self.inject(fwps, values, clone) != 0", ["M19"]),
    "a parent freed before its clone": (
        ("status, second = fwps.allocate_clone_net_buffer_list(clone)\nfree_clone(clone)\nfree_clone(second)"),
        ["M49"],
    ),
    "a dereference too many": ("free_clone(clone)\nfwps.dereference_net_buffer_list(layer_data, True)", ["M56"]),
    "the WFP slot written": ("free_clone(clone)\nlayer_data.net_buffer_list_info[10] = 1", ["M55"]),
    "flags of the clone call": (
        "free_clone(clone)\nassert fwps.allocate_clone_net_buffer_list(layer_data, None, None, 4)[1] is None",
        ["M53"],
    ),
    "a freed MDL read": (
        "free_clone(clone)\nmdl = fwps.allocate_mdl(None, bytearray(4), 4)\nfwps.free_mdl(mdl)\nmdl.data()",
        ["M19"],
    ),
}


@pytest.mark.parametrize("what", MISUSES)
def test_a_misuse_is_named_where_it_happens_and_the_run_goes_on(what: str, tmp_path: Path) -> None:
    body, rules = MISUSES[what]
    run = seeing(
        tmp_path,
        "free_clone = fwps.free_clone_net_buffer_list\nstatus, clone = self.clone(fwps, meta, layer_data)\n"
        + body
        + "\nout.absorb()",
        OUTBOUND_MAC_FRAME_ETHERNET,
    )

    assert run.failures == []
    assert [rule for rule in run.rules if rule != "M38"] == rules
    assert next(event for event in run.of(ev.RuleBroken) if event.rule == rules[0]).line.startswith("driver.py:")
    assert run.outcomes == {1: "absorbed"}


def test_what_is_left_at_unload_is_told_with_the_line_that_allocated_it(tmp_path: Path) -> None:
    run = seeing(
        tmp_path,
        """
self.clone(fwps, meta, layer_data)
fwps.reference_net_buffer_list(layer_data, False)
mdl = fwps.allocate_mdl(None, bytearray(9), 9)
out.absorb()
""",
        OUTBOUND_MAC_FRAME_ETHERNET,
    )

    left = [(event.rule, event.nbl) for event in run.of(ev.RuleBroken)]
    assert left == [("M56", "1.0"), ("M47", "1.1"), ("M47", None)]
    assert run.outcomes == {1: "absorbed"}


def test_the_original_of_a_delivered_frame_waits_for_its_clone_and_reference_too(tmp_path: Path) -> None:
    run = seeing(
        tmp_path,
        """
status, clone = self.clone(fwps, meta, layer_data)
fwps.reference_net_buffer_list(layer_data, False)
fwps.set_timer(9_000, fwps.free_clone_net_buffer_list, clone, 0)
fwps.set_timer(5_000, fwps.dereference_net_buffer_list, layer_data, True)
out.permit()
""",
        OUTBOUND_MAC_FRAME_ETHERNET,
    )

    ends = run.kinds(frame=1)
    assert ends[ends.index("FrameDelivered") :] == [
        "FrameDelivered",
        "OriginalHeld",
        "WorkStarted",
        "NblDereferenced",
        "WorkStarted",
        "NblFreed",
        "OriginalReleased",
        "OriginalCompleted",
        "FrameFinished",
    ]
    assert (run.rules, run.outcomes) == ([], {1: "sent"})


def test_an_injected_clone_that_another_driver_holds_is_completed_when_it_lets_go(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            status, clone = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, clone)
            out.absorb()
    """)
    bench.calls("clones", OUTBOUND_MAC_FRAME_ETHERNET)
    bench.driver(
        """
        def seen(self, fwps, values, meta, layer_data, out):
            fwps.reference_net_buffer_list(layer_data, True)
            fwps.set_timer(50_000_000, fwps.dereference_net_buffer_list, layer_data, True)
            out.absorb()
    """,
        "pends.py",
    )
    bench.calls("pends", OUTBOUND_MAC_FRAME_NATIVE, script="pends.py")
    run = bench.run(sent())

    ends = run.kinds(frame=1)
    assert ends[ends.index("NblDereferenced") :] == [
        "NblDereferenced",
        "OriginalReleased",
        "InjectionEnded",
        "InjectCompleted",
        "NblFreed",
        "OriginalReleased",
        "OriginalCompleted",
        "CompletionReturned",
        "FrameFinished",
    ]
    assert run.one(ev.InjectionEnded).outcome == "absorbed"
    assert run.rules == []


@pytest.mark.parametrize(
    ("call", "rules"),
    [
        ("assert fwps.allocate_clone_net_buffer_list(layer_data) == (fwps.STATUS_INVALID_PARAMETER, None)", ["M22"]),
        ("fwps.reference_net_buffer_list(layer_data, True)", ["M23"]),
        ("fwps.dereference_net_buffer_list(layer_data, True)", ["M24"]),
    ],
)
def test_under_the_batch_flag_the_forbidden_functions_answer_as_ch_18_says(
    call: str, rules: list[str], tmp_path: Path
) -> None:
    run = seeing(tmp_path, call + "\nout.absorb()", OUTBOUND_MAC_FRAME_ETHERNET, flags=BATCH)

    assert run.failures == []
    assert [rule for rule in run.rules if rule in ("M22", "M23", "M24", "M25")] == rules
    held = rules == ["M23"]  # a phantom reference can never be given back
    assert run.kinds(frame=1)[-1] == "FrameFinished"
    assert ("M56" in run.rules, len(run.of(ev.OriginalCompleted))) == (held, not held)


def test_the_batch_flag_of_one_driver_makes_anothers_clone_fail(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("def seen(self, fwps, values, meta, layer_data, out):\n    pass\n", "batch.py")
    bench.calls("batch", OUTBOUND_MAC_FRAME_ETHERNET, script="batch.py", flags=BATCH, action=UNKNOWN, weight=2)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            self.status, clone = self.clone(fwps, meta, layer_data)
            if clone is not None:
                fwps.free_clone_net_buffer_list(clone, 0)
            out.permit()
    """)
    bench.calls("victim", OUTBOUND_MAC_FRAME_ETHERNET, weight=1)

    assert [event.status for event in bench.run(sent()).of(ev.NblCloned)] == [0xC000000D]
    assert [event.status for event in bench.run(sent(), batch_taint_scope="own").of(ev.NblCloned)] == [0]
