"""The floors of the package: imports go down, or within a folder; never across, in a circle or of the bare `sim`."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT = Path(__file__).parents[2]

# files and folders of each floor; files of one floor may import those named before them, folders never each other,
# save that a folder in a folder stands on the files around it
FLOORS = (
    ("errors.py", "axes.py", "version.py", "loading.py"),
    ("quantity.py", "provenance.py"),
    ("records/",),
    ("core/",),
    ("compiled/",),
    ("engine.py",),
    ("model.py", "checks.py"),
    ("inputs/", "benchmark/", "assemble/", "dependence.py", "indicators.py"),
    ("study/",),
    ("output/", "output/plots/", "output/page/"),
    (
        *("app.py", "editing.py", "new_world.py", "history.py", "aim.py"),
        *("attributing.py", "sweep_plan.py", "sweeping.py", "pages.py", "look.py", "showcase.py", "again.py"),
    ),
    ("terminal.py", "options.py"),
    ("commands/",),
    ("cli.py", "__main__.py"),
)

# libraries that few files know: who may import them
ONLY_IN = {
    "pydantic": ("inputs/",),
    "yaml": ("inputs/marks.py",),
    "matplotlib": ("output/plots/",),
    "jinja2": ("output/",),
    "numba": ("compiled/",),
    "openpyxl": ("output/",),
    "SALib": ("study/",),
    "dask": ("study/",),
    "distributed": ("study/",),
    "argparse": ("cli.py", "commands/", "options.py"),
    "rich": ("terminal.py", "app.py", "output/"),
}
NEVER_IN = {
    "core/": ("pandas", "csv", "io", "os", "pathlib"),
    "model.py": ("pandas", "csv", "io", "os", "pathlib"),
    "": ("matplotlib.pyplot",),  # its state is shared by all figures of a process
}


def imports_of(source: str, path: str) -> list[tuple[int, str]]:
    """Line and full name of everything imported, wherever in the file it stands; ``from a import b`` gives a.b."""
    found = []
    package = ["sim", *path.split("/")[:-1]]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            found += [(node.lineno, f"{origin}.{alias.name}") for alias in node.names]
    return found


def place_of(path: str) -> tuple[int, int] | None:
    """Floor of a file and its place there; the longest folder that holds it counts."""
    best: tuple[int, int] | None = None
    longest = 0
    for floor, entries in enumerate(FLOORS):
        for position, entry in enumerate(entries):
            fits = path.startswith(entry) if entry.endswith("/") else path == entry
            if fits and len(entry) > longest:
                best, longest = (floor, position), len(entry)
    return best


def target_of(name: str, paths: Iterable[str]) -> str | None:
    """File of the package that an imported name leads to; None for other packages and for the bare `sim`."""
    parts = name.split(".")[1:]
    for length in range(len(parts), 0, -1):
        stem = "/".join(parts[:length])
        for candidate in (f"{stem}.py", f"{stem}/__init__.py"):
            if candidate in paths:
                return candidate
    return None


def crossing(path: str, target: str) -> str | None:
    """What is wrong with one file importing another, if anything."""
    here, there = place_of(path), place_of(target)
    if here is None or there is None:
        return None  # reported as a file on no floor
    if here[0] < there[0]:
        return f"floor {here[0]} imports {target} of floor {there[0]} above it"
    if here[0] == there[0] and here[1] != there[1]:
        mine, other = FLOORS[here[0]][here[1]], FLOORS[there[0]][there[1]]
        if mine.startswith(other):
            return None
        if mine.endswith("/") or other.endswith("/"):
            return f"imports {target} across floor {here[0]}"
        if here[1] < there[1]:
            return f"imports {target}, which is named after it on floor {here[0]}"
    return None


def library_fault(path: str, name: str) -> str | None:
    """Whether a library is imported where it must not be known."""

    def within(library: str) -> bool:
        return name == library or name.startswith(f"{library}.")

    for library, places in ONLY_IN.items():
        if within(library) and not path.startswith(places):
            return f"imports {library}, known only to {', '.join(places)}"
    for place, libraries in NEVER_IN.items():
        for library in libraries:
            if path.startswith(place) and within(library):
                return f"imports {library}"
    return None


def faults(files: Mapping[str, str]) -> list[str]:
    """Everything that breaks the floors in a package given as path -> source; paths are relative to sim/."""
    found = []
    graph: dict[str, set[str]] = {}
    for path, source in sorted(files.items()):
        is_root = path == "__init__.py"
        if place_of(path) is None and not is_root:
            found.append(f"{path}: on no floor")
        graph[path] = set()
        for line, name in imports_of(source, path):
            fault = library_fault(path, name)
            if name.split(".")[0] == "sim":
                target = target_of(name, files)
                if is_root:
                    fault = "the root of the package imports its own parts"
                elif target is None:
                    fault = f"imports {name}: the bare sim, or no file of it"
                else:
                    graph[path].add(target)
                    fault = crossing(path, target)
            if fault:
                found.append(f"{path}:{line}: {fault}")
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found.append(f"circle of imports: {', '.join(sorted(set(error.args[1])))}")
    return found


def package() -> dict[str, str]:
    folder = ROOT / "sim"
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}


def test_floors_of_the_package_hold() -> None:
    files = package()
    assert "core/supply.py" in files
    assert faults(files) == []


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("quantity.py", "from sim.records import world", "quantity.py:1: floor 1 imports records/world.py of floor 2"),
        ("core/supply.py", "def f():\n    import sim.model", "core/supply.py:2: floor 3 imports model.py of floor 6"),
        ("inputs/csv.py", "from sim.dependence import a", "inputs/csv.py:1: imports dependence.py across floor 7"),
        ("dependence.py", "from sim.inputs.csv import read", "dependence.py:1: imports inputs/csv.py across floor 7"),
        ("output/tables.py", "from sim.output.plots import fan", "imports output/plots/fan.py across floor 9"),
        (
            "model.py",
            "from sim.checks import check",
            "model.py:1: imports checks.py, which is named after it on floor 6",
        ),
        ("app.py", "import sim", "app.py:1: imports sim: the bare sim"),
        ("app.py", "from sim import __version__", "app.py:1: imports sim.__version__: the bare sim"),
        ("app.py", "import sim.nowhere", "app.py:1: imports sim.nowhere: the bare sim, or no file of it"),
        ("core/supply.py", "from ..model import step", "core/supply.py:1: floor 3 imports model.py of floor 6"),
        ("core/supply.py", "from . import demand", "circle of imports: core/demand.py, core/supply.py"),
        ("__init__.py", "from sim.model import step", "__init__.py:1: the root of the package imports its own parts"),
        ("core/supply.py", "import pandas as pd", "core/supply.py:1: imports pandas"),
        ("core/supply.py", "from pathlib import Path", "core/supply.py:1: imports pathlib"),
        ("model.py", "from pandas import DataFrame", "model.py:1: imports pandas"),
        ("dependence.py", "import pydantic", "dependence.py:1: imports pydantic, known only to inputs/"),
        ("inputs/csv.py", "from yaml import load", "inputs/csv.py:1: imports yaml, known only to inputs/marks.py"),
        ("output/tables.py", "import matplotlib", "imports matplotlib, known only to output/plots/"),
        ("output/plots/fan.py", "from matplotlib import pyplot", "output/plots/fan.py:1: imports matplotlib.pyplot"),
        ("helpers.py", "", "helpers.py: on no floor"),
    ],
)
def test_each_breach_is_told(path: str, source: str, fault: str) -> None:
    sound = {
        "__init__.py": "",
        "quantity.py": "",
        "records/world.py": "import sim.quantity",
        "core/supply.py": "import numpy as np",
        "core/demand.py": "from sim.core.supply import shares",
        "model.py": "from sim.core.supply import shares\nfrom sim.records.world import World",
        "checks.py": "from sim.model import step",
        "inputs/csv.py": "import pydantic",
        "dependence.py": "import numpy",
        "output/tables.py": "import pandas",
        "output/plots/fan.py": "from matplotlib.figure import Figure\nfrom sim.output.tables import rows",
        "output/page/html.py": "import jinja2",
        "app.py": "from sim.output.plots import fan\nfrom sim.output import tables",
    }
    assert faults(sound) == []
    told = faults(sound | {path: source})
    assert any(fault in line for line in told), told
