"""Options of every command that runs the engine: the policy, and how the machine behaves."""

from __future__ import annotations

import argparse
from typing import Any

from engine.errors import OptionError


class _HelpOptions(argparse.Action):
    """Lists the engine options and ends, as --help does."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from engine.classify.adversity.text import rule_lines  # reading arguments loads nothing of the engine
        from engine.classify.options import option_lines

        print("\n".join((*option_lines(), *rule_lines())))
        parser.exit()


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    """Add `--policy`, `--seed`, `--set`, `--fault` and `--help-options`."""
    parser.add_argument("--policy", metavar="F", help="policy file (.json); without one no layer has a filter")
    parser.add_argument("--seed", metavar="N", default="1", help="of everything that is left to chance (default: 1)")
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], help="an engine option, stronger than the policy's"
    )
    parser.add_argument(
        "--fault", metavar="JSON", action="append", default=[],
        help='adversity: {"call": "FwpsAllocateCloneNetBufferList0", "nth": 2, "status": "0xC000009A"} or '
             '{"do": "restart_module", "module": "native", "frame": 3}; --help-options lists all',
    )
    parser.add_argument("--help-options", action=_HelpOptions, nargs=0, help="list options and fault rules, and end")


def run_seed(args: argparse.Namespace) -> int:
    """Raises OptionError."""
    try:
        return int(args.seed, 0)
    except ValueError:
        raise OptionError("--seed", f"{args.seed!r} is no whole number", "write it as 1") from None
