"""Options that several commands share, and what they accept; a ScenarioError tells what is wanted."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

from sim.errors import ScenarioError
from sim.records.sampling import MOST_DRAWS, MOST_SEED, PLAIN, SAMPLINGS

DEFAULT_DRAWS, DEFAULT_SEED = 256, 1  # percentiles that hold to a twentieth of a band; any seed is as good
MOST_JOBS = 1024  # what is above is a slip of the keyboard
DEGRADED = 3  # exit code of a run that is not to be trusted
UNLIKE = 1  # exit code of a result that comes out otherwise than it is stored
VARIANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_TOLD = 40  # characters of a faulty option that its message repeats


def add_scenario(parser: argparse.ArgumentParser) -> None:
    """The scenario a command is about, and changes of it."""
    parser.add_argument("--scenario", default=given("SCENARIO"), help="name of a file in scenarios/, or all")
    parser.add_argument("--set", default=given("SET"), dest="overrides", help='"path=value; path=value"')


def add_draws(parser: argparse.ArgumentParser) -> None:
    """How often it is drawn, from which seed, on how many cores, and whether figures are drawn."""
    parser.add_argument("--draws", default=given("DRAWS"), help=f"number of draws, {DEFAULT_DRAWS}; 0: central only")
    parser.add_argument("--seed", default=given("SEED"), help=f"seed of the draws, {DEFAULT_SEED}")
    parser.add_argument("--jobs", default=given("JOBS"), help="cores to use; by default all")
    parser.add_argument(
        "--no-figures", dest="figures", action="store_const", const="no", default=given("FIGURES"), help="tables only"
    )


def given(variable: str) -> str:
    """What the Makefile hands over; an empty variable is none."""
    # such names may be set for every program: they count only beside one that is ours
    beside = {"NAME": ("SCENARIO", "SWEEP"), "FROM": ("SCENARIO",), "A": ("B",), "B": ("A",)}
    beside |= {"GOAL": ("VARY",), "VARY": ("GOAL",), "LOW": ("VARY",), "HIGH": ("VARY",)}
    beside |= dict.fromkeys(("PART", "SHARD", "CLUSTER", "DRY_RUN"), ("SWEEP",))
    beside |= dict.fromkeys(("OUTCOMES", "OF", "BASE", "INPUTS"), ("SCENARIO",))
    if not any(os.environ.get(name) for name in beside.get(variable, (variable,))):
        return ""
    return os.environ.get(variable, "")


def draws_in(arguments: argparse.Namespace) -> int:
    """Number of draws asked for."""
    return whole("DRAWS", arguments.draws, DEFAULT_DRAWS, 0, MOST_DRAWS)


def seed_in(arguments: argparse.Namespace) -> int:
    """Seed of the draws."""
    return whole("SEED", arguments.seed, DEFAULT_SEED, 0, MOST_SEED)


def jobs_in(arguments: argparse.Namespace) -> int:
    """Number of cores to use, all of them where none is said."""
    return whole("JOBS", arguments.jobs, os.cpu_count() or 1, 1, MOST_JOBS)


def figures_in(arguments: argparse.Namespace) -> bool:
    """Whether figures are wanted."""
    return yes_or_no("FIGURES", arguments.figures, otherwise=True)


def whole(name: str, text: str, default: int, low: int, high: int) -> int:
    """A whole number between two bounds, or the default where nothing is said."""
    if text == "":
        return default
    if not re.fullmatch(r"[0-9]{1,19}", text, re.ASCII) or not low <= int(text) <= high:
        raise ScenarioError(f"{name}={text[:_TOLD]!r}: a whole number from {low} to {high} is wanted")
    return int(text)


def yes_or_no(name: str, text: str, *, otherwise: bool) -> bool:
    """A choice, or the usual one where nothing is said."""
    if text not in ("", "yes", "no"):
        raise ScenarioError(f"{name}={text[:_TOLD]!r}: yes or no is wanted")
    return text == "yes" if text else otherwise


def sampling(text: str) -> str:
    """How draws are spread over the range of a number."""
    if text not in ("", *SAMPLINGS):
        raise ScenarioError(f"SAMPLING={text[:_TOLD]!r}: {' or '.join(SAMPLINGS)} is wanted")
    return text or PLAIN


def variant(text: str) -> str:
    """The name that a result is kept under."""
    if text and not VARIANT.fullmatch(text):
        raise ScenarioError(f"NAME={text[:_TOLD]!r}: letters, digits, '_', '-' and '.' are wanted, at most 64")
    return text


def known(root: Path) -> list[str]:
    """Names of the scenarios that exist."""
    from sim import app

    return [name for name, _ in app.listing(root)]


def wanted(root: Path, command: str, scenario: str) -> str:
    """The scenario a command is about; a ScenarioError names those there are."""
    if not scenario:
        raise ScenarioError(f"{command} which scenario? There are {', '.join(known(root))}")
    return scenario
