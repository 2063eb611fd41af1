"""What `sweep` and `merge` do: read a sweep, solve its points part by part, fold the parts into tables and figures."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sim.app import PAGE_WIDTH, SHARD, draw_into, labels_of, manifest_told, page_told
from sim.errors import ScenarioError
from sim.output.atlas_text import atlas_answer, atlas_blocks, atlas_files, atlas_lead, goods_told, page_tables
from sim.output.docs import with_tables
from sim.output.facts import StudyRecord
from sim.output.folder import ResultFolder
from sim.output.page.drawings import Drawing
from sim.output.page.sweep import atlas_tables, sweep_tables
from sim.output.page.table import Table
from sim.output.parts import PartStore, tiling
from sim.output.sweep_text import (
    MOST_FIGURES,
    central_notes,
    effort_text,
    responses,
    sweep_answer,
    sweep_blocks,
    sweep_files,
    sweep_lead,
    sweep_question,
)
from sim.provenance import weakest_first
from sim.records.outcome import RunFacts
from sim.records.sampling import BATCH
from sim.study.atlas import atlas_of
from sim.study.effort import effort_of
from sim.study.progress import Report, Steps
from sim.study.provenance import stated_figures, tiers_by_good
from sim.study.run import DEGRADED_ABOVE
from sim.study.scope import within
from sim.study.sweep import (
    Part,
    PointAnswer,
    answer_of,
    columns_at_once,
    joined,
    parts_of,
    task_of,
)
from sim.study.workers import in_order
from sim.sweep_plan import Plan, SweepOptions, folder_of, plan_of

# the page of docs/ whose tables are those of a sweep as it is shipped
PAGES = {"disruption_atlas": "docs/atlas.md"}


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
    shards = sorted(folder.parent.glob(f"{folder.name}{SHARD}*"))
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
    facts = _facts(plan, answers, version)
    told = _atlas_told if plan.sweep.disrupt is not None else _sweep_told
    found = told(plan, answers, facts, labels_of(plan.world), width, out.path.relative_to(root), options)
    for name, content in found.files.items():
        out.write(name, content)
    drawings: list[Drawing] = []
    if options.figures:
        from sim.output.plots.gallery import drawn  # matplotlib is slow to load

        drawings = draw_into(out, drawn(found.figures()))
    failed = sum(answer.failed for answer in answers)
    degraded = failed > DEGRADED_ABOVE * facts.draws
    page_told(out, found.record, found.blocks, drawings, found.page_tables, seed=plan.seed, degraded=degraded)
    manifest = manifest_told(root, facts, set(plan.files), options.command, plan.seed, degraded=degraded)
    out.finish(manifest)
    page = root / PAGES.get(plan.sweep.name, "")
    if found.docs_tables and options.page and page.is_file():
        page.write_text(with_tables(page.read_text(encoding="utf-8"), found.docs_tables), encoding="utf-8")
    return Swept(folder=out.path, answer=found.answer, degraded=degraded)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Told:
    """A sweep in words, for the terminal and for its page, in tables, files and figures, and in a page of docs/."""

    answer: str
    blocks: Sequence[Sequence[str]]
    record: StudyRecord
    page_tables: Sequence[Table]
    files: Mapping[str, bytes]
    figures: Callable[[], Iterator[tuple[str, Any]]]  # name and figure, drawn one by one
    docs_tables: Mapping[str, str] = field(default_factory=dict)


def _sweep_told(
    plan: Plan,
    answers: Sequence[PointAnswer],
    facts: RunFacts,
    labels: Mapping[str, str],
    width: int,
    place: Path,
    options: SweepOptions,
) -> _Told:
    """A sweep over points."""
    told = responses(answers, facts.focus)
    names = [f"{i}_{response.column.indicator}" for i, response in enumerate(told[:MOST_FIGURES], start=1)]
    shown = f"figures/{names[0]}.png" if options.figures else "sweep.csv"
    lead = sweep_lead(told, plan.axes, plan.points, labels)

    def figures() -> Iterator[tuple[str, Any]]:
        from sim.output.plots.sweep import sweep_figure  # matplotlib is slow to load

        for name, response in zip(names, told, strict=False):
            yield name, sweep_figure(response, plan.axes, plan.points, facts, labels)

    return _Told(
        answer=sweep_answer(facts, plan.axes, plan.points, answers, labels, width, str(place / shown)),
        blocks=sweep_blocks(facts, plan.axes, plan.points, answers, labels, PAGE_WIDTH, worded=True),
        record=StudyRecord(facts=facts, asks=sweep_question(facts, plan.axes, told, labels), lead=lead),
        page_tables=sweep_tables(plan.axes, plan.points, answers, facts.focus, labels, banded=facts.draws > 0),
        files=sweep_files(plan.axes, plan.points, answers),
        figures=figures,
    )


def _atlas_told(
    plan: Plan,
    answers: Sequence[PointAnswer],
    facts: RunFacts,
    labels: Mapping[str, str],
    width: int,
    place: Path,
    options: SweepOptions,
) -> _Told:
    """A disruption atlas."""
    atlas = atlas_of(plan.points, answers, plan.world)
    goods, year = goods_told(atlas), plan.cases[0].last
    shown = f"figures/losers_of_{goods[0]}.png" if options.figures and goods else "ranking.csv"
    lead = atlas_lead(atlas, year, labels)
    went = central_notes(answers)
    title, *blocks = atlas_blocks(atlas, facts, year, labels, PAGE_WIDTH, more=went)

    def figures() -> Iterator[tuple[str, Any]]:
        from sim.output.plots.atlas import losers  # matplotlib is slow to load

        for good in goods:
            yield f"losers_of_{good}", losers(atlas, facts, good=good, year=year, labels=labels)

    return _Told(
        answer=atlas_answer(atlas, facts, year, labels, width, str(place / shown), more=went),
        blocks=[title, [lead], *blocks],
        record=StudyRecord(facts=facts, asks=facts.question, lead=lead),
        page_tables=atlas_tables(atlas, plan.axes, plan.points, answers, labels),
        files={**atlas_files(atlas), "points.csv": sweep_files(plan.axes, plan.points, answers)["points.csv"]},
        figures=figures,
        docs_tables=page_tables(atlas, labels),
    )


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
