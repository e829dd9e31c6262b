"""Where a policy's callout scripts are: beside the policy file, and nowhere else. Source: contracts 2."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from engine.errors import PolicyError
from engine.wfp.document import PolicyDocument
from engine.wfp.objects import CalloutSpec
from engine.wfp.validation import key_of


def script_path(document: PolicyDocument, callout: CalloutSpec) -> Path:
    """Return the script of a callout of the document, links resolved.

    Raise PolicyError if it leaves the policy file's folder or is not there. A `CalloutObject` made from the document
    may be given as well.
    """
    keys = [key_of(one) for one in document.callouts]
    place = f"$.callouts[{keys.index(key_of(callout))}].script"
    script = _inside(document, callout.script, place)
    try:
        exists = script.is_file()
    except OSError:  # a name that the file system does not take
        exists = False
    if not exists:
        raise PolicyError(
            document.path or "policy", place, f"there is no script {callout.script!a}", "put it there, or correct this")
    return script


def check_scripts(document: PolicyDocument) -> None:
    """Raise PolicyError for the first script that lies outside of the policy file's folder."""
    for index, callout in enumerate(document.callouts):
        if callout.script:
            _inside(document, callout.script, f"$.callouts[{index}].script")


def _inside(document: PolicyDocument, written: str, place: str) -> Path:
    name = document.path or "policy"
    if document.path is None:
        raise PolicyError(name, place, "the script's folder is the policy file's, and there is none", "save it first")
    # A path that is absolute on one system would be a plain name on the other.
    if PurePosixPath(written).is_absolute() or PureWindowsPath(written).drive or PureWindowsPath(written).root:
        raise PolicyError(name, place, "the script's path is not relative", "write it from the policy file's folder on")
    folder = document.path.parent.resolve()
    try:
        script = (folder / written).resolve()
    except (OSError, ValueError, RuntimeError):
        raise PolicyError(name, place, "the script's path cannot be followed", "correct the path") from None
    if not script.is_relative_to(folder) or script == folder:
        raise PolicyError(
            name, place, f"{written!a} leaves the policy file's folder", "put the script beside the policy file")
    return script
