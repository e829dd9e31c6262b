"""Scripts that are made here: a copy of a template beside the policy, and the policy in a file of its own for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import PolicyError
from engine.wfp.document import PolicyDocument
from engine.wfp.policy_file import save_policy
from engine.wfp.scripts import script_path
from gui.session_bridge.trust import Trust, is_bundled

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

FOLDER = "callouts"
"""Where scripts go, beside the policy."""


def place_of(document: PolicyDocument) -> Path | None:
    """The policy's file if scripts may be put beside it; None where it has none, or came with the program."""
    return None if document.path is None or is_bundled(document.path) else document.path


async def add_script(
    bridge: SessionBridge, trust: Trust, source: Path, policy: Path | None, done: Callable[[str], None]
) -> None:
    """Copy a script beside the edited policy; `done` gets its path from the policy on.

    `policy`: save the edited policy there first, its scripts with it. What was trusted stays so.
    """
    call = bridge.worker.call
    before = bridge.document
    trusted = await call(trust.holds, before)
    if policy is not None:
        bridge.renamed(await call(_save_whole, before, policy))
        bridge.store.add_recent(policy.resolve())
    path = bridge.document.path
    if path is None:
        return
    script = await call(_copy_beside, source, path)
    if trusted:
        trust.keep(path)
    done(script)
    bridge.message.emit("info", f"{script} stands beside {path.name}: change it there. Apply brings the callout in.")


def _save_whole(document: PolicyDocument, path: Path) -> PolicyDocument:
    """Write the policy, and copies of the scripts that it names; one that is there already stays as it is."""
    for callout in document.callouts:
        target = path.parent / callout.script
        if callout.script and not target.exists():
            _copy(script_path(document, callout), target, path)
    return save_policy(document, path)


def _copy_beside(source: Path, policy: Path) -> str:
    folder = policy.parent / FOLDER
    target, number = folder / source.name, 2
    while target.exists():
        target, number = folder / f"{source.stem}_{number}{source.suffix}", number + 1
    _copy(source, target, policy)
    return f"{FOLDER}/{target.name}"


def _copy(source: Path, target: Path, policy: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        reason = f"{target.name} cannot be copied to {target.parent} ({error.strerror})"
        raise PolicyError(policy, "$.callouts", reason, "save the policy in a folder of your own") from None
