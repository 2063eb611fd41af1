"""A sweep made ready: its file, scenarios, points and cases, and the mark of all that its parts depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.app import CACHE, RESULTS, SHARD, SWEEPS, WORLDS, baseline_of, files_read
from sim.engine import engine_told
from sim.errors import ScenarioError
from sim.inputs.overrides import only_paths, stated_paths
from sim.inputs.resolve import list_scenarios, load_scenario
from sim.inputs.sweep import read_sweep
from sim.records.scenario import Scenario
from sim.records.sweep import EACH, Axis, Disruption, Point, SweepFile
from sim.records.world import World
from sim.study.atlas import AXES, disrupted
from sim.study.case import Case, bytes_per_draw, case_of
from sim.study.fingerprint import fingerprint
from sim.study.points import points_of
from sim.study.run import check_together
from sim.study.sweep import (
    draws_in_a_part,
)
from sim.study.world import build_world

DEFAULT_DRAWS = 64  # of each point, where neither the file nor the command says
# what a part is solved by, folders and files of sim/; words, figures and commands change no number
SOURCES = (
    *(
        "errors.py",
        "axes.py",
        "version.py",
        "quantity.py",
        "provenance.py",
        "records",
        "core",
        "compiled",
        "engine.py",
        "model.py",
        "checks.py",
    ),
    *("inputs", "benchmark", "assemble", "dependence.py", "indicators.py", "study"),
)
_MARK = 16  # hexadecimal digits of what parts belong to


@dataclass(frozen=True, kw_only=True)
class SweepOptions:
    """The options of a sweep as the command line gives them; what is None or empty is left to the file."""

    sweep: str
    draws: int | None
    seed: int
    jobs: int
    overrides: str
    name: str
    figures: bool
    shard: tuple[int, int] | None = None  # which of how many, from 1
    part: int | None = None  # draws in a part, and in a batch of it
    cluster: str = ""
    page: bool = False  # whether this is the sweep as it is shipped, which a page of docs/ may tell

    @property
    def command(self) -> list[str]:
        """The command that makes the same result again, whoever does the work."""
        words = ["sweep", "--sweep", self.sweep]
        words += ["--draws", str(self.draws)] if self.draws is not None else []
        words += ["--seed", str(self.seed)]
        words += [f"--set={self.overrides}"] if self.overrides else []
        words += ["--name", self.name] if self.name else []
        return words if self.figures else [*words, "--no-figures"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """A sweep made ready: its points, each with the case that is solved for it."""

    sweep: SweepFile
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    cases: tuple[Case, ...]
    draws: int
    seed: int
    part: int  # draws in a part
    mark: str  # of all that the parts depend on, but their number
    files: frozenset[str]
    world: World
    plain: tuple[Scenario, ...]  # the scenarios as their files have them


def plan_of(root: Path, options: SweepOptions, version: str) -> Plan:
    """Read a sweep and everything it names; ScenarioError tells what is wrong before anything is solved."""
    file = read_sweep(root, options.sweep)
    every = tuple(name for name, _ in list_scenarios(root))
    names = every if file.scenarios == (EACH,) else file.scenarios
    scenarios = {name: load_scenario(name, root, options.overrides) for name in names}
    worlds = {scenario.world for scenario in scenarios.values()}
    if len(worlds) > 1:
        raise ScenarioError(f"{file.file}: scenarios of several worlds: {', '.join(sorted(worlds))}")
    world = build_world(root / WORLDS / worlds.pop(), root / CACHE)
    draws = options.draws if options.draws is not None else DEFAULT_DRAWS if file.draws is None else file.draws
    if file.disrupt is not None:
        return _disrupted(root, options, version, file, file.disrupt, scenarios, world, draws)
    axes, points = points_of(file, scenarios, options.overrides, options.seed)
    columns = {
        name: case_of(scenario, _baseline(root, scenario, options.overrides, ""), world, file.wanted)
        for name, scenario in scenarios.items()
    }
    files = {file.file}
    cases = []
    for point in points:
        scenario, baseline = _pair(root, point, options.overrides)
        check_together(scenario, baseline, world)
        files |= files_read(root, scenario, baseline)
        cases.append(columns[point.scenario].of(scenario, baseline, world))
    return _planned(root, options, version, file, axes, points, tuple(cases), draws, frozenset(files), world, scenarios)


def _disrupted(
    root: Path,
    options: SweepOptions,
    version: str,
    file: SweepFile,
    disrupt: Disruption,
    scenarios: Mapping[str, Scenario],
    world: World,
    draws: int,
) -> Plan:
    """The plan of an atlas: a scenario is its own baseline, but for what is cut off."""
    if len(scenarios) != 1:
        raise ScenarioError(f"{disrupt.place}: a disruption is of one scenario, not of {', '.join(scenarios)}")
    (scenario,) = scenarios.values()
    baseline = _baseline(root, scenario, options.overrides, "")
    points, cases = disrupted(disrupt, replace(scenario, compare_with=None), scenario, world)
    if not points:
        raise ScenarioError(f"{disrupt.place}: nobody sells these goods abroad")
    files = frozenset({file.file, *files_read(root, scenario, baseline)})
    return _planned(root, options, version, file, AXES, points, cases, draws, files, world, scenarios)


def _planned(
    root: Path,
    options: SweepOptions,
    version: str,
    file: SweepFile,
    axes: tuple[Axis, ...],
    points: tuple[Point, ...],
    cases: tuple[Case, ...],
    draws: int,
    files: frozenset[str],
    world: World,
    scenarios: Mapping[str, Scenario],
) -> Plan:
    most = options.part or draws_in_a_part(max(bytes_per_draw(case) for case in cases))
    return Plan(
        sweep=file,
        axes=axes,
        points=points,
        cases=cases,
        draws=draws,
        seed=options.seed,
        part=most,
        mark=_mark(root, points, cases, options.seed, version),
        files=files,
        world=world,
        plain=tuple(scenarios.values()),
    )


def _pair(root: Path, point: Point, overrides: str) -> tuple[Scenario, Scenario]:
    """Scenario and baseline of a point: what it says of parameters holds for both, as with SET."""
    settings = "; ".join(text for text in (overrides, point.settings) if text.strip())
    scenario = load_scenario(point.scenario, root, settings)
    return scenario, _baseline(root, scenario, settings, point.baseline_settings)


def _baseline(root: Path, scenario: Scenario, settings: str, too: str) -> Scenario:
    """The baseline under the same parameters, and with what a sweep changes in both."""
    name = baseline_of(scenario)
    known = [f"parameters.{'.'.join(path)}" for path in load_scenario(name, root).parameters]
    return load_scenario(name, root, only_paths(settings, (*known, *stated_paths(too))))


def _mark(root: Path, points: Sequence[Point], cases: Sequence[Case], seed: int, version: str) -> str:
    """What parts belong to: program, engine, seed, points with all their inputs, columns; not how many draws."""
    told = hashlib.sha256()
    told.update(f"{version} {seed} {engine_told()} {source_hash(root)}\n".encode())
    for point, case in zip(points, cases, strict=True):
        columns = " ".join(column.text for column in case.columns)
        inputs = f"{fingerprint(case.scenario, case.baseline)} {case.world.fingerprint}"
        told.update(f"{point.scenario} {inputs} {columns}\n".encode())
    return told.hexdigest()[:_MARK]


def source_hash(root: Path) -> str:
    """SHA-256 of the files that numbers come from: what another version has solved is never mixed in."""
    folder = root / "sim" if (root / "sim").is_dir() else Path(__file__).parent
    told = hashlib.sha256()
    for name in SOURCES:
        for path in (folder / name,) if name.endswith(".py") else sorted((folder / name).rglob("*.py")):
            told.update(path.read_bytes())
    return told.hexdigest()


def folder_of(root: Path, options: SweepOptions) -> Path:
    """Where a sweep, or a shard of it, is written."""
    name = f"{options.sweep}@{options.name}" if options.name else options.sweep
    if options.shard is not None:
        name += f"{SHARD}{options.shard[0]}_of_{options.shard[1]}"
    return root / RESULTS / SWEEPS / name
