"""The exhaustive walk fails each call path once and finds what a careless driver does then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.classify.options import EngineOptions
from engine.explore.discovery import Discovery, Site
from engine.explore.laboratory import Laboratory
from engine.explore.walk import walk
from engine.frames.capture import open_capture
from engine.frames.frame import Direction
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE
from engine.wfp.policy_file import load_policy
from gui.models.scripts.templates import Template, templates
from tests.builders.engines import Bench
from tests.builders.findings import marked
from tests.builders.frames import received
from tests.builders.laboratories import CAREFUL, GOOD, LEAKS_WHEN_REFUSED, done, explored, laboratory
from tests.builders.templates import document_of, mixed
from tests.contract.test_callout_api import REFLECT
from tests.corpus import REPOSITORY

SAMPLES = REPOSITORY / "resources" / "samples"
GOOD_STORIES = [path.stem for path in sorted((REPOSITORY / "tests" / "scenarios" / "golden").glob("*.json"))
                if not json.loads(path.read_text(encoding="utf-8"))["findings"]]
CLONE, INJECT = "FwpsAllocateCloneNetBufferList0", "FwpsInjectMacSendAsync0"
RETRIES = CAREFUL.replace("RELEASE", """if fwps.nt_success(self.inject(fwps, values, clone)):
            out.absorb()
            return  # and leaked when both fail""")


def rules(found: list[Discovery]) -> set[str]:
    return {one.seen.key.rule for one in found}


def test_a_careful_driver_comes_through_with_every_site_failed(tmp_path: Path) -> None:
    found, end = explored(walk(laboratory(tmp_path, GOOD), 1, all_findings=True))

    assert found == []
    assert end.sites == 5
    assert end.runs == 7
    assert end.is_whole


@pytest.mark.parametrize("name", GOOD_STORIES)
def test_the_good_samples_come_through(name: str) -> None:
    document = load_policy(SAMPLES / name / "policy.json")
    with open_capture(SAMPLES / name / "capture.pcapng") as capture:
        lab = Laboratory(document, EngineOptions().with_all(document.options), list(capture))

    assert explored(walk(lab, 1, all_findings=True))[0] == []


@pytest.mark.parametrize("template", templates(), ids=lambda one: one.id)
def test_the_shipped_callouts_come_through(template: Template, tmp_path: Path) -> None:
    layer = template.layers[0]
    frames = mixed(layer.direction is Direction.INBOUND)
    lab = Laboratory(document_of(tmp_path, template, layer), EngineOptions(), frames)

    assert explored(walk(lab, 1, all_findings=True))[0] == []


def test_a_leak_behind_a_refused_injection_is_found_with_its_site(tmp_path: Path) -> None:
    found, end = explored(walk(laboratory(tmp_path, LEAKS_WHEN_REFUSED), 1))

    assert rules(found) == {"M47", "M20a"}
    assert {one.site.call for one in found if one.site is not None} == {INJECT}
    leak = found[0]
    assert leak.case.faults == ({"call": INJECT, "frame": leak.case.frames[0], "nth": 1, "status": "0xC0220100"},)
    assert len(leak.case.frames) == 1
    assert not end.is_whole


def test_a_failing_clone_that_is_not_checked_is_found(tmp_path: Path) -> None:
    body = GOOD.replace("""        if not fwps.nt_success(status):
            out.block(hard=True)
            return
""", "")
    found, _ = explored(walk(laboratory(tmp_path, body), 1))

    assert "X01" in rules(found)
    assert found[0].site is not None
    assert found[0].site.call == CLONE


def test_a_completion_whose_status_is_not_read_is_found(tmp_path: Path) -> None:
    body = GOOD.replace("""            if not fwps.nt_success(nbl.status):
                self.lost = getattr(self, "lost", 0) + 1
""", "")
    found, _ = explored(walk(laboratory(tmp_path, body), 1, all_findings=True))

    assert rules(found) == {"M11"}


def test_a_site_that_only_a_failure_leads_to_is_failed_together_with_it(tmp_path: Path) -> None:
    found, _ = explored(walk(laboratory(tmp_path, RETRIES), 1))

    leak = next(one for one in found if one.seen.key.rule == "M47")
    assert len(leak.cause) == 2
    assert [rule["call"] for rule in leak.case.faults] == [INJECT, INJECT]


def test_a_site_is_a_call_with_the_lines_that_lead_to_it(tmp_path: Path) -> None:
    body = LEAKS_WHEN_REFUSED.replace(
        "if fwps.nt_success(self.inject(fwps, values, clone)):",
        "if fwps.nt_success(self.handed(fwps, values, clone)):  # OUTER"
    ) + """
    def handed(self, fwps, values, clone):
        return fwps.inject_mac_send_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,  # INNER
                                          values.NDIS_PORT, clone, self.completed, None)
    """
    found, _ = explored(walk(laboratory(tmp_path, body), 1))

    site = found[0].site
    assert site is not None
    assert (site.call, site.driver) == (INJECT, "driver")
    assert site.path[-2:] == (f"seen {marked(tmp_path, 'OUTER')}", f"handed {marked(tmp_path, 'INNER')}")
    assert site.path[0].startswith("classify driver.py:")


def test_what_the_undisturbed_run_breaks_comes_first_and_does_not_end_the_walk(tmp_path: Path) -> None:
    body = LEAKS_WHEN_REFUSED.replace("self.release(fwps, nbl)", "pass")
    lab = laboratory(tmp_path, body)
    known = list(done(lab.run(lab.base(1))).findings)
    found, end = explored(walk(lab, 1))

    assert known
    assert [one.seen.key for one in found if one.site is None] == known
    assert [one.is_undisturbed for one in found] == [True] * len(known) + [False] * (len(found) - len(known))
    assert {one.site.call for one in found[len(known):] if one.site is not None} == {INJECT}
    assert end.findings == len(found) > len(known)


def test_every_discovery_shows_its_finding_when_it_is_run_again(tmp_path: Path) -> None:
    lab = laboratory(tmp_path, RETRIES)
    found, _ = explored(walk(lab, 1, all_findings=True))

    assert found
    for one in found:
        assert one.seen.key in done(lab.run(one.case)).findings


def test_a_driver_that_only_permits_has_the_sites_of_its_driver_entry(tmp_path: Path) -> None:
    found, end = explored(walk(laboratory(tmp_path, "    pass"), 1))

    assert (found, end.sites, end.runs) == ([], 2, 2)


def test_the_same_call_on_two_ways_is_two_sites() -> None:
    assert Site(CLONE, "x", ("a x.py:1",)) != Site(CLONE, "x", ("a x.py:2",))


def test_the_first_thing_that_a_driver_does_not_look_at_is_its_handle(tmp_path: Path) -> None:
    body = GOOD + """
    def start(self, fwps, config):
        self.completed_with = []
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)  # MADE
        self.pool = fwps.allocate_net_buffer_list_pool(None)
    """
    found, _ = explored(walk(laboratory(tmp_path, body), 1))

    site = found[0].site
    assert site == Site("FwpsInjectionHandleCreate0", "driver", (f"start {marked(tmp_path, 'MADE')}",))
    assert found[0].seen.detail == (
        "classify failed: TypeError: FwpsQueryPacketInjectionState0: an injection handle is wanted, not NULL")
    assert found[0].case.faults == ({"call": site.call, "frame": 0, "nth": 1, "status": "0xC000009A"},)


def test_the_example_of_the_contract_is_told_what_it_does_not_look_at(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(REFLECT, "reflect.py")
    bench.calls("reflect", INBOUND_MAC_FRAME_NATIVE, script="reflect.py", class_="Reflect")
    options = {"ub_policy": "masked"}
    lab = Laboratory(bench.document(options), EngineOptions().with_all(options), [received(1), received(2)])
    found, end = explored(walk(lab, 1, all_findings=True))

    assert [one for one in found if "inside L2Scope" in one.seen.detail] == []
    assert {(one.site.call, one.seen.key.rule) for one in found if one.site is not None} == {
        ("FwpsInjectionHandleCreate0", "X01"), ("NdisAllocateMdl", "X01"), ("NdisAllocateNetBufferListPool", "X01")}
    assert end.is_whole
