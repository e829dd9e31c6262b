"""Engine options as the edited policy sets them: each CHOICE of the model that can be made another way."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from engine.classify.options import EngineOptions
from engine.errors import OptionError
from engine.wfp.document import PolicyDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionRow:
    """One option, and what the policy says of it."""

    name: str
    choice: str
    """`CH-29`, or the section that it comes from."""
    group: str
    """Heading that it stands under."""
    help: str
    values: tuple[str, ...]
    """What it can be; empty for a number."""
    default: str
    text: str
    """As the policy writes it, else the default."""

    @property
    def is_choice(self) -> bool:
        """The number is one of a choice of the model; the rest are bounds of this program."""
        return self.choice.startswith("C")

    @property
    def is_fixed(self) -> bool:
        """There is nothing to choose; the help says why."""
        return len(self.values) == 1

    @property
    def is_changed(self) -> bool:
        return self.text != self.default


def option_rows(document: PolicyDocument) -> list[OptionRow]:
    """Every option, group by group, in the order of the table."""
    rows: list[OptionRow] = []
    for one in fields(EngineOptions):
        default = _shown(one.name, one.default)
        written = document.options.get(one.name)
        rows.append(OptionRow(
            name=one.name, choice=one.metadata["choice"], group=one.metadata["group"], help=one.metadata["help"],
            values=one.metadata["values"],
            default=default, text=default if written is None else _shown(one.name, written)))
    groups = list(dict.fromkeys(row.group for row in rows))
    return sorted(rows, key=lambda row: groups.index(row.group))


def with_option(document: PolicyDocument, name: str, text: str) -> PolicyDocument:
    """The document with one option set; at its default it stands in no file. Raises OptionError."""
    options = dict(document.options)
    value = getattr(EngineOptions().with_text(name, text.strip()), name)
    if value == getattr(EngineOptions(), name):
        options.pop(name, None)
    elif str(options.get(name)) != str(value):
        options[name] = value
    return replace(document, options=options)


def option_error(name: str, text: str) -> str:
    """Why a text cannot be the option's value; empty if it can."""
    try:
        EngineOptions().with_text(name, text.strip())
    except OptionError as error:
        return str(error)
    return ""


def _shown(name: str, value: object) -> str:
    """A Status in hexadecimal, as Windows' headers write it."""
    if name.endswith("_status"):
        try:
            return f"0x{int(str(value), 0):08X}"
        except ValueError:
            return str(value)
    return str(value)
