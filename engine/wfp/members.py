"""Taking typed members out of a policy file's JSON, each refusal with its JSON path."""

from __future__ import annotations

from difflib import get_close_matches
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from engine.errors import PolicyError
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.guids import ZERO_GUID, parse_guid
from engine.wfp.json_input import member_place
from engine.wfp.types import Guid
from engine.wfp.values import shown

E = TypeVar("E", bound=IntEnum)
F = TypeVar("F", bound=IntFlag)


def as_policy_error(error: WfpError, path: Path | str) -> PolicyError:
    """Return the filter engine's refusal as an error of the file, name and number in front."""
    return PolicyError(path, error.place, f"{error.name} 0x{error.code:08X}: {error.reason}", error.remedy)


class Members:
    """The members of one JSON object of a file."""

    def __init__(self, path: Path | str, place: str, form: object) -> None:
        self.path, self.place = path, place
        if not isinstance(form, dict):
            self.refuse(place, f"{shown(form)} where an object is wanted", "write { … }")
        self._form: dict[str, Any] = form
        self._asked: set[str] = set()

    def refuse(self, place: str, reason: str, remedy: str) -> NoReturn:
        raise PolicyError(self.path, place, reason, remedy)

    def at(self, name: str) -> str:
        return member_place(self.place, name)

    def raw(self, name: str) -> object:
        """Return a member as it stands; None if it is left out."""
        self._asked.add(name)
        return self._form.get(name)

    def has(self, name: str) -> bool:
        return name in self._form

    def everything(self) -> dict[str, Any]:
        """Return the object as it stands, whatever its members are."""
        return self._form

    def required(self, name: str) -> object:
        if name not in self._form:
            self.refuse(self.place, f'member "{name}" is missing', "add it")
        return self.raw(name)

    def text(self, name: str, default: str | None = None) -> str:
        form = self.required(name) if default is None else self.raw(name)
        if form is None and default is not None and name not in self._form:
            return default
        if not isinstance(form, str):
            self.refuse(self.at(name), f"{shown(form)} where a text is wanted", 'write "…"')
        return form

    def boolean(self, name: str, *, default: bool) -> bool:
        form = self.raw(name)
        if name not in self._form:
            return default
        if not isinstance(form, bool):
            self.refuse(self.at(name), f"{shown(form)} where true or false is wanted", "write true or false")
        return form

    def array(self, name: str) -> list[Any]:
        """Return an array; empty if it is left out."""
        form = self.raw(name)
        if name not in self._form:
            return []
        if not isinstance(form, list):
            self.refuse(self.at(name), f"{shown(form)} where an array is wanted", "write [ … ]")
        return form

    def guid(self, name: str) -> Guid | None:
        """Return a GUID; None if it is left out or null."""
        form = self.raw(name)
        if form is None:
            return None
        guid = parse_guid(form) if isinstance(form, str) else None
        if guid is None:
            self.refuse(
                self.at(name), f"{shown(form)} is not a GUID", 'write "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}"')
        return guid

    def key(self) -> Guid | None:
        """Return the object's own key; the zero GUID asks for one to be made, as on Windows."""
        guid = self.guid("key")
        return None if guid == ZERO_GUID else guid

    def named(self, name: str, type_: type[E], code: FwpCode) -> E:
        found: E = self._member_named(self.required(name), self.at(name), type_, code)
        return found

    def flags(self, name: str, type_: type[F]) -> F:
        flags = type_(0)
        for index, form in enumerate(self.array(name)):
            flags |= self._member_named(form, f"{self.at(name)}[{index}]", type_, FwpCode.FWP_E_INVALID_FLAGS)
        return flags

    def _member_named(self, form: object, place: str, type_: type[Any], code: FwpCode) -> Any:
        names = type_.__members__
        if isinstance(form, str) and form in names:
            return names[form]
        close = get_close_matches(form, names, n=1) if isinstance(form, str) else []
        remedy = f"did you mean {close[0]}?" if close else f"use one of {', '.join(names)}"
        raise as_policy_error(WfpError(code, place, f"{shown(form)} is not a name known here", remedy), self.path)

    def end(self) -> None:
        """Refuse members that nobody asked for."""
        for name in self._form:
            if name not in self._asked:
                close = get_close_matches(name, self._asked, n=1)
                known = ", ".join(sorted(self._asked))
                remedy = f'did you mean "{close[0]}"?' if close else f"remove it; known are {known}"
                self.refuse(self.at(name), "unknown member", remedy)
