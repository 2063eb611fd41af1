"""What the backtest does: solve the episodes of the past, write their tables, their figures and their pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.app import CACHE, RESULTS, WORLDS, commit_of, hashes_of, load_baseline
from sim.engine import engine_told
from sim.errors import ScenarioError
from sim.inputs.faults import known_or_nearest
from sim.inputs.observed import read_before, read_observed
from sim.inputs.overrides import only_paths, stated_paths
from sim.inputs.resolve import load_scenario
from sim.inputs.world import read_world
from sim.output.backtest_tables import backtest_files
from sim.output.backtest_text import (
    backtest_answer,
    cited_table,
    episodes_text,
    factors_table,
    markets_table,
    out_of_sample_table,
    skill_table,
)
from sim.output.docs import with_tables
from sim.output.folder import ResultFolder
from sim.output.manifest import COMPLETE, DEGRADED, Manifest
from sim.records.backtest import Before, Episode, Estimate
from sim.records.world import Source
from sim.study.backtest import Posed, hold_against, pose
from sim.study.estimate import estimate
from sim.study.progress import Report
from sim.study.run import DEGRADED_ABOVE
from sim.study.world import build_world

EPISODES = "backtests"
PAST = "before"  # the folder, beside the episodes, of how far their series used to move
PLACE = "_backtest"
PAGE, ESTIMATE_PAGE = "docs/backtests.md", "docs/estimates.md"


@dataclass(frozen=True, kw_only=True)
class BacktestOptions:
    """The options of a backtest; ``page`` is wanted where the run is the one that the pages of docs/ are made of."""

    draws: int
    seed: int
    jobs: int
    overrides: str
    scenario: str
    estimate: bool
    figures: bool
    page: bool

    @property
    def command(self) -> list[str]:
        """The command that makes the same result again."""
        words = ["backtest", "--draws", str(self.draws), "--seed", str(self.seed)]
        words += ["--scenario", self.scenario] if self.scenario else []
        words += ["--set", self.overrides] if self.overrides else []
        words += ["--estimate"] if self.estimate else []
        return words if self.figures else [*words, "--no-figures"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Backtested:
    """A backtest that was written: where, the answer in words, and whether too many draws failed."""

    folder: Path
    pages: tuple[Path, ...]
    answer: str
    degraded: bool


def episode_names(root: Path) -> tuple[str, ...]:
    """The episodes with a table of what was observed; a ScenarioError where there is none."""
    names = tuple(sorted(path.stem for path in (root / "scenarios" / EPISODES).glob("*.csv") if path.is_file()))
    if not names:
        raise ScenarioError(f"no episode: no table of what was observed in scenarios/{EPISODES}/")
    return names


def backtest(root: Path, options: BacktestOptions, version: str, width: int, report: Report) -> Backtested:
    """Hold every episode, or one, against the model; nothing is written when a file is at fault."""
    known = episode_names(root)
    if options.scenario and options.scenario not in known:
        raise ScenarioError(f"no episode {options.scenario}{known_or_nearest(options.scenario, known)}")
    names = (options.scenario,) if options.scenario else known
    overrides = dict.fromkeys(names, options.overrides)
    if not options.scenario:
        overrides = _shared_out(root, names, options.overrides)
    posed, files, sources = [], set[str](), dict[str, Source]()
    for name in names:
        ready, read, cited = _posed(root, name, options, overrides[name])
        posed.append(ready)
        files |= read
        sources |= cited
    posed.sort(key=lambda each: (each.world.year, each.scenario.name))
    episodes = []
    for i, ready in enumerate(posed):
        episodes.append(hold_against(ready, options.jobs))
        report((i + 1) / len(posed), ready.scenario.name)
    estimates = estimate(posed, options.jobs, report) if options.estimate else ()
    degraded = any(each.failed > DEGRADED_ABOVE * each.draws for each in episodes)
    figures = _figures(episodes) if options.figures else {}
    folder = root / RESULTS / PLACE
    with ResultFolder(folder) as out:
        for name, content in (backtest_files(episodes, estimates) | figures).items():
            out.write(name, content)
        out.finish(
            Manifest(
                version=version,
                commit=commit_of(root),
                command=options.command,
                engine=engine_told(),
                seed=options.seed,
                solved=sum(each.solved for each in episodes),
                infeasible=sum(each.infeasible for each in episodes),
                failed=sum(each.failed for each in episodes),
                status=DEGRADED if degraded else COMPLETE,
                inputs=hashes_of(root, files),
            )
        )
    return Backtested(
        folder=folder,
        pages=_write_pages(root, episodes, estimates, sources, figures) if options.page else (),
        answer=backtest_answer(episodes, estimates, width),
        degraded=degraded,
    )


def _shared_out(root: Path, names: Sequence[str], overrides: str) -> dict[str, str]:
    """What SET says of each episode: of the parameters that it has, for the metals of the others are unknown to it.

    Raises ScenarioError for a path that no episode has.
    """
    known = {
        name: {f"parameters.{'.'.join(path)}" for path in load_scenario(f"{EPISODES}/{name}", root).parameters}
        for name in names
    }
    everywhere = set().union(*known.values())
    for path in stated_paths(overrides):
        if path not in everywhere:
            raise ScenarioError(f"SET: {path}: no parameter of any episode{known_or_nearest(path, everywhere)}")
    return {name: only_paths(overrides, known[name]) for name in names}


def _posed(
    root: Path, name: str, options: BacktestOptions, overrides: str
) -> tuple[Posed, set[str], dict[str, Source]]:
    """An episode ready to be solved, the files it was read from, and the sources it may cite."""
    path = f"{EPISODES}/{name}"
    scenario = load_scenario(path, root, overrides)
    baseline = load_baseline(scenario, root, overrides)
    folder = root / WORLDS / scenario.world
    definition = read_world(folder)
    observed = read_observed(root / "scenarios" / f"{path}.csv", definition, definition.sources)
    tables = [f"scenarios/{path}.csv"]
    before: Before = {}
    if (root / "scenarios" / EPISODES / PAST / f"{name}.csv").is_file():
        tables.append(f"scenarios/{EPISODES}/{PAST}/{name}.csv")
        before = read_before(root / tables[-1], observed, definition.sources)
    world = build_world(folder, root / CACHE)
    ready = pose(scenario, baseline, world, observed, options.draws, options.seed, before)
    files = {*scenario.files, *baseline.files, *tables}
    files |= {str(each.relative_to(root)) for each in folder.iterdir() if each.is_file()}
    return ready, files, dict(definition.sources)


def _figures(episodes: Sequence[Episode]) -> dict[str, bytes]:
    from sim.output.plots.backtest import predicted_against_observed  # matplotlib is slow to load
    from sim.output.plots.gallery import figure_files

    return {
        file: content
        for episode in episodes
        for file, content in figure_files(episode.name, predicted_against_observed(episode)).items()
    }


def _write_pages(
    root: Path,
    episodes: Sequence[Episode],
    estimates: Sequence[Estimate],
    sources: Mapping[str, Source],
    figures: Mapping[str, bytes],
) -> tuple[Path, ...]:
    """Write the tables of the pages anew, and the figures beside them."""
    shown = {}
    for episode in episodes:
        content = figures.get(f"figures/{episode.name}.png")
        if content is not None:
            shown[episode.name] = f"backtest_{episode.name}.png"
            (root / "docs" / shown[episode.name]).write_bytes(content)
    tables = {
        "skill": skill_table(episodes),
        "markets": markets_table(episodes),
        "episodes": episodes_text(episodes, shown),
        "sources": cited_table(episodes, sources),
    }
    pages = {root / PAGE: tables}
    if estimates:
        pages[root / ESTIMATE_PAGE] = {
            "factors": factors_table(estimates),
            "out_of_sample": out_of_sample_table(estimates),
        }
    for path, blocks in pages.items():
        path.write_text(with_tables(path.read_text(encoding="utf-8"), blocks), encoding="utf-8")
    return tuple(pages)
