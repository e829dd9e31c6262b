"""`l2scope`: the desktop app, or one of the commands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from engine import __version__
from engine.cli.interrupts import INTERRUPTED
from engine.cli.last_resort import LastResort
from engine.cli.printable import printable
from engine.errors import EngineError, OptionError

COMMANDS = ("run", "explore", "live", "fields", "report", "interfaces")
UNUSABLE = 2

_DESCRIPTION = (
    "Inspector and step-debugger for layer-2 filtering of the Windows Filtering Platform. "
    "Without a command: the desktop app, with captures, policies or sessions to open."
)


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one line; takes options by their whole names only."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "allow_abbrev": False})

    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, f"{self.prog}: {printable(message)}; `{self.prog} --help` tells what can be written\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return the exit status of contracts 1."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        is_command = bool(arguments) and (arguments[0] in COMMANDS or arguments[0] in {"-h", "--help", "--version"})
        return _command(arguments, is_program=argv is None) if is_command else _desktop(arguments)
    except EngineError as error:
        print(f"l2scope: {printable(str(error))}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes standard output once more at its end: there must be something that takes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as end:  # argparse has said what there is to say
        return end.code if isinstance(end.code, int) else 0


def _module(name: str) -> ModuleType:
    """A command's module. Loading the others as well would take longer than a small run."""
    match name:
        case "run":
            from engine.cli import run
            return run
        case "explore":
            from engine.cli import explore
            return explore
        case "live":
            from engine.cli import live
            return live
        case "fields":
            from engine.cli import fields
            return fields
        case "report":
            from engine.cli import report
            return report
        case _:
            from engine.cli import interfaces
            return interfaces


def _command(arguments: list[str], *, is_program: bool) -> int:
    """`is_program`: this process is there for the command alone, so it may be ended when a script does not return."""
    parser = _Parser(prog="l2scope", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"l2scope {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    for name in [arguments[0]] if arguments[0] in COMMANDS else COMMANDS:
        _module(name).add_parser(subparsers)
    args = parser.parse_args(arguments)
    args.last_resort = LastResort({}) if is_program else None
    try:
        status: int = args.run(args)
    finally:
        if args.last_resort is not None:
            args.last_resort.close()
    return status


def _desktop(arguments: list[str]) -> int:
    parser = _Parser(prog="l2scope")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--smoke", metavar="REPORT.html", help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    for name in args.files:
        if not _exists(name):
            commands = ", ".join(COMMANDS)
            raise OptionError(name, "there is no such file, and no such command", f"the commands are {commands}")
    return _open_window(args.files, args.smoke)


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # behind a folder that is closed to us, or no name for the file system
        return False


def _open_window(files: list[str], smoke: str | None) -> int:
    try:
        from gui.app import main as open_window
    except ImportError as error:
        if error.name is not None and not error.name.startswith("PySide6"):
            raise  # our own mistake
        reason = f"the window cannot be opened here: {error}"
        raise OptionError("l2scope", reason, "install what is missing, or use `l2scope run`") from None
    return open_window(files, smoke=smoke)
