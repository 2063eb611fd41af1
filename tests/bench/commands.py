"""Whole commands against a bare interpreter and one that loads the libraries, and the parts of a run."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sim import engine
from tests.bench.equilibria import ENGINES, ROOT, timed

REPETITIONS = 5
LOADS = "import numpy, pandas, scipy, matplotlib.pyplot"
SCENARIO = "sanctions_lifted"
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
PARTS = (  # function and module of each part of a run, in their order
    ("load_scenario", "sim.app"),
    ("build_world", "sim.app"),
    ("run_scenario", "sim.app"),
    ("_tables", "sim.app"),
    ("_pages", "sim.app"),
    ("draw_into", "sim.app"),
)
LOADED = (*dict.fromkeys(module for _, module in PARTS), "sim.output.page.run", "sim.output.plots.sharing")


def against_an_interpreter() -> list[dict[str, Any]]:
    """Medians in turn: a bare start, a start with the libraries, help, and runs by either engine."""
    run = ["-m", "sim", "run", "--scenario", SCENARIO, "--name", "bench"]
    asked: dict[str, tuple[list[str], str]] = {
        "bare interpreter": (["-c", "pass"], ""),
        "with numpy, pandas, scipy, pyplot": (["-c", LOADS], ""),
        "--help": (["-m", "sim", "--help"], ""),
    }
    for solver in ENGINES:
        asked[f"run without figures, {solver}"] = ([*run, "--no-figures"], solver)
        asked[f"run with all figures, {solver}"] = (run, solver)
    for words, solver in asked.values():
        _run(words, solver)  # what is made once: bytecode, compiled loops, worlds, fonts
    seconds: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(REPETITIONS):
        for name, (words, solver) in asked.items():
            seconds[name].append(timed(lambda words=words, solver=solver: _run(words, solver)))
    found = {name: statistics.median(each) for name, each in seconds.items()}
    bare, loaded = found["bare interpreter"], found["with numpy, pandas, scipy, pyplot"]
    return [
        {
            "command": name,
            "seconds": each,
            "over a bare interpreter": each / bare,
            "over one with libraries": each / loaded,
        }
        for name, each in found.items()
    ]


def parts_of_a_run() -> list[dict[str, Any]]:
    """Where the time of a run with figures goes, on one core."""
    with tempfile.TemporaryDirectory() as place:
        told = Path(place) / "parts.json"
        _run(["-m", "tests.bench.commands", str(told)], "")
        parts: dict[str, float] = json.loads(told.read_text())
    whole = sum(parts.values())
    return [{"part": name, "seconds": each, "share": each / whole} for name, each in parts.items()]


def _run(words: list[str], solver: str) -> None:
    subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        # libraries come with their bytecode; that of the program is kept, too, unless Python is told not to
        env={name: value for name, value in os.environ.items() if name != NO_BYTECODE} | {engine.CHOICE: solver},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def tell_parts(told: Path) -> None:
    """Run in this process and write the seconds of each part."""
    import importlib

    from sim import cli

    seconds: dict[str, float] = {"loading the program": timed(lambda: [importlib.import_module(m) for m in LOADED])}

    def wrapped(name: str, call: Any) -> Any:
        def measured(*arguments: Any, **named: Any) -> Any:
            made: list[Any] = []
            seconds[name] = seconds.get(name, 0.0) + timed(lambda: made.append(call(*arguments, **named)))
            return made[0]

        return measured

    for name, module in PARTS:
        where = importlib.import_module(module)
        setattr(where, name, wrapped(name, getattr(where, name)))
    whole = timed(lambda: cli.main(["run", "--scenario", SCENARIO, "--name", "bench", "--jobs", "1"]))
    seconds["everything else"] = whole - sum(seconds.values()) + seconds["loading the program"]
    told.write_text(json.dumps(seconds))


if __name__ == "__main__":
    tell_parts(Path(sys.argv[1]))
