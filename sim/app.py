"""Running a scenario: resolve, solve, write; and what the other commands share."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.benchmark.report import world_report
from sim.engine import engine_told, load
from sim.errors import ScenarioError
from sim.inputs.faults import known_or_nearest, shortened
from sim.inputs.overrides import only_paths
from sim.inputs.resolve import list_scenarios, load_scenario, validate_all
from sim.inputs.resolved_text import resolved_yaml
from sim.inputs.world import read_world
from sim.output.answer import answer_blocks, answer_text, lead_of
from sim.output.facts import FACTS_NAME, RunRecord, StudyRecord, facts_bytes
from sim.output.folder import ResultFolder, others_in
from sim.output.iamc import iamc_bytes
from sim.output.inputs_text import inputs_told
from sim.output.manifest import COMPLETE, DEGRADED, Manifest
from sim.output.page.drawings import Drawing
from sim.output.page.table import Table
from sim.output.tables import FLOWS, MARKETS, SUMMARY, UNSOLVED, csv_bytes, npz_bytes
from sim.output.workbook import NAME as WORKBOOK
from sim.output.workbook import check_installed, workbook_bytes
from sim.records.outcome import RunFacts
from sim.records.sampling import PLAIN
from sim.records.scenario import Scenario
from sim.records.world import World
from sim.study.progress import Report
from sim.study.run import Outcome, check_together, run_scenario
from sim.study.world import build_world

if TYPE_CHECKING:
    from sim.output.plots.gallery import Drawn

RESULTS = "results"
# folders below it for what is no single run, and what names a shard of a sweep in one of them
COMPARISONS, SWEEPS, GOALS, ATTRIBUTIONS = "_compare", "_sweep", "_target", "_attribution"
SHARD = ".shard_"
CACHE = ".cache"
WORLDS = "scenarios/worlds"
PAGE = "report.html"
PAGE_WIDTH = 88  # characters of the tables of an answer on a page
RESOLVED, RESOLVED_BASELINE = "resolved.yaml", "resolved_baseline.yaml"


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options of a run as the command line gives them."""

    draws: int
    seed: int
    jobs: int
    overrides: str
    name: str
    figures: bool
    sampling: str = PLAIN
    excel: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Finished:
    """A run that was written: where, the answer in words, and whether too many draws failed."""

    folder: Path
    answer: str
    degraded: bool
    others: tuple[str, ...]  # files in the folder that no run wrote


def run(
    root: Path,
    scenario_name: str,
    options: RunOptions,
    command: list[str],
    version: str,
    width: int,
    report: Report,
) -> Finished:
    """Resolve, solve and write one scenario; nothing is written when the scenario is at fault."""
    if options.excel:
        check_installed()  # before the work, not after it
    scenario = load_scenario(scenario_name, root, options.overrides)
    baseline = load_baseline(scenario, root, options.overrides)
    place = scenario.name if not options.name else f"{scenario.name}@{options.name}"
    return run_pair(root, scenario, baseline, root / RESULTS / place, options, command, version, width, report)


def run_pair(
    root: Path,
    scenario: Scenario,
    baseline: Scenario,
    folder: Path,
    options: RunOptions,
    command: list[str],
    version: str,
    width: int,
    report: Report,
) -> Finished:
    """Solve a resolved scenario beside its baseline and write the result to ``folder``."""
    world = build_world(root / WORLDS / scenario.world, root / CACHE)
    outcome = run_scenario(
        scenario,
        baseline,
        world,
        draws=options.draws,
        seed=options.seed,
        jobs=options.jobs,
        version=version,
        report=report,
        sampling=options.sampling,
        meanwhile=partial(_load_writers, figures=options.figures),
    )
    labels = labels_of(world)
    drawings: list[Drawing] = []
    with ResultFolder(folder) as out, ExitStack() as stack:
        if options.figures:
            draw = stack.enter_context(_drawing(outcome, labels, options.jobs))
        for name, content in _tables(outcome).items():
            out.write(name, content)
        for name, resolved in ((RESOLVED, scenario), (RESOLVED_BASELINE, baseline)):
            out.write(name, resolved_yaml(resolved).encode())
        if options.figures:
            report(1.0, "figures")
            drawings = draw_into(out, draw())
        for name, content in _pages(root, scenario, baseline, outcome, labels, drawings, options).items():
            out.write(name, content)
        out.finish(_manifest(root, scenario, baseline, outcome, options.seed, command, version))
        others = others_in(folder)  # as long as nobody else may begin to write here
    first = str((folder / (f"figures/{drawings[0].name}.png" if drawings else "summary.csv")).relative_to(root))
    return Finished(
        folder=folder,
        answer=answer_of(outcome, labels, width, first),
        degraded=outcome.degraded,
        others=others,
    )


def _load_writers(*, figures: bool) -> None:
    """Load what is slow to load before it is wanted."""
    from sim.output.page.html import ANSWER, template_of

    template_of(ANSWER)
    import_module("scipy.special")
    import_module("sim.output.page.run")
    if figures:
        import_module("sim.output.plots.sharing")


def _drawing(
    outcome: Outcome, labels: Mapping[str, str], jobs: int
) -> AbstractContextManager[Callable[[], Iterator[Drawn]]]:
    """What draws the figures of a run; others begin with some of them at once."""
    from sim.output.plots.gallery import gallery  # matplotlib is slow to load
    from sim.output.plots.sharing import drawing

    deals = (*outcome.offers, *outcome.guarantees)
    plan = partial(gallery, outcome.summary, outcome.flows, deals, outcome.facts, labels, cases=outcome.cases)
    return drawing(plan, jobs)


def draw_into(out: ResultFolder, drawn: Iterable[Drawn]) -> list[Drawing]:
    """Write figures, of which name, finding and files are told, and keep what a page shows of them."""
    drawings = []
    for name, finding, files in drawn:
        svg = next(content for file, content in files.items() if file.endswith(".svg"))
        drawings.append(Drawing(name=name, finding=finding, svg=svg))
        for file, content in files.items():
            out.write(file, content)
    return drawings


def answer_of(outcome: Outcome, labels: Mapping[str, str], width: int, figure: str) -> str:
    """The answer to a run in lines of at most ``width`` characters; ``figure`` is the path named at its end."""
    return answer_text(_answer_blocks(outcome, labels, width), figure)


def _answer_blocks(outcome: Outcome, labels: Mapping[str, str], width: int) -> list[list[str]]:
    return answer_blocks(
        outcome.facts,
        outcome.offers,
        width,
        guarantees=outcome.guarantees,
        projects=outcome.projects,
        stocks=outcome.stocks,
        cases=outcome.cases,
        labels=labels,
        summary=outcome.summary,
    )


def _pages(
    root: Path,
    scenario: Scenario,
    baseline: Scenario,
    outcome: Outcome,
    labels: Mapping[str, str],
    drawings: Sequence[Drawing],
    options: RunOptions,
) -> dict[str, bytes]:
    """The page of a run, what later pages want to know of it, and its numbers for other programs."""
    from sim.output.page.run import run_page  # jinja2 is slow to load

    world = read_world(root / WORLDS / scenario.world)
    answer = _answer_blocks(outcome, labels, PAGE_WIDTH)
    record = RunRecord(
        facts=outcome.facts,
        labels=labels,
        lead=lead_of(answer),
        inputs=inputs_told(scenario, world),
        baseline_inputs=inputs_told(baseline, world),
    )
    page = run_page(record, answer, outcome.summary, drawings, outcome.checks, options.seed)
    files = {
        FACTS_NAME: facts_bytes(record),
        PAGE: page,
        "iamc.csv": iamc_bytes(outcome.summary, outcome.flows, outcome.facts, labels),
    }
    if options.excel:
        files[WORKBOOK] = workbook_bytes(record, outcome.summary, outcome.flows, outcome.markets)
    return files


def load_baseline(scenario: Scenario, root: Path, overrides: str) -> Scenario:
    """The baseline under the same assumptions: what SET says of parameters holds on both sides.

    What it says of switches and measures is a change of the scenario alone.
    """
    name = baseline_of(scenario)
    as_written = load_scenario(name, root)
    shared = only_paths(overrides, [f"parameters.{'.'.join(path)}" for path in as_written.parameters])
    return load_scenario(name, root, shared) if shared else as_written


def baseline_of(scenario: Scenario) -> str:
    """The scenario that results are compared with: as stated, else the root of the ``extends`` chain."""
    return scenario.compare_with or scenario.chain[-1]


def listing(root: Path) -> list[tuple[str, str]]:
    """Every scenario with its title, or with the first fault of its file."""
    return list_scenarios(root)


def validate(root: Path, scenario_name: str, overrides: str) -> tuple[str, ...]:
    """Names of the scenarios without a fault; a ScenarioError tells the faults of all others."""
    names = (scenario_name,) if scenario_name else validate_all(root)
    for name in names:
        # what only shows when the parts are put together, e.g. a project that nobody can buy from
        scenario = load_scenario(name, root, overrides if scenario_name else "")
        world = build_world(root / WORLDS / scenario.world, root / CACHE)
        check_together(scenario, load_baseline(scenario, root, overrides if scenario_name else ""), world)
    return names


def world_text(root: Path, world_name: str = "") -> str:
    """The report of one world, or of every one."""
    folders = sorted(path.parent for path in (root / WORLDS).glob("*/world.yaml"))
    if not folders:
        raise ScenarioError(f"no world in {WORLDS}/")
    if world_name:
        known = tuple(folder.name for folder in folders)
        if world_name not in known:
            raise ScenarioError(f"no world {shortened(world_name)}{known_or_nearest(world_name, known)}")
        folders = [root / WORLDS / world_name]
    return "\n\n".join(world_report(build_world(folder, root / CACHE)) for folder in folders)


def warmed_up() -> str:
    """The engine, once it is ready: what has to be compiled is compiled then, and kept."""
    load()
    return engine_told()


def labels_of(world: World) -> dict[str, str]:
    """What is printed for regions and goods, by their names."""
    return {region.name: region.label for region in world.regions} | {good.name: good.label for good in world.goods}


def _tables(outcome: Outcome) -> dict[str, bytes]:
    unsolved = {} if outcome.unsolved is None else {"summary_unsolved.csv": csv_bytes(outcome.unsolved, UNSOLVED)}
    return {
        "summary.csv": csv_bytes(_without_bands(outcome, outcome.summary), SUMMARY),
        **unsolved,
        "flows.csv": csv_bytes(_without_bands(outcome, outcome.flows), FLOWS),
        "markets.csv": csv_bytes(outcome.markets, MARKETS),
        "draws.npz": npz_bytes(outcome.drawn, outcome.headline),
    }


def _without_bands(outcome: Outcome, table: pd.DataFrame) -> pd.DataFrame:
    """The table as it is, or with blank percentiles where there are no draws to take them from."""
    if outcome.facts.draws:
        return table
    bands = [name for name in table.columns if re.search(r"(^|_)p(05|50|95)(_|$)", name)]
    return table.assign(**dict.fromkeys(bands, np.nan))


def _manifest(
    root: Path,
    scenario: Scenario,
    baseline: Scenario,
    outcome: Outcome,
    seed: int,
    command: list[str],
    version: str,
) -> Manifest:
    facts = outcome.facts
    return Manifest(
        version=version,
        commit=commit_of(root),
        command=command,
        engine=engine_told(),
        seed=seed,
        solved=facts.solved,
        infeasible=facts.infeasible,
        failed=facts.failed,
        table_draws=facts.table_draws,
        status=DEGRADED if outcome.degraded else COMPLETE,
        checks=outcome.checks,
        inputs=hashes_of(root, files_read(root, scenario, baseline)),
    )


def page_told(
    out: ResultFolder,
    record: StudyRecord,
    answer: Sequence[Sequence[str]],
    drawings: Sequence[Drawing],
    tables: Sequence[Table],
    *,
    seed: int,
    degraded: bool,
) -> None:
    """Write the page of a study, and what the page over all results wants to know of it."""
    from sim.output.page.study import study_page  # jinja2 is slow to load

    out.write(FACTS_NAME, facts_bytes(record))
    out.write(PAGE, study_page(record, answer, drawings, tables, seed=seed, degraded=degraded))


def manifest_told(
    root: Path, facts: RunFacts, files: set[str], command: list[str], seed: int, *, degraded: bool
) -> Manifest:
    """The manifest of a result that is told by its facts and has no checks of its own; ``files`` are its inputs."""
    return Manifest(
        version=facts.version,
        commit=commit_of(root),
        command=command,
        engine=engine_told(),
        seed=seed,
        solved=facts.solved,
        infeasible=facts.infeasible,
        failed=facts.failed,
        status=DEGRADED if degraded else COMPLETE,
        inputs=hashes_of(root, files),
    )


def files_read(root: Path, scenario: Scenario, baseline: Scenario) -> set[str]:
    """The files that two scenarios and their world stand in, below the root."""
    world = {str(path.relative_to(root)) for path in (root / WORLDS / scenario.world).iterdir() if path.is_file()}
    return {*scenario.files, *baseline.files, *world}


def hashes_of(root: Path, files: set[str]) -> Mapping[str, str]:
    """SHA-256 of files by their names below the root."""
    return {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in sorted(files)}


def commit_of(root: Path) -> str:
    """The commit the program stands at, empty outside a repository."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - wherever git is installed
            cwd=root,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
