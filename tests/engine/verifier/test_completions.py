"""What completion functions do wrong: M11 to M15."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from tests.builders.engines import Run
from tests.builders.findings import assert_found, found
from tests.builders.frames import sent
from tests.builders.injections import injecting

CHAIN = """
    def seen(self, fwps, values, meta, layer_data, out):
        data = layer_data.first_net_buffer.data()
        chain = [self.copy(fwps, data)[1] for _ in range(3)]
        for this, following in zip(chain, chain[1:]):
            this.next = following
        self.kept = chain
        self.context = {"left": 3}
        status = self.inject(fwps, values, chain[0], completion_context=self.context)
        out.absorb()
"""
FAILS = {"call": "completion", "nth": 2, "status": "0xC001000D"}


def completing(folder: Path, body: str, *, faults: tuple[dict[str, object], ...] = (), policy: str = "single") -> Run:
    """Three copies go out as one chain; `completed` has this body."""
    bench = injecting(folder, CHAIN + indent(dedent(body), "    "))
    return bench.run(sent(), faults=faults, completion_policy=policy)


def test_m11_a_failed_status_that_nobody_reads(tmp_path: Path) -> None:
    run = completing(
        tmp_path,
        """
        def completed(self, fwps, context, net_buffer_list, dispatch_level):  # M11
            for nbl in each(net_buffer_list):
                self.release(fwps, nbl)
        """,
        faults=(FAILS,),
    )

    (failed,) = found(run, "M11")
    assert "0xC001000D" in failed.detail
    assert_found(run, tmp_path, "M11", "1.2")


def test_m11_not_when_it_is_read_nor_when_all_went_well(tmp_path: Path) -> None:
    body = """
        def completed(self, fwps, context, net_buffer_list, dispatch_level):
            for nbl in each(net_buffer_list):
                READ
                self.release(fwps, nbl)
        """

    assert completing(tmp_path, body.replace("READ", "fwps.nt_success(nbl.status)"), faults=(FAILS,)).rules == []
    assert completing(tmp_path, body.replace("READ", "pass")).rules == []


TESTS = """
        def completed(self, fwps, context, net_buffer_list, dispatch_level):  # M12
            for nbl in each(net_buffer_list):
                lost = TEST
                self.release(fwps, nbl)
        """
INFORMATION, FAILURE = "0x00000103", "0xC001000D"


@pytest.mark.parametrize(
    ("test", "status"),
    [
        ("nbl.status != fwps.STATUS_SUCCESS", INFORMATION),
        ("not (nbl.status == 0)", INFORMATION),
        ("bool(nbl.status)", INFORMATION),
        ("nbl.status < 0", FAILURE),
        ("not nbl.status >= 0", FAILURE),
    ],
)
def test_m12_a_status_is_tested_in_another_way_than_with_nt_success(test: str, status: str, tmp_path: Path) -> None:
    run = completing(tmp_path, TESTS.replace("TEST", test), faults=(FAILS | {"status": status},))

    assert_found(run, tmp_path, "M12", "1.2")
    assert run.rules == ["M12"]


@pytest.mark.parametrize(
    ("test", "status"),
    [
        ("not fwps.nt_success(nbl.status)", INFORMATION),
        ("nbl.status != 0 and not fwps.nt_success(nbl.status)", INFORMATION),
        ("nbl.status & 0x80000000", FAILURE),
        ("nbl.status != fwps.STATUS_SUCCESS", FAILURE),
        ("nbl.status != fwps.STATUS_SUCCESS", "0x00000000"),
    ],
)
def test_m12_not_when_the_test_is_right_for_the_status(test: str, status: str, tmp_path: Path) -> None:
    assert completing(tmp_path, TESTS.replace("TEST", test), faults=(FAILS | {"status": status},)).rules == []


def test_m13_a_context_given_up_at_the_first_of_several_completions(tmp_path: Path) -> None:
    run = completing(
        tmp_path,
        """
        def completed(self, fwps, context, net_buffer_list, dispatch_level):  # M13
            context.clear()
            for nbl in each(net_buffer_list):
                self.release(fwps, nbl)
        """,
        policy="each",
    )

    assert_found(run, tmp_path, "M13", "1.1", "1.2", "1.3")
    assert [one.severity for one in found(run, "M13")] == ["E", "F", "F"]


def test_m13_not_when_the_last_one_gives_it_up(tmp_path: Path) -> None:
    run = completing(
        tmp_path,
        """
        def completed(self, fwps, context, net_buffer_list, dispatch_level):
            for nbl in each(net_buffer_list):
                context["left"] -= 1
                self.release(fwps, nbl)
            if not context["left"]:
                context.clear()
        """,
        policy="each",
    )

    assert run.rules == []


def test_m14_only_the_head_of_a_segment_is_freed(tmp_path: Path) -> None:
    run = completing(
        tmp_path,
        """
        def completed(self, fwps, context, net_buffer_list, dispatch_level):  # M14
            self.release(fwps, net_buffer_list)
        """,
    )

    assert_found(run, tmp_path, "M14", "1.2", "1.3")
    assert [one.nbl for one in found(run, "M47") if one.nbl] == ["1.2", "1.3"]


def test_m14_in_the_end_when_the_rest_was_looked_at_and_forgotten(tmp_path: Path) -> None:
    run = completing(
        tmp_path,
        """
        def completed(self, fwps, context, net_buffer_list, dispatch_level):  # M14
            statuses = [nbl.status for nbl in each(net_buffer_list)]
            self.release(fwps, net_buffer_list)
        """,
    )

    assert_found(run, tmp_path, "M14", "1.2", "1.3")


def test_m14_not_when_the_rest_is_freed_later(tmp_path: Path) -> None:
    run = completing(
        tmp_path,
        """
        def completed(self, fwps, context, net_buffer_list, dispatch_level):
            following = net_buffer_list.next
            self.release(fwps, net_buffer_list)
            if following is not None:
                fwps.queue_work(self.rest, fwps, following)

        def rest(self, fwps, nbl):
            for one in each(nbl):
                self.release(fwps, one)
        """,
    )

    assert run.rules == []


def test_m15_a_saved_pointer_is_freed_in_place_of_the_argument(tmp_path: Path) -> None:
    run = completing(
        tmp_path,
        """
        def completed(self, fwps, context, net_buffer_list, dispatch_level):
            mdl = self.kept[0].first_net_buffer.mdl_chain
            fwps.free_net_buffer_list(self.kept[0])  # M15
        """,
        policy="reverse_each",
    )

    # The head is the last to come back: until then it is in flight, and then it is what was passed.
    assert_found(run, tmp_path, "M15", "1.1", "1.1")
    assert [one.severity for one in found(run, "M15")] == ["W", "W"]
    assert len(found(run, "M18")) == 2


def test_m15_not_for_an_nbl_of_another_injection(tmp_path: Path) -> None:
    run = completing(
        tmp_path,
        """
        spare = None

        def start(self, fwps, config):
            super().start(fwps, config)
            self.spare = self.copy(fwps, bytes(60))[1]

        def completed(self, fwps, context, net_buffer_list, dispatch_level):
            spare, self.spare = self.spare, None
            if spare is not None:
                self.release(fwps, spare)
            for nbl in each(net_buffer_list):
                self.release(fwps, nbl)
        """,
    )

    assert run.rules == []
