"""Makes the engine that the options of a command describe."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.classify.adversity.faults import Faults
from engine.classify.engine import Engine
from engine.classify.options import EngineOptions
from engine.cli.engine_arguments import run_seed
from engine.cli.watch import ProcessWatch
from engine.errors import OptionError, PolicyError
from engine.wfp.document import PolicyDocument
from engine.wfp.json_input import parse_json
from engine.wfp.policy_file import load_policy
from engine.wfp.scripts import script_path

_FAULT = re.compile(r"faults\[(\d+)\]")


def make_engine(args: argparse.Namespace) -> Engine:
    """Make what `add_engine_options` describes. Raises EngineError."""
    seed = run_seed(args)
    document, options = read_engine_options(args)
    watch = ProcessWatch(args.last_resort)
    try:
        with watch, redirect_stdout(sys.stderr):  # loading runs the scripts' top level, which may print
            return Engine(document, options, seed, watch=watch)
    except OptionError as error:  # of a rule that only the loaded drivers can judge
        raise _placed(error, document, args.fault) from None


def read_engine_options(args: argparse.Namespace) -> tuple[PolicyDocument, EngineOptions]:
    """Read the policy, with the rules of `--fault` behind its own, and the options. Raises EngineError."""
    seed = run_seed(args)
    document = PolicyDocument() if args.policy is None else load_policy(Path(args.policy))
    options = _options(document, args.set)
    _check_faults(document, seed)
    added = tuple(_fault(text, seed) for text in args.fault)
    return replace(document, faults=(*document.faults, *added)), options


def files_read(args: argparse.Namespace, engine: Engine) -> list[str]:
    """Name the files that an engine was made from: its policy and the scripts."""
    document = engine.document
    scripts = {str(script_path(document, one)) for one in document.callouts if one.registered and one.script}
    return [] if args.policy is None else [args.policy, *sorted(scripts)]


def _options(document: PolicyDocument, settings: Sequence[str]) -> EngineOptions:
    try:
        options = EngineOptions().with_all(document.options)
    except OptionError as error:
        raise PolicyError(_file(document), f"$.options.{error.name}", error.reason, error.remedy) from None
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise OptionError(f"--set {setting}", "it has no value", f"write it as {name or 'NAME'}=VALUE")
        try:
            options = options.with_text(name.strip(), value.strip())
        except OptionError as error:
            raise OptionError(f"--set {setting}", error.reason, error.remedy) from None
    return options


def _check_faults(document: PolicyDocument, seed: int) -> None:
    try:
        Faults(document.faults, seed)
    except OptionError as error:
        raise PolicyError(_file(document), f"$.{error.name}", error.reason, error.remedy) from None


def _placed(error: OptionError, document: PolicyDocument, given: Sequence[str]) -> OptionError | PolicyError:
    """Say where the rule `faults[n]…` stands: in the policy, or in the n-th --fault behind its rules."""
    match = _FAULT.match(error.name)
    own = len(document.faults) - len(given)
    if match is None or int(match[1]) < own:
        return PolicyError(_file(document), f"$.{error.name}", error.reason, error.remedy) if match else error
    return OptionError(f"--fault {given[int(match[1]) - own]}", error.reason, error.remedy)


def _fault(text: str, seed: int) -> dict[str, Any]:
    """Read one fault as strictly as a policy's."""
    name = f"--fault {text if len(text) <= 60 else text[:59] + '…'}"
    try:
        fault = parse_json(text.encode(errors="surrogateescape"), Path("--fault"))
        if not isinstance(fault, dict):
            raise PolicyError("--fault", "$", "this is no object", "write it as --help shows")
        Faults([fault], seed)
    except PolicyError as error:
        raise OptionError(name, f"{error.place}: {error.reason}", error.remedy) from None
    except OptionError as error:
        raise OptionError(name, error.reason, error.remedy) from None
    return fault


def _file(document: PolicyDocument) -> Path | str:
    return document.path or "policy"
