"""The bundled stories as they run: what is told of each of them, in the compact form of the golden files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.frames.capture import open_capture
from engine.frames.frame import Frame
from engine.report.verdicts import FrameVerdict, VerdictFold
from engine.trace import events as ev
from engine.trace.trace import Record
from engine.wfp.layers import LAYERS
from engine.wfp.policy import Policy
from engine.wfp.policy_file import load_policy
from engine.wfp.types import Guid
from tests.builders.engines import Run, run
from tests.corpus import REPOSITORY

SAMPLES = REPOSITORY / "resources" / "samples"
GOLDEN = Path(__file__).parent / "golden"
SEED = 1

TELLING: dict[str, tuple[int, ...]] = {
    "absorb-clone-reinject": (4,),
    "no-callout-outbound": (1,),
    "permit-and-block": (1, 5),
    "segmented-completion": (1, 6),
    "two-drivers-in-a-loop": (1,),
    "permit": (1, 2),
    "block-or-absorb": (1, 2, 3),
    "rewrite-inbound": (1, 2),
    "out-of-band": (1, 2),
    "batch-runs": (1, 3),
    "batch-mixed-verdict": (1, 2, 3),
    "injection-failures": (1, 2, 3, 4),
    "batch-and-clone": (1, 2),
    "batch-neighbour": (1,),
    "endless-reinspection": (1,),
    "leaked-clones": (1, 2),
    "masked-by-a-neighbour": (1,),
    "ip-header-first": (1, 2, 3),
    "callout-gone": (0, 1, 2),
    "inject-the-original": (1, 2),
    "two-handles": (1,),
    "continue-or-permit": (1, 2),
    "never-given-back": (1, 2),
    "unload-with-a-queue": (0, 1, 2),
    "unload-by-the-book": (0, 1),
    "filters-come-and-go": (0, 4, 5, 10),
    "adapter-goes-and-comes": (0, 2, 5),
    "b30-wrong-interface": (2,),
}
"""The frames of each story whose events are compared one by one; 0 is what belongs to no frame."""

OPENS_A_LINE = (
    ev.FrameEntered, ev.FrameReentered, ev.InjectCompleted, ev.WorkStarted, ev.ClassifyBegan, ev.CalloutEntered,
    ev.DriverStarted, ev.TransactionBegan, ev.DriverStopped, ev.FrameFinished,
)  # fmt: skip
MISUSE = re.compile(r"b\d\d-")
_LAYERS = {layer.name: f"{layer.id} {layer.short_name}" for layer in LAYERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRun:
    """A story, and the run of it that all tests look at."""

    folder: Path
    run: Run
    verdicts: tuple[FrameVerdict, ...]

    @property
    def policy(self) -> Policy:
        return self.run.engine.policy

    @property
    def findings(self) -> list[Record]:
        return [record for record in self.run.records if isinstance(record.event, ev.RuleBroken)]


def telling(name: str) -> tuple[int, ...]:
    """The telling frames of a story; of one that teaches a broken rule mostly its first."""
    return TELLING[name] if name in TELLING or not MISUSE.match(name) else (1,)


def story_folders() -> list[Path]:
    return sorted(path.parent for path in SAMPLES.glob("*/story.md"))


def story_frames(name: str) -> list[Frame]:
    with open_capture(SAMPLES / name / "capture.pcapng") as capture:
        return list(capture)


@cache
def run_story(name: str) -> StoryRun:
    """Run a story as the program does."""
    folder, frames = SAMPLES / name, story_frames(name)
    done = run(load_policy(folder / "policy.json"), frames, seed=SEED)
    fold = VerdictFold(done.engine.policy)
    for frame in frames:
        fold.expect(frame.number, frame.direction.value)
    verdicts = [verdict for record in done.records for verdict in fold.take(record)]
    return StoryRun(folder=folder, run=done, verdicts=(*verdicts, *fold.finish()))


def told(name: str) -> dict[str, Any]:
    """What the golden file of a story holds: verdicts, findings, and the events of its telling frames."""
    story = run_story(name)
    return {
        "verdicts": [_verdict(story.policy, verdict) for verdict in story.verdicts],
        "findings": [_finding(record) for record in story.findings],
        "events": {str(frame): _lines(story.run.records, frame) for frame in telling(name)},
    }


def golden_path(name: str) -> Path:
    return GOLDEN / f"{name}.json"


def golden(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(golden_path(name).read_text(encoding="utf-8"))
    return found


def _verdict(policy: Policy, verdict: FrameVerdict) -> str:
    """`4 outbound absorbed · 57 … BLOCK hard absorb by 'x' · FwpsInjectMacSendAsync0 at 57 …: sent 0x00000000`."""
    parts = [f"{verdict.frame} {verdict.direction} {verdict.outcome}"]
    for layer in verdict.layers:
        words = [_LAYERS[layer.layer], layer.action.removeprefix("FWP_ACTION_")]
        words += ["hard"] if layer.hard else []
        words += ["absorb"] if layer.flags else []
        parts.append(" ".join([*words, "by", _filter(policy, layer.filter)]))
    parts += [f"{one.function} at {_LAYERS[one.layer]}: {one.outcome} {one.status}" for one in verdict.injections]
    return " · ".join([*parts, *verdict.findings])


def _filter(policy: Policy, key: Guid | None) -> str:
    if key is None:
        return "default"
    return repr(next(filter_.name for filter_ in policy.filters.values() if filter_.key == key))


def _finding(record: Record) -> str:
    event = record.event
    assert isinstance(event, ev.RuleBroken)
    return f"{event.rule} {event.severity} · frame {record.frame} · {event.nbl} · {event.line}"


def _lines(records: list[Record], frame: int) -> list[str]:
    """Kinds of the frame's events; a new line where a stage of its way begins."""
    lines: list[list[str]] = []
    for record in records:
        if record.frame != frame:
            continue
        if not lines or isinstance(record.event, OPENS_A_LINE):
            lines.append([])
        lines[-1].append(type(record.event).__name__)
    return [" ".join(line) for line in lines]
