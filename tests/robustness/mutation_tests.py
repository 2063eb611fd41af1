"""Mutation testing: what a test would not notice if it were wrong.

A seeded sample of the mutants is put in place of their modules one by one, each in a process of its own that is forked
before the program is loaded, and the tests that concern the module are run until one fails.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.util
import io
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import yaml

from tests.robustness.mutants import FILES, ROOT, Mutant, mutants_of, parsed, tree_of

SURVIVORS = Path(__file__).with_name("survivors.yaml")
KILLED, SURVIVED, ARGUED, TIMED_OUT = "killed", "survived", "argued", "killed: takes too long"
OUTCOMES = {0: SURVIVED, 1: KILLED, 2: KILLED}  # by what pytest says: passed, failed, cannot be imported
_TOLD = re.compile(r"(.+?): line \d+: (.+)")
LONGEST = 300  # seconds of the processor for the tests of one mutant
# of the property tests those that compare with the plain implementation, with derivatives and with sums of money
WIDE = (
    "numerics.py::test_jacobian_is_the_derivative_of_the_residuals",
    "numerics.py::test_jacobian_is_right_beside_stockpiles",
    "numerics.py::test_jacobian_is_right_at_caps_floors_and_full_contracts",
    "numerics.py::test_jacobian_is_right_where_bounds_over_several_origins_overlap",
    "numerics.py::test_jacobian_is_right_where_goods_are_sourced_in_value",
    "numerics.py::test_jacobian_is_right_where_a_market_has_several_contracts",
    "numerics.py::test_jacobian_is_right_for_supply_without_a_capacity",
    "numerics.py::test_jacobian_leaves_what_takes_no_part_where_it_is",
    "numerics.py::test_draw_does_not_depend_on_what_is_closed_in_its_neighbours",
    "agreement.py::test_plain_and_vectorised_agree_on_the_benchmark",
    "agreement.py::test_plain_and_vectorised_agree_on_one_of_each_measure",
    "agreement.py::test_plain_and_vectorised_agree_where_an_input_disappears",
    "agreement.py::test_plain_and_vectorised_agree_where_a_market_is_cut_off",
    "agreement.py::test_plain_and_vectorised_agree_where_origins_close_and_reopen",
    "agreement.py::test_plain_and_vectorised_agree_where_only_a_stockpile_is_left",
    "agreement.py::test_plain_and_vectorised_agree_on_quiet_random_worlds",
    "agreement.py::test_plain_and_vectorised_agree_on_stockpiles_and_reserves",
    "accounts.py",
    "published.py",
)
OWN = {  # what tests a file that has no tests of its own name
    "jacobian": WIDE[:8],
}
# loaded once, before the forks: all that the program and its tests need, and nothing of the program
LOADED = ("numpy", "scipy.optimize", "scipy.special", "pandas", "pydantic", "pytest", "hypothesis", "yaml")


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutated tree in place of one module of the program."""

    def __init__(self, name: str, file: str, tree: ast.Module) -> None:
        self._name, self._file, self._tree = name, file, tree

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self, origin=self._file) if fullname == self._name else None

    def create_module(self, *_: object) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = self._file
        code = compile(ast.fix_missing_locations(self._tree), self._file, "exec")
        exec(code, module.__dict__)  # noqa: S102 - the program itself, one place changed


def tests_of(file: str) -> list[list[str]]:
    """The tests that concern a file, in stages: its own first, then those of what is built from it."""
    stem = Path(file).stem
    if stem == "indicators":
        return [
            ["tests/unit/test_indicators.py"],
            ["tests/unit/test_study_tables.py"],
            ["tests/unit/test_study_run.py"],
        ]
    own = f"tests/unit/test_core_{stem}.py"
    around = [f"tests/unit/test_core_{name}.py" for name in ("equilibrium", "clearable", "stock", "live")]
    first = [f"tests/property/test_{test}" for test in OWN[stem]] if stem in OWN else [own]
    first = first if stem in OWN or (ROOT / own).exists() else around[:1]
    near = [*(each for each in around if each not in first), "tests/unit/test_checks.py"]
    return [first, near, [f"tests/property/test_{test}" for test in WIDE if f"tests/property/test_{test}" not in first]]


def outcome_of(mutant: Mutant, tree: ast.Module, stages: Sequence[Sequence[str]]) -> str:
    """Run the tests on one mutant in a forked process, stage by stage until one fails."""
    return _read(mutant, os.waitpid(_begun(mutant, tree, stages), 0)[1])


def _begun(mutant: Mutant, tree: ast.Module, stages: Sequence[Sequence[str]]) -> int:
    """The process that tries a mutant."""
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        code = 9
        try:
            code = _child(mutant, tree, stages)
        finally:
            os._exit(code)
    return process


def _read(mutant: Mutant, status: int) -> str:
    """What the end of a process says of its mutant."""
    if os.WIFSIGNALED(status):
        return TIMED_OUT if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else KILLED
    code = os.waitstatus_to_exitcode(status)
    if code not in OUTCOMES:
        raise RuntimeError(f"{mutant.key}: the tests could not be run (exit code {code})")
    return OUTCOMES[code]


def _child(mutant: Mutant, tree: ast.Module, stages: Sequence[Sequence[str]]) -> int:
    import resource

    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST + 5))
    resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30, 8 * 2**30))
    loaded = [name for name in sys.modules if name.split(".")[0] == "sim"]
    if loaded:
        raise RuntimeError(f"loaded before the mutant: {loaded}")
    name = mutant.file.removesuffix(".py").replace("/", ".")
    sys.meta_path.insert(0, _Loader(name, str(ROOT / mutant.file), tree))
    os.chdir(ROOT)
    os.environ["CI"] = "true"  # cases that are drawn are the same each time
    sys.stdout = sys.stderr = io.StringIO()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    for stage in stages:
        # plain assertions: what is loaded before the fork cannot be rewritten, and nobody reads them here
        words = ["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov"]
        code = int(pytest.main([*words, *stage])) if stage else 0
        if code:
            return code
    return 0


def check_sound(files: Sequence[str]) -> None:
    """Raise where the tests of the files do not pass without a change: then nothing they say of mutants counts."""
    tests = sorted({test for file in files for stage in tests_of(file) for test in stage})
    same = Mutant(files[0], "as it stands", 0, "", "", 0)
    for test in tests:  # one by one: all of them together may take longer than those of any mutant
        if outcome_of(same, parsed(files[0]), [[test]]) != SURVIVED:
            raise RuntimeError(f"a test does not pass as the program stands: {test}")


def sample(size: int, seed: int) -> list[Mutant]:
    """So many mutants of all files together, in the order in which they were drawn."""
    every = [each for file in FILES for each in mutants_of(file)]
    return random.Random(seed).sample(every, min(size, len(every)))  # noqa: S311 - nothing is kept secret with it


def argued() -> dict[str, str]:
    """Why a survivor changes nothing that counts, by its key."""
    known: dict[str, str] = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8")) or {}
    return known


def told_by(log: str) -> dict[str, str]:
    """Outcomes by key as a campaign has printed them."""
    return {found[2]: found[1] for line in log.splitlines() if (found := _TOLD.match(line))}


def tried_before(told: Mapping[str, str]) -> list[Mutant]:
    """The mutants of an earlier campaign that there still are, in the order of the files."""
    return [each for file in FILES for each in mutants_of(file) if each.key in told]


def campaign(
    chosen: Sequence[Mutant],
    jobs: int,
    until: float,
    tell: Callable[[Mutant, str], None],
    earlier: Mapping[str, str] | None = None,
) -> list[tuple[Mutant, str]]:
    """The outcome of every mutant, or of as many as there is time for, in their order.

    What was killed ``earlier``, by key, is not tried again: tests are added, and a mutant that one notices stays dead.
    """
    for name in LOADED:
        importlib.import_module(name)
    check_sound(sorted({mutant.file for mutant in chosen}))
    known = argued()
    before = {mutant: (earlier or {}).get(mutant.key, "") for mutant in chosen}
    found = {mutant: outcome for mutant, outcome in before.items() if outcome in (KILLED, TIMED_OUT)}
    running: dict[int, Mutant] = {}
    waiting = iter([mutant for mutant in chosen if mutant not in found])
    while True:
        while len(running) < jobs and time.monotonic() < until and (mutant := next(waiting, None)) is not None:
            running[_begun(mutant, tree_of(mutant), tests_of(mutant.file))] = mutant
        if not running:
            return [(mutant, found[mutant]) for mutant in chosen if mutant in found]
        process, status = os.waitpid(-1, 0)
        ended = running.pop(process)
        outcome = _read(ended, status)
        found[ended] = ARGUED if outcome == SURVIVED and ended.key in known else outcome
        tell(ended, found[ended])


def lines_of(found: Sequence[tuple[Mutant, str]], size: int) -> list[str]:
    """What a campaign found, as tables: by file, and the survivors with their arguments."""
    known = argued()
    files: dict[str, Counter[str]] = {}
    for mutant, outcome in found:
        files.setdefault(mutant.file, Counter())[outcome] += 1
    total: Counter[str] = sum(files.values(), Counter())
    killed = total[KILLED] + total[TIMED_OUT]
    score = killed / max(killed + total[SURVIVED], 1)
    rows = [
        f"| `{name}` | {count.total()} | {count[KILLED] + count[TIMED_OUT]} | {count[ARGUED]} | {count[SURVIVED]} |"
        for name, count in sorted(files.items())
    ]
    survivors = [
        f"| `{mutant.key.replace('|', chr(92) + '|')}` | {known.get(mutant.key, '**not argued**')} |"
        for mutant, outcome in sorted(found, key=lambda each: each[0].key)
        if outcome in (ARGUED, SURVIVED)
    ]
    return [
        (
            f"Of a seeded sample of {size:,} mutants {len(found):,} were tried: {killed:,} were killed, "
            f"{total[ARGUED]:,} change nothing that counts, {total[SURVIVED]:,} survived. "
            f"Killed of those that count: {score:.1%}."
        ),
        "",
        "| file | tried | killed | argued | survived |",
        "|---|---|---|---|---|",
        *rows,
        "",
        *(["| survivor | why |", "|---|---|", *survivors] if survivors else []),
    ]
