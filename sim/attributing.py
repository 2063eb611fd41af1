"""What attribution does: read what is asked, share out the variance of the outcomes, write its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.app import (
    ATTRIBUTIONS,
    CACHE,
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
from sim.inputs.goal import read_outcomes
from sim.inputs.resolve import load_scenario
from sim.inputs.resolved_text import resolved_yaml
from sim.inputs.world import read_world
from sim.output.attribution_text import (
    attribution_answer,
    attribution_blocks,
    attribution_files,
    attribution_lead,
    attribution_question,
)
from sim.output.facts import StudyRecord
from sim.output.folder import ResultFolder
from sim.output.inputs_text import inputs_told
from sim.output.page.attribution import attribution_tables
from sim.output.page.drawings import Drawing
from sim.output.page.inputs import inputs_table
from sim.output.page.table import Table
from sim.records.attribution import Attribution
from sim.records.footing import DIFFERENCE, LEVEL
from sim.records.scenario import Scenario
from sim.study.attribution import MOST_ALONE, Asked, attribute, default_outcomes
from sim.study.progress import Report, unheard
from sim.study.run import DEGRADED_ABOVE, check_together
from sim.study.world import build_world


@dataclass(frozen=True, kw_only=True)
class AttributionOptions:
    """The options of an attribution as the command line gives them; what is empty or None is chosen here."""

    scenario: str
    outcomes: str = ""
    of: str = ""
    base: int | None = None
    inputs: int | None = MOST_ALONE  # with an index of their own; None for all
    seed: int
    jobs: int
    overrides: str = ""
    name: str = ""
    figures: bool = True

    @property
    def command(self) -> list[str]:
        """The command that makes the same result again."""
        words = ["attribution", "--scenario", self.scenario]
        for option, value in (("--outcomes", self.outcomes), ("--set", self.overrides)):
            words += [f"{option}={value}"] if value else []
        words += ["--of", self.of] if self.of else []
        words += ["--base", str(self.base)] if self.base is not None else []
        words += ["--inputs", "all" if self.inputs is None else str(self.inputs)] if self.inputs != MOST_ALONE else []
        words += ["--seed", str(self.seed)]
        words += ["--name", self.name] if self.name else []
        return words if self.figures else [*words, "--no-figures"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Attributed:
    """An attribution that was written: where, the answer in words, and whether too many draws failed."""

    folder: Path
    answer: str
    degraded: bool


def attribution(root: Path, options: AttributionOptions, version: str, width: int, report: Report) -> Attributed:
    """Share out the variance of some outcomes; nothing is written when what was asked is at fault."""
    scenario = load_scenario(options.scenario, root, options.overrides)
    baseline = load_baseline(scenario, root, options.overrides)
    found = found_for(root, scenario, baseline, options, version, report)
    labels = labels_of(build_world(root / WORLDS / scenario.world, root / CACHE))
    degraded = found.facts.failed > DEGRADED_ABOVE * found.facts.draws
    folder = root / RESULTS / ATTRIBUTIONS / (f"{scenario.name}@{options.name}" if options.name else scenario.name)
    folder.parent.mkdir(exist_ok=True)
    blocks = attribution_blocks(found, labels, PAGE_WIDTH)
    asks, lead = attribution_question(found, labels), attribution_lead(found, labels)
    drawings: list[Drawing] = []
    with ResultFolder(folder) as out:
        for name, content in attribution_files(found).items():
            out.write(name, content)
        out.write("resolved.yaml", resolved_yaml(scenario).encode())
        if options.figures:
            from sim.output.plots.attribution import figures_of  # matplotlib is slow to load
            from sim.output.plots.gallery import drawn

            drawings = draw_into(out, drawn(figures_of(found, labels)))
        record = StudyRecord(facts=found.facts, asks=asks, lead=lead)
        tables = _page_tables(root, scenario, baseline, found, labels)
        page_told(out, record, blocks, drawings, tables, seed=options.seed, degraded=degraded)
        files = files_read(root, scenario, baseline)
        out.finish(manifest_told(root, found.facts, files, options.command, options.seed, degraded=degraded))
    first = f"figures/{drawings[0].name}.png" if drawings else "attribution.csv"
    shown = str((folder / first).relative_to(root))
    answer = attribution_answer(found, labels, width, figure=shown)
    return Attributed(folder=folder, answer=answer, degraded=degraded)


def _page_tables(
    root: Path, scenario: Scenario, baseline: Scenario, found: Attribution, labels: Mapping[str, str]
) -> list[Table]:
    """The tables of the page: what was found, and the inputs that differ."""
    definition = read_world(root / WORLDS / scenario.world)
    before, after = (inputs_told(each, definition) for each in (baseline, scenario))
    return [*attribution_tables(found, labels), inputs_table(before, after)]


def found_for(
    root: Path,
    scenario: Scenario,
    baseline: Scenario,
    options: AttributionOptions,
    version: str,
    report: Report = unheard,
) -> Attribution:
    """The attribution of a scenario that was read already; a baseline itself has levels only."""
    itself = scenario.name == baseline.name
    if itself and options.of == DIFFERENCE:
        raise ScenarioError(f"OF={DIFFERENCE}: {scenario.name} is its own baseline; OF={LEVEL} is told of it")
    world = build_world(root / WORLDS / scenario.world, root / CACHE)
    check_together(scenario, baseline, world)
    asked = Asked(
        of=options.of or (LEVEL if itself else DIFFERENCE),
        base=options.base,
        most_alone=options.inputs,
        seed=options.seed,
        jobs=options.jobs,
    )
    wanted = read_outcomes(options.outcomes) or default_outcomes(scenario, baseline, world)
    return attribute(scenario, baseline, world, wanted, asked, version, report)
