"""What `sweep` and `merge` do: read a sweep, solve its points part by part, fold the parts into tables and figures."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.app import CACHE, RESULTS, WORLDS, baseline_of, commit_of, files_read, hashes_of, labels_of
from sim.errors import ScenarioError
from sim.inputs.overrides import only_paths, stated_paths
from sim.inputs.resolve import list_scenarios, load_scenario
from sim.inputs.sweep import read_sweep
from sim.output.folder import ResultFolder
from sim.output.manifest import COMPLETE, DEGRADED, Manifest
from sim.output.parts import PartStore, tiling
from sim.output.sweep_text import effort_text, responses, sweep_answer, sweep_files
from sim.provenance import weakest_first
from sim.records.outcome import RunFacts
from sim.records.scenario import Scenario
from sim.records.sweep import EACH, Axis, Point, SweepFile
from sim.records.world import World
from sim.study.batches import BATCH
from sim.study.case import Case, bytes_per_draw, case_of
from sim.study.effort import effort_of
from sim.study.fingerprint import fingerprint
from sim.study.points import points_of
from sim.study.progress import Report, Steps
from sim.study.provenance import stated_figures, tiers_by_good
from sim.study.run import DEGRADED_ABOVE, check_together
from sim.study.scope import within
from sim.study.sweep import (
    Part,
    PointAnswer,
    answer_of,
    columns_at_once,
    draws_in_a_part,
    joined,
    parts_of,
    task_of,
)
from sim.study.workers import in_order
from sim.study.world import build_world

PLACE = "_sweep"
DEFAULT_DRAWS = 64  # of each point, where neither the file nor the command says
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


@dataclass(frozen=True, eq=False, kw_only=True)
class Swept:
    """What a sweep came to: the folder, the answer in words, and whether too many draws failed."""

    folder: Path
    answer: str
    degraded: bool


def sweep(root: Path, options: SweepOptions, version: str, width: int, report: Report) -> Swept:
    """Solve all points of a sweep, or one shard of them; finished parts are kept and never solved again."""
    plan = plan_of(root, options, version)
    folder = folder_of(root, options)
    folder.parent.mkdir(exist_ok=True)
    with ResultFolder(folder) as out:
        store = PartStore(folder, plan.mark)
        _solve(plan, store, options, report)
        if options.shard is not None:
            return Swept(folder=folder, answer=_shard_answer(root, folder, options), degraded=False)
        return _folded(root, plan, store, out, options, version, width)


def foretold(root: Path, options: SweepOptions, version: str, width: int) -> str:
    """What is left of a sweep, or of a shard of it, and what it will take; nothing is written."""
    plan = plan_of(root, options, version)
    todo = _of_shard(_missing(plan, PartStore(folder_of(root, options), plan.mark)), plan, options.shard)
    effort = effort_of(todo, plan.cases, plan.seed, options.jobs, plan.draws)
    return effort_text(effort, options.sweep, options.jobs, width)


def merge(root: Path, options: SweepOptions, version: str, width: int) -> Swept:
    """Fold the parts of all shards that lie beside the sweep's folder; ScenarioError where draws are missing."""
    plan = plan_of(root, options, version)
    folder = folder_of(root, replace(options, shard=None))
    shards = sorted(folder.parent.glob(f"{folder.name}.shard_*"))
    folder.parent.mkdir(exist_ok=True)
    with ResultFolder(folder) as out:
        store = PartStore(folder, plan.mark)
        for shard in shards:
            _take_in(store, PartStore(shard, plan.mark))
        missing = list(_missing(plan, store))
        if missing:
            draws = sum(part.count or 1 for part in missing)
            there = ", ".join(shard.name for shard in shards) or "none"
            raise ScenarioError(
                f"{options.sweep}: {draws:,} draws of {len({part.point for part in missing})} points are not solved; "
                f"shards found of this version, seed and input: {there}"
            )
        return _folded(root, plan, store, out, options, version, width)


def _shard_answer(root: Path, folder: Path, options: SweepOptions) -> str:
    which, of = options.shard or (1, 1)
    name = f" NAME={options.name}" if options.name else ""
    return (
        f"Shard {which} of {of} is done: {folder.relative_to(root)}\n"
        f"With all {of} of them beside each other: make merge SWEEP={options.sweep}{name}\n"
    )


def _take_in(store: PartStore, other: PartStore) -> None:
    store.path.mkdir(parents=True, exist_ok=True)
    for path in sorted(other.path.iterdir()) if other.path.is_dir() else ():
        target = store.path / path.name
        if path.suffix == ".npy" and not path.name.startswith(".") and not target.exists():
            temporary = target.with_name(f".{target.name}.part")
            shutil.copyfile(path, temporary)
            temporary.replace(target)


def folder_of(root: Path, options: SweepOptions) -> Path:
    """Where a sweep, or a shard of it, is written."""
    name = f"{options.sweep}@{options.name}" if options.name else options.sweep
    if options.shard is not None:
        name += f".shard_{options.shard[0]}_of_{options.shard[1]}"
    return root / RESULTS / PLACE / name


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
    draws = options.draws if options.draws is not None else DEFAULT_DRAWS if file.draws is None else file.draws
    most = options.part or draws_in_a_part(max(bytes_per_draw(each) for each in columns.values()))
    return Plan(
        sweep=file,
        axes=axes,
        points=points,
        cases=tuple(cases),
        draws=draws,
        seed=options.seed,
        part=most,
        mark=_mark(root, points, cases, options.seed, version),
        files=frozenset(files),
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
    """What parts belong to: program, seed, points with all their inputs, columns; not how many draws there are."""
    told = hashlib.sha256()
    told.update(f"{version} {seed} {source_hash(root)}\n".encode())
    for point, case in zip(points, cases, strict=True):
        columns = " ".join(column.text for column in case.columns)
        inputs = f"{fingerprint(case.scenario, case.baseline)} {case.world.fingerprint}"
        told.update(f"{point.scenario} {inputs} {columns}\n".encode())
    return told.hexdigest()[:_MARK]


def source_hash(root: Path) -> str:
    """SHA-256 of the program's own files: what another version has solved is never mixed in."""
    told = hashlib.sha256()
    folder = root / "sim"
    for path in sorted((folder if folder.is_dir() else Path(__file__).parent).rglob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()


def _missing(plan: Plan, store: PartStore) -> Iterator[Part]:
    """What is still to be solved: the gaps of each point, cut where parts begin, those of the same draws together."""
    there = store.there()
    gaps = {point: tiling(there.get(point, ()), plan.draws)[1] for point in range(len(plan.points))}
    for whole in parts_of(len(plan.points), plan.draws, plan.part):
        for first, last in gaps[whole.point]:
            begin, end = max(first, whole.before), min(last, whole.before + whole.count)
            if begin < end or (plan.draws == 0 and not there.get(whole.point)):
                yield Part(before=begin, point=whole.point, count=end - begin)


def _of_shard(parts: Iterator[Part], plan: Plan, shard: tuple[int, int] | None) -> list[Part]:
    if shard is None:
        return list(parts)
    which, of = shard
    return [part for part in parts if (part.before // plan.part * len(plan.points) + part.point) % of == which - 1]


def _solve(plan: Plan, store: PartStore, options: SweepOptions, report: Report) -> None:
    """Solve what is missing; each part is kept as soon as it is done."""
    todo = _of_shard(_missing(plan, store), plan, options.shard)
    steps = Steps(sum(part.count + 1 for part in todo), report)
    batch = options.part or BATCH
    tasks = (task_of(part, plan.cases[part.point], plan.seed, batch) for part in todo)
    for part, found in zip(todo, in_order(tasks, options.jobs, options.cluster), strict=True):
        store.write(part, found)
        steps.done("draws of all points", part.count + 1)


def _folded(
    root: Path, plan: Plan, store: PartStore, out: ResultFolder, options: SweepOptions, version: str, width: int
) -> Swept:
    """Tables, figures and manifest from the parts, the same whatever they were cut into."""
    store.remove_others()
    answers = [_answer(plan, store, number) for number in range(len(plan.points))]
    labels = labels_of(plan.world)
    facts = _facts(plan, answers, version)
    shown = "sweep.csv"
    for name, content in sweep_files(plan.axes, plan.points, answers).items():
        out.write(name, content)
    if options.figures:
        from sim.output.plots.gallery import figure_files  # matplotlib is slow to load
        from sim.output.plots.sweep import MOST_FIGURES, sweep_figure

        for number, response in enumerate(responses(answers, facts.focus)[:MOST_FIGURES], start=1):
            name = f"{number}_{response.column.indicator}"
            shown = f"figures/{name}.png" if number == 1 else shown
            figure = sweep_figure(response, plan.axes, plan.points, facts, labels)
            for file, content in figure_files(name, figure).items():
                out.write(file, content)
    failed = sum(answer.failed for answer in answers)
    degraded = failed > DEGRADED_ABOVE * facts.draws
    out.finish(
        Manifest(
            version=version,
            commit=commit_of(root),
            command=options.command,
            seed=plan.seed,
            solved=facts.solved,
            infeasible=facts.infeasible,
            failed=failed,
            status=DEGRADED if degraded else COMPLETE,
            inputs=hashes_of(root, set(plan.files)),
        )
    )
    first = str((out.path / shown).relative_to(root))
    answer = sweep_answer(facts, plan.axes, plan.points, answers, labels, width, first)
    return Swept(folder=out.path, answer=answer, degraded=degraded)


def _answer(plan: Plan, store: PartStore, number: int) -> PointAnswer:
    """The rows of a point, as many columns at once as memory allows."""
    columns = plan.cases[number].columns
    parts, _ = tiling(store.there()[number], plan.draws)
    step = columns_at_once(plan.draws)
    spans = [(first, min(first + step, len(columns))) for first in range(0, len(columns), step)]
    found = (store.read(parts, *span, len(columns)).until(plan.draws) for span in spans)
    return joined([answer_of(columns[first:last], some) for (first, last), some in zip(spans, found, strict=True)])


def _facts(plan: Plan, answers: Sequence[PointAnswer], version: str) -> RunFacts:
    """What every figure and the answer have to say: draws are those of all points together."""
    first = plan.cases[0]
    goods = {column.good for case in plan.cases for column in case.columns}
    chained = {good for chain in plan.world.chains() if goods & set(chain) for good in chain}
    scenarios = [within(scenario, tuple(chained), plan.world) for scenario in plan.plain]
    world = plan.world.cut(tuple(good for good in plan.world.good_names if good in chained))
    stated = dict.fromkeys(text for each in scenarios for text in stated_figures(each, world))
    tiers = weakest_first(tier for each in scenarios for good in goods for tier in tiers_by_good(each, world)[good])
    return RunFacts(
        scenario=plan.sweep.name,
        title=plan.sweep.title,
        question=plan.sweep.question,
        baseline=first.baseline.name,
        baseline_title=first.baseline.title,
        world=plan.world.name,
        years=(plan.world.year, *range(first.scenario.years.first, first.scenario.years.last + 1)),
        focus=first.scenario.years.focus,
        draws=plan.draws * len(plan.points),
        solved=sum(answer.solved for answer in answers),
        infeasible=sum(answer.infeasible for answer in answers),
        failed=sum(answer.failed for answer in answers),
        tiers=tiers,
        stated=tuple(stated),
        version=version,
        cautions=tuple((good.name, good.caution) for good in plan.world.goods if good.caution and good.name in goods),
    )
