"""`l2scope run` gives the same verdicts, counts and exit status whether plain frames are stepped or settled in bulk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.bulk.mixed import MixedRun
from engine.cli import main, run
from engine.frames.capture import open_capture
from engine.frames.write import write_pcapng
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET
from engine.wfp.policy_file import save_policy
from tests.builders.captures import enhanced, ethernet, interface, section
from tests.builders.engines import Bench
from tests.builders.frames import ARP, received, sent
from tests.builders.policies import block, ether_type, permit
from tests.builders.wifi import BEACON, wifi
from tests.corpus import REPOSITORY

SAMPLES = REPOSITORY / "resources" / "samples"
STORIES = sorted(path.parent.name for path in SAMPLES.glob("*/policy.json"))
ALWAYS, NEVER = 0, 1 << 62


def results(capture: Path, policy: Path, folder: Path, bulk_from: int, *more: str) -> tuple[object, ...]:
    verdicts, summary = folder / "v.jsonl", folder / "s.json"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run, "BULK_FROM_BYTES", bulk_from)
        status = main(["run", str(capture), "--policy", str(policy), "--quiet", "--verdicts", str(verdicts),
                            "--summary", str(summary), *more])
    told: dict[str, Any] = json.loads(summary.read_text())
    del told["seconds"], told["frames_per_second"]
    return status, verdicts.read_text().splitlines(), told


def assert_same(capture: Path, policy: Path, folder: Path, *more: str) -> None:
    in_bulk = results(capture, policy, folder, ALWAYS, *more)
    assert in_bulk == results(capture, policy, folder, NEVER, *more)


@pytest.mark.parametrize("story", STORIES)
def test_every_story_comes_out_the_same(story: str, tmp_path: Path) -> None:
    folder = SAMPLES / story
    assert_same(folder / "capture.pcapng", folder / "policy.json", tmp_path)


LATER = """\
    held = None

    def classify(self, fwps, values, meta, layer_data, context, filter, flow, out):
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.set_timer(2_500_000_000, fwps.dereference_net_buffer_list, layer_data, True)
        out.absorb()
    """


@pytest.fixture
def mixed(tmp_path: Path) -> tuple[Path, Path]:
    """ARP is held by a callout for 2.5 s, so that the frames of that time are stepped; a frame comes every second."""
    frames = [received(number, ARP if number in {7, 8, 30} else 0x0800) if number % 3 else sent(number)
              for number in range(1, 61)]
    capture = tmp_path / "capture.pcapng"
    with capture.open("wb") as file:
        write_pcapng(file, frames)
    bench = Bench(tmp_path)
    bench.driver(LATER)
    bench.calls("hold", INBOUND_MAC_FRAME_ETHERNET, ether_type(ARP), weight=9)
    bench.add(block("no v4", ether_type(0x0800), weight=1), permit("rest", weight=0))
    policy = tmp_path / "policy.json"
    save_policy(bench.document(), policy)
    return capture, policy


def test_frames_are_stepped_while_a_callout_holds_one(
    mixed: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    walk = MixedRun.walk
    monkeypatch.setattr(MixedRun, "walk", lambda self: (seen.append(todo) or todo for todo in walk(self)))
    capture, policy = mixed
    assert_same(capture, policy, tmp_path)
    stepped = [todo for todo in seen if isinstance(todo, int)]
    assert stepped == [7, 8, 9, 10, 11]


@pytest.mark.parametrize("frames", ["1-10", "5-40", "8-8", "59-70", "2-3,30-", "1,8,29-31"])
def test_a_part_of_the_frames_comes_out_the_same(mixed: tuple[Path, Path], tmp_path: Path, frames: str) -> None:
    assert_same(*mixed, tmp_path, "--frames", frames)


def test_one_direction_for_all_comes_out_the_same(mixed: tuple[Path, Path], tmp_path: Path) -> None:
    assert_same(*mixed, tmp_path, "--direction", "outbound")
    assert_same(*mixed, tmp_path, "--local-mac", "02:00:00:00:00:02")


def test_a_capture_cut_off_comes_out_the_same(mixed: tuple[Path, Path], tmp_path: Path) -> None:
    capture, policy = mixed
    cut = tmp_path / "cut.pcapng"
    cut.write_bytes(capture.read_bytes()[:-30])
    assert_same(cut, policy, tmp_path)
    with open_capture(cut) as opened:
        assert len(list(opened)) == 59


ONE_AT_A_TIME = """\
    is_busy = False

    def classify(self, fwps, values, meta, layer_data, context, filter, flow, out):
        if self.is_busy:
            out.block(hard=True)
            return
        self.is_busy = True
        fwps.set_timer(2_500_000_000, self.free)
        out.permit()

    def free(self):
        self.is_busy = False
    """


def test_time_comes_as_far_as_frames_that_are_passed_over(tmp_path: Path) -> None:
    """Frame 3 is older than frame 2: its timer runs from frame 2's time on, and frame 4 finds it running."""
    frames = [received(number, ether_type, time_ns=seconds * 1_000_000_000)
              for number, ether_type, seconds in ((1, 0x0800, 1), (2, 0x0800, 10), (3, ARP, 2), (4, ARP, 6))]
    capture, policy = tmp_path / "capture.pcapng", tmp_path / "policy.json"
    with capture.open("wb") as file:
        write_pcapng(file, frames)
    bench = Bench(tmp_path)
    bench.driver(ONE_AT_A_TIME)
    bench.calls("one", INBOUND_MAC_FRAME_ETHERNET, ether_type(ARP))
    save_policy(bench.document(), policy)

    assert_same(capture, policy, tmp_path)
    _, verdicts, _ = results(capture, policy, tmp_path, ALWAYS)
    assert isinstance(verdicts, list)
    assert [json.loads(line)["outcome"] for line in verdicts] == ["delivered", "delivered", "delivered", "blocked"]


def test_frames_of_other_media_are_stepped_and_come_out_the_same(tmp_path: Path) -> None:
    from_air, beacon = wifi(), wifi(BEACON, 0)
    capture, policy = tmp_path / "capture.pcapng", tmp_path / "policy.json"
    capture.write_bytes(
        section() + interface() + interface(105) + interface(0)
        + b"".join(enhanced(data, at, interface_id=id_) for at, (data, id_) in enumerate([
            (ethernet(), 0), (from_air, 1), (ethernet(ether_type=ARP), 0), (beacon, 1), (b"\2\0\0\0" + bytes(40), 2)])))
    bench = Bench(tmp_path)
    bench.add(block("no ARP", ether_type(ARP)))
    save_policy(bench.document(), policy)

    assert_same(capture, policy, tmp_path)
    assert_same(capture, policy, tmp_path, "--direction", "outbound")
    _, verdicts, _ = results(capture, policy, tmp_path, ALWAYS)
    assert isinstance(verdicts, list)
    assert len({line.partition('"direction"')[2] for line in verdicts}) == 4
