"""What goal seek does: read a goal and a number, find where the goal is met, check it by a run, write its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.app import (
    CACHE,
    GOALS,
    PAGE_WIDTH,
    RESULTS,
    WORLDS,
    draw_into,
    files_read,
    labels_of,
    load_baseline,
    manifest_told,
    page_told,
)
from sim.errors import ScenarioError
from sim.inputs.goal import GoalText, Varied, amount_text, read_bound, read_goal, usual_span, varied_number, written_in
from sim.inputs.overrides import stated_paths
from sim.inputs.resolve import load_scenario
from sim.inputs.resolved_text import resolved_yaml
from sim.inputs.world import read_world
from sim.output.answer import lead_of
from sim.output.facts import StudyRecord
from sim.output.folder import ResultFolder
from sim.output.inputs_text import inputs_told
from sim.output.page.drawings import Drawing
from sim.output.page.inputs import inputs_table
from sim.output.page.table import Table
from sim.output.page.target import target_tables
from sim.output.target_text import target_answer, target_blocks, target_files, target_question
from sim.records.scenario import Scenario
from sim.records.target import TURNS, Span, TargetAnswer
from sim.records.world import World
from sim.study.progress import Report
from sim.study.run import DEGRADED_ABOVE, check_together
from sim.study.target import central_value, measured, seek
from sim.study.world import build_world

_DIGITS = 10  # of a solution: a thousandth of what the search leaves open


@dataclass(frozen=True, kw_only=True)
class AimOptions:
    """The options of a goal seek as the command line gives them."""

    scenario: str
    goal: str
    vary: str
    low: str
    high: str
    draws: int
    seed: int
    jobs: int
    overrides: str
    name: str
    figures: bool

    @property
    def command(self) -> list[str]:
        """The command that makes the same result again."""
        words = ["target", "--scenario", self.scenario, "--goal", self.goal, "--vary", self.vary]
        for option, value in (("--low", self.low), ("--high", self.high), ("--set", self.overrides)):
            words += [f"{option}={value}"] if value else []  # a value may begin with a minus sign
        words += ["--draws", str(self.draws), "--seed", str(self.seed)]
        words += ["--name", self.name] if self.name else []
        return words if self.figures else [*words, "--no-figures"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Aimed:
    """A goal seek that was written: where, the answer in words, what was found, and whether too many draws failed."""

    folder: Path
    answer: str
    found: TargetAnswer
    degraded: bool


def aim(root: Path, options: AimOptions, version: str, width: int, report: Report) -> Aimed:
    """Seek the value at which a goal is met; nothing is written when what was asked is at fault."""
    asked = read_goal(options.goal)
    scenario = load_scenario(options.scenario, root, options.overrides)
    baseline = load_baseline(scenario, root, options.overrides)
    varied = varied_number(scenario, options.vary)
    if varied.number.path in stated_paths(options.overrides):
        raise ScenarioError(f"VARY: {varied.number.path} is set by SET as well: leave it out of one of them")
    world = build_world(root / WORLDS / scenario.world, root / CACHE)
    span = _span(root, options, asked, varied, scenario)
    found = seek(
        scenario,
        baseline,
        world,
        asked,
        varied,
        span,
        draws=options.draws,
        seed=options.seed,
        jobs=options.jobs,
        version=version,
        report=report,
    )
    check = _check(root, options, found, world)
    labels = labels_of(world)
    degraded = found.facts.failed > DEGRADED_ABOVE * found.facts.draws
    folder = root / RESULTS / GOALS / (f"{scenario.name}@{options.name}" if options.name else scenario.name)
    folder.parent.mkdir(exist_ok=True)
    blocks = target_blocks(found, labels, PAGE_WIDTH, check=check)
    record = StudyRecord(facts=found.facts, asks=target_question(found, labels), lead=lead_of(blocks))
    drawings: list[Drawing] = []
    with ResultFolder(folder) as out:
        for name, content in target_files(found).items():
            out.write(name, content)
        out.write("resolved.yaml", resolved_yaml(scenario).encode())
        if options.figures:
            from sim.output.plots.gallery import drawn  # matplotlib is slow to load
            from sim.output.plots.target import response

            drawings = draw_into(out, drawn([("response", response(found, labels))]))
        tables = _page_tables(root, scenario, baseline, found, labels)
        page_told(out, record, blocks, drawings, tables, seed=options.seed, degraded=degraded)
        files = files_read(root, scenario, baseline)
        out.finish(manifest_told(root, found.facts, files, options.command, options.seed, degraded=degraded))
    first = "figures/response.png" if drawings else "target.csv"
    shown = str((folder / first).relative_to(root))
    answer = target_answer(found, labels, width, check=check, figure=shown)
    return Aimed(folder=folder, answer=answer, found=found, degraded=degraded)


def _page_tables(
    root: Path, scenario: Scenario, baseline: Scenario, found: TargetAnswer, labels: Mapping[str, str]
) -> list[Table]:
    """The tables of the page: what was found, and the inputs, the varied one first."""
    definition = read_world(root / WORLDS / scenario.world)
    before, after = (inputs_told(each, definition) for each in (baseline, scenario))
    return [*target_tables(found, labels), inputs_table(before, after, also=(found.path,))]


def _span(root: Path, options: AimOptions, asked: GoalText, varied: Varied, scenario: Scenario) -> Span:
    """The bounds as given or as usual; the reader has to take the number at both of them."""
    present = central_value(varied.number, asked.year)
    given = {name: text for name, text in (("LOW", options.low), ("HIGH", options.high)) if text.strip()}
    ends = {name: read_bound(name, text, varied) for name, text in given.items()}
    if len(ends) == 2:
        low, high, origin = ends["LOW"], ends["HIGH"], "as given"
    else:
        low, high, origin = usual_span(varied, present)
        low, high = ends.get("LOW", low), ends.get("HIGH", high)
        origin = f"{next(iter(ends))} as given, the other end by the usual bounds: {origin}" if ends else origin
    if low >= high:
        raise ScenarioError(f"LOW ({_text(low, varied)}) is not below HIGH ({_text(high, varied)})")
    for name, value in (("LOW", low), ("HIGH", high)):
        text = _text(value, varied)
        try:
            changed = _changed(root, options, f"{varied.number.path}={text}")
            check_together(changed[0], changed[1], build_world(root / WORLDS / scenario.world, root / CACHE))
        except ScenarioError as error:
            raise ScenarioError(f"{name}={text} ({origin}) cannot be tried: {error}") from error
    return Span(low=low, high=high, origin=origin)


def _text(value: float, varied: Varied) -> str:
    written = next(iter(varied.number.written.values()), "")
    return amount_text(value, *written_in(written, varied.kind))


def _changed(root: Path, options: AimOptions, more: str) -> tuple[Scenario, Scenario]:
    """Scenario and baseline with one more change, as a run with SET has them."""
    overrides = f"{options.overrides}; {more}" if options.overrides.strip() else more
    scenario = load_scenario(options.scenario, root, overrides)
    return scenario, load_baseline(scenario, root, overrides)


def _check(root: Path, options: AimOptions, found: TargetAnswer, world: World) -> tuple[str, float] | None:
    """What SET is told to run at the central solution, and the indicator of such a run; None without a solution."""
    if found.outcome[0] != TURNS:
        return None
    told = f"{found.path}={amount_text(_rounded(found), found.shown.factor, found.shown.unit)}"
    return told, measured(*_changed(root, options, told), world, found.goal)


def _rounded(found: TargetAnswer) -> float:
    """The central solution with digits enough to meet the goal, and no more."""
    return float(f"{found.solution[0]:.{_DIGITS}g}")
