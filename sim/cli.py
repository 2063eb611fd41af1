"""The command line: parse, one call, a short answer, an exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sim.commands import attribution, backtest, files, look, project, reproduce, run, sweep, target
from sim.errors import SimError

ROOT = Path(__file__).resolve().parent.parent
INTERRUPTED = 130  # exit code, as the shell tells an interrupt
COMMANDS = (run, look, sweep, files, target, attribution, backtest, reproduce, project)


def main(argv: Sequence[str]) -> int:
    """Run one command; a fault that the program knows becomes one message and its exit code."""
    try:
        arguments = _parser().parse_args(list(argv), argparse.Namespace(root=ROOT))
        return int(arguments.call(arguments))
    except SimError as fault:
        print(fault, file=sys.stderr)
        return fault.exit_code
    except OSError as fault:  # a disk or a right that is missing where nobody could say more
        print(f"{fault.filename or 'the system'}: {fault.strerror or fault}", file=sys.stderr)
        return SimError.exit_code
    except MemoryError:
        print("not enough memory; fewer DRAWS need less", file=sys.stderr)
        return SimError.exit_code
    except KeyboardInterrupt:
        print("interrupted; a result without its manifest is unfinished", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sim", description="Scenario model of trade in metals.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for family in COMMANDS:
        family.add(commands)
    return parser
