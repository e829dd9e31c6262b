"""The policy in a session file, edited and applied, with the scripts that it names: it opens where they are not."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.callouts.loader import SIZE_LIMIT_BYTES
from engine.errors import EngineError, PolicyError
from engine.sessions.archive import ArchiveReader
from engine.sessions.errors import SessionError
from engine.sessions.manifest import PolicyFacts
from engine.sessions.names import APPLIED, POLICY, SCRIPTS, first_fault, safe_part, target
from engine.sessions.references import relative_way
from engine.wfp.document import PolicyDocument
from engine.wfp.json_input import MAX_FILE_BYTES, parse_json
from engine.wfp.policy_file import check_keys, document_to_json, load_policy
from engine.wfp.policy_reader import document_from_json
from engine.wfp.scripts import script_path

SCRIPTS_BYTES, MOST_SCRIPTS = 64 << 20, 1_000
"""All scripts of a session."""
UNNAMED = PolicyFacts(name="policy.json", folder="policy", path=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """A policy as edited and as it runs; mostly the same one."""

    edited: PolicyDocument
    applied: PolicyDocument

    @property
    def members(self) -> dict[str, bytes]:
        """The JSON members of both. Raises PolicyError for what cannot be written."""
        found = {POLICY: _form(self.edited)}
        if (applied := _form(self.applied)) != found[POLICY]:
            found[APPLIED] = applied
        return found

    def files(self) -> list[Path | None]:
        """Those of the policies, and where their scripts are meant to be."""
        both = (self.edited, self.applied)
        return [*(one.path for one in both), *(one.path.parent / callout.script for one in both
                                               for callout in one.callouts if one.path is not None and callout.script)]

    def scripts(self) -> dict[str, bytes]:
        """The scripts by their paths from the policy's folder on, those that are there. Raises PolicyError."""
        found: dict[str, bytes] = {}
        for document in (self.edited, self.applied):
            for callout in document.callouts:
                path = Path(os.path.normpath(callout.script)).as_posix()
                if callout.script and path not in found and (data := _script(document, callout.script)) is not None:
                    found[path] = data
        name, folded = self.edited.path or "policy", Counter(path.casefold() for path in found)
        if sum(map(len, found.values())) > SCRIPTS_BYTES or len(found) > MOST_SCRIPTS:
            raise PolicyError(name, "$.callouts", f"there are more than {MOST_SCRIPTS} scripts, or more than 64 MiB of "
                              "them", "a session holds no more")
        fault = first_fault(found) or next(((path, "another differs from it by capital letters only") for path in found
                                            if folded[path.casefold()] > 1), None)
        if fault is not None:
            raise PolicyError(name, "$.callouts", f"{fault[0][:80]!a} cannot be put into a session: {fault[1]}",
                              "give the script another name")
        return dict(sorted(found.items()))


def policy_facts(document: PolicyDocument, session: Path, home: Path | None) -> PolicyFacts | None:
    """What the manifest says of the policy's own file, which stood at `home` if this one is a copy.

    None where it never had one.
    """
    if document.path is None:
        return None
    return PolicyFacts(
        name=safe_part(document.path.name, UNNAMED.name),
        folder=safe_part(document.path.resolve().parent.name, UNNAMED.folder),
        path=relative_way(home or document.path, session))


def unpack_policies(archive: ArchiveReader, facts: PolicyFacts | None, folder: Path) -> Documents:
    """Put policy and scripts into a folder that is empty, and load them from there. Raises SessionError."""
    home = folder / "policy" / (facts or UNNAMED).folder
    path = home / (facts or UNNAMED).name
    try:
        home.mkdir(parents=True)
        left = SCRIPTS_BYTES
        for name in archive.names():
            if name.startswith(SCRIPTS):
                data = archive.read(name, min(SIZE_LIMIT_BYTES, left))
                left -= len(data)
                script = target(home, name.removeprefix(SCRIPTS))
                script.parent.mkdir(parents=True, exist_ok=True)
                script.write_bytes(data)
        edited = _load(archive, POLICY, path)
        applied = _load(archive, APPLIED, path) if APPLIED in archive.names() else edited
    except OSError as error:
        raise SessionError(archive.path, "policy", f"it cannot be unpacked ({error.strerror or error})",
                           "make room in the folder for temporary files") from None
    if facts is None:
        edited, applied = replace(edited, path=None), replace(applied, path=None)
    return Documents(edited=edited, applied=applied)


def _load(archive: ArchiveReader, member: str, path: Path) -> PolicyDocument:
    """The file that is left at `path` is the last one loaded: the applied one, which is what trust is asked for."""
    path.write_bytes(archive.read(member, MAX_FILE_BYTES))
    try:
        return load_policy(path)
    except PolicyError as error:
        raise SessionError(archive.path, f"member {member}, {error.place}", error.reason, error.remedy) from None
    except EngineError as error:
        raise SessionError(archive.path, f"member {member}", str(error)) from None


def same_scripts(archive_scripts: Mapping[str, bytes], home: Path) -> bool:
    """Whether the scripts below a folder are these, to the byte."""
    try:
        return all(target(home, path).read_bytes() == data for path, data in archive_scripts.items())
    except OSError:
        return False


def _form(document: PolicyDocument) -> bytes:
    """Raises PolicyError for what could not be read again: better now than when the session is opened."""
    path = document.path or Path("policy")
    try:
        data = json.dumps(document_to_json(document), indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except (ValueError, TypeError) as error:
        raise PolicyError(path, "$", f"the policy holds what JSON cannot: {error}", "correct that value") from None
    check_keys(document_from_json(parse_json(data, path), path))
    return data


def _script(document: PolicyDocument, written: str) -> bytes | None:
    callout = next(one for one in document.callouts if one.script == written)
    try:
        path = script_path(document, callout)
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT_BYTES + 1)
    except (PolicyError, OSError):
        return None  # it is not there: the policy says so when it is applied
    return data if len(data) <= SIZE_LIMIT_BYTES else None
