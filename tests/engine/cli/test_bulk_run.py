"""`l2scope run` gives the same verdicts, counts and exit status whether plain frames are stepped or settled in bulk."""

from __future__ import annotations

import gzip
import json
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import lz4.frame
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bulk import samples
from engine.bulk.mixed import MixedRun
from engine.cli import early_scan, main
from engine.frames.capture import open_capture
from engine.frames.frame import Frame
from engine.frames.write import write_pcapng
from engine.report import report_fold
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET
from engine.wfp.policy_file import save_policy
from tests.builders.captures import enhanced, ethernet, interface, section
from tests.builders.drawn_policies import Drawn, a_bench, drawn_filters, drawn_frames
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
        patched.setattr(early_scan, "BULK_FROM_BYTES", bulk_from)
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
    monkeypatch.setattr(
        MixedRun, "walk", lambda self, also=None: (seen.append(todo) or todo for todo in walk(self, also)))
    capture, policy = mixed
    assert_same(capture, policy, tmp_path)
    stepped = [todo for todo in seen if isinstance(todo, int)]
    assert stepped == [7, 8, 9, 10, 11]


@pytest.mark.parametrize(
    "frames", ["1-10", "5-40", "8-8", "59-70", "2-3,30-", "1,8,29-31", "2-3,99-", "50-70,80-90,99-", "58-,99-"])
def test_a_part_of_the_frames_comes_out_the_same(mixed: tuple[Path, Path], tmp_path: Path, frames: str) -> None:
    assert_same(*mixed, tmp_path, "--frames", frames)


def test_a_thousand_interfaces_come_out_the_same(mixed: tuple[Path, Path], tmp_path: Path) -> None:
    capture = tmp_path / "interfaces.pcapng"
    capture.write_bytes(section() + b"".join(
        interface() + enhanced(ethernet(ether_type=ARP if number % 999 == 0 else 0x0800), interface_id=number)
        for number in range(1_000)))
    assert_same(capture, mixed[1], tmp_path)


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


PACK = {"gz": gzip.compress, "zst": zstandard.ZstdCompressor().compress, "lz4": lz4.frame.compress}


@pytest.mark.parametrize(("packing", "cut_bytes"), [
    ("gz", 0), ("gz", 1), ("gz", 40), ("zst", 0), ("lz4", 0), ("lz4", 1)])
def test_a_compressed_capture_comes_out_the_same_whole_or_cut(
    mixed: tuple[Path, Path], tmp_path: Path, packing: str, cut_bytes: int, capsys: pytest.CaptureFixture[str]
) -> None:
    capture, policy = mixed
    packed = tmp_path / f"capture.pcapng.{packing}"
    whole = PACK[packing](capture.read_bytes())
    packed.write_bytes(whole[: len(whole) - cut_bytes])

    in_bulk = *results(packed, policy, tmp_path, ALWAYS), capsys.readouterr().err
    in_steps = *results(packed, policy, tmp_path, NEVER), capsys.readouterr().err
    assert in_bulk == in_steps
    assert ("damaged or cut off" in in_bulk[-1]) == bool(cut_bytes)


def test_nothing_is_left_of_an_unpacked_copy(mixed: tuple[Path, Path], tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    capture, policy = mixed
    packed, spare = tmp_path / "capture.gz", tmp_path / "spare"
    packed.write_bytes(gzip.compress(capture.read_bytes()))
    spare.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spare))

    results(packed, policy, tmp_path, ALWAYS)

    assert list(spare.iterdir()) == []


CHOSEN = {
    "not_equal_on_mac": "refuse", "continue_action": "refuse", "auto_weight": "condition_count",
    "weight_tie": "newer_first", "default_action": "block", "qinq_fields": "inner", "snap_ether_type": "length",
    "short_frame_fields": "zero", "connector_flag": "never", "absorb_without_block": "block",
    "initial_classify_out": "continue", "right_sentence": "set_holds_back", "unknown_returns_other": "block",
    "inspection_duplicate": "ignore", "sublayers_after_block": "stop", "drop_event_filter": "last_blocker",
    "plain_block_veto": "yes", "unregistered_callout": "soft", "batch_reference": "counted", "ub_policy": "leak",
    "reentry_layer": "first", "receive_resources": "on", "completion_policy": "each", "target_os": "7",
    "vlan_tag": "oob", "rx_chain": "3", "tx_chain": "2", "rx_ring_size": "4", "mtu": "576", "loop_limit": "3",
}
options = st.lists(st.sampled_from([f"{name}={value}" for name, value in CHOSEN.items()]), unique=True, max_size=3)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(drawn_filters(), max_size=6), drawn_frames(most=16), options, st.sampled_from(["pcapng", "pcapng.gz"]))
def test_whatever_is_run_under_whatever_options_comes_out_the_same(
    tmp_path: Path, filters: list[Drawn], frames: list[Frame], chosen: list[str], kind: str
) -> None:
    capture, policy = tmp_path / f"drawn.{kind}", tmp_path / "drawn.json"
    written = BytesIO()
    write_pcapng(written, frames)
    capture.write_bytes(gzip.compress(written.getvalue()) if kind.endswith("gz") else written.getvalue())
    save_policy(a_bench(tmp_path, filters).document(), policy)
    assert_same(capture, policy, tmp_path, *(part for one in ("duplicate_conditions=and", *chosen)
                                             for part in ("--set", one)))


def report_of(capture: Path, policy: Path, folder: Path, bulk_from: int) -> dict[str, Any]:
    """Without the numbers of steps: in bulk there are fewer of them."""
    report = folder / "report.json"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(early_scan, "BULK_FROM_BYTES", bulk_from)
        main(["run", str(capture), "--policy", str(policy), "--quiet", "--report", str(report)])

    def without_numbers(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: without_numbers(member) for name, member in value.items() if name != "seq"}
        return [without_numbers(member) for member in value] if isinstance(value, list) else value

    told = without_numbers(json.loads(report.read_text()))
    assert isinstance(told, dict)
    return told


def test_a_report_of_a_large_capture_is_that_of_a_run_step_by_step(
    mixed: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the first two frames, the last blocked ones and one of each kind are stepped beside the callout's."""
    monkeypatch.setattr(samples, "FIRST_FRAMES", 2)
    monkeypatch.setattr(samples, "LAST_BLOCKED", 3)
    monkeypatch.setattr(report_fold, "MOST_FRAMES", 2)
    monkeypatch.setattr(report_fold, "MOST_NET_EVENTS", 3)
    seen: list[object] = []
    walk = MixedRun.walk
    monkeypatch.setattr(MixedRun, "walk", lambda self, also: (seen.append(todo) or todo for todo in walk(self, also)))

    in_bulk, in_steps = (report_of(*mixed, tmp_path, bulk_from) for bulk_from in (ALWAYS, NEVER))

    assert in_bulk == in_steps
    assert sum(isinstance(todo, int) for todo in seen) < 20


@pytest.mark.parametrize("frames", ["61-", "70-80", "5-6,70-"])
def test_frames_that_are_not_there_are_refused_or_left_out_the_same(
    mixed: tuple[Path, Path], tmp_path: Path, frames: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(bulk_from: int) -> tuple[int, str]:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(early_scan, "BULK_FROM_BYTES", bulk_from)
            status = main(["run", str(mixed[0]), "--policy", str(mixed[1]), "--quiet", "--frames", frames,
                           "--verdicts", str(tmp_path / "v.jsonl")])
        return status, capsys.readouterr().err + (tmp_path / "v.jsonl").read_text()

    assert told(ALWAYS) == told(NEVER)


def test_an_interface_is_met_with_its_first_wanted_frame(tmp_path: Path) -> None:
    """Frames 1 and 3 are of another interface; 1 is not wanted, and 3 is passed over before the callout is reached."""
    capture, policy = tmp_path / "capture.pcapng", tmp_path / "policy.json"
    capture.write_bytes(section() + interface() + interface() + b"".join(
        enhanced(ethernet(ether_type=type_), at, interface_id=id_)
        for at, (type_, id_) in enumerate([(0x0800, 1), (0x0800, 0), (0x0800, 1), (ARP, 0), (0x0800, 0)])))
    bench = Bench(tmp_path)
    bench.driver("""\
        def classify(self, fwps, values, meta, layer_data, context, filter, flow, out):
            mdl = fwps.allocate_mdl(None, bytearray(60), 60)
            status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, 60)
            fwps.inject_mac_send_async(self.handle, None, 0, fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE, 2, 0, copy,
                                       self.completed, None)
            out.permit()

        def start(self, fwps, config):
            status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
            self.pool = fwps.allocate_net_buffer_list_pool(None)

        def completed(self, fwps, context, nbl, dispatch_level):
            pass
        """)
    bench.calls("inject", INBOUND_MAC_FRAME_ETHERNET, ether_type(ARP))
    save_policy(bench.document(), policy)
    for frames in ("1-", "2-", "4-", "1,4-5", "2,4-5"):
        assert_same(capture, policy, tmp_path, "--frames", frames)
