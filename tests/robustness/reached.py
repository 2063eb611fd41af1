"""Which statements and branches of sim/ the tests reach, told apart and folder by folder."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEAST = 95.0  # percent of the statements, and of the branches
_TOP = "sim"


@dataclass(frozen=True)
class Reached:
    """How many statements and branches there are, and how many of them are reached."""

    statements: int = 0
    reached: int = 0
    branches: int = 0
    taken: int = 0

    def __add__(self, other: Reached) -> Reached:
        return Reached(
            self.statements + other.statements,
            self.reached + other.reached,
            self.branches + other.branches,
            self.taken + other.taken,
        )

    @property
    def percent(self) -> tuple[float, float]:
        """Of the statements and of the branches; where there are none, none are missed."""
        return _percent(self.reached, self.statements), _percent(self.taken, self.branches)


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 100.0


def measured() -> Mapping[str, Reached]:
    """Run all tests and tell what they reached, file by file; RuntimeError where a test fails.

    Commands that tests start and workers that those fork are measured with them, as pyproject.toml has it.
    """
    with tempfile.TemporaryDirectory() as place:
        told = Path(place) / "coverage.json"
        words = ["-q", "-n", "auto", "--dist", "loadfile", f"--cov={_TOP}", "--cov-branch", f"--cov-report=json:{told}"]
        done = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, check=False)
        if done.returncode:
            raise RuntimeError(f"the tests end with {done.returncode}; what they reach counts once they pass")
        return read(told)


def read(report: Path) -> Mapping[str, Reached]:
    """A report of coverage in JSON, file by file."""
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    return {
        name: Reached(
            statements=each["summary"]["num_statements"],
            reached=each["summary"]["covered_lines"],
            branches=each["summary"]["num_branches"],
            taken=each["summary"]["covered_branches"],
        )
        for name, each in sorted(files.items())
    }


def is_enough(found: Mapping[str, Reached]) -> bool:
    """Whether the statements and the branches are reached as far as is wanted, each by itself."""
    return min(_total(found).percent) >= LEAST


def lines_of(found: Mapping[str, Reached]) -> list[str]:
    """A table by folder, the files beside the folders in one row."""
    folders: dict[str, Reached] = {}
    for name, each in found.items():
        parts = Path(name).parts
        folder = f"{_TOP}/{parts[1]}/" if len(parts) > 2 else f"{_TOP}/*.py"
        folders[folder] = folders.get(folder, Reached()) + each
    rows = [(f"`{folder}`", each) for folder, each in sorted(folders.items())]
    return [
        "| | statements | reached, % | branches | taken, % |",
        "|---|---|---|---|---|",
        *(_row(name, each) for name, each in [*rows, ("all", _total(found))]),
    ]


def _total(found: Mapping[str, Reached]) -> Reached:
    return sum(found.values(), Reached())


def _row(name: str, each: Reached) -> str:
    statements, branches = each.percent
    return f"| {name} | {each.statements:,} | {statements:.1f} | {each.branches:,} | {branches:.1f} |"
