"""What `gallery` does: run a few scenarios, lay some side by side, and show the figures in docs/ in small."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.app import RESULTS, RunOptions, load_baseline, run
from sim.inputs.resolve import load_scenario
from sim.look import compare
from sim.output.folder import write_file
from sim.output.page.drawings import finding_of
from sim.study.fingerprint import fingerprint
from sim.study.progress import Report

PAGE, FOLDER, README_FIGURE = "docs/gallery.md", "docs/gallery", "docs/us_supply_shares.png"
DRAWS, SEED = 64, 1  # as on the page of scenarios: bands to about a tenth of their width
_WIDTH = 100  # characters of answers that nobody reads here


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A figure of the gallery: the result it comes from, several names for a comparison, and what it is there for."""

    results: tuple[str, ...]
    figure: str
    why: str


SHOWN = (
    Shown(results=("sanctions_lifted",), figure="us_supply_shares", why="who supplies a market, with and without"),
    Shown(results=("sanctions_lifted",), figure="winners_and_losers", why="who gives the metal up, and for whom"),
    Shown(results=("sanctions_lifted",), figure="flow_change", why="which sales grow and which shrink"),
    Shown(results=("sanctions_lifted",), figure="differences", why="who makes and who uses more or less, with bands"),
    Shown(results=("china_export_ban",), figure="us_price", why="what a market pays, with the band of the draws"),
    Shown(results=("joint_extraction_processing",), figure="us_dependence", why="dependence at each stage of a chain"),
    Shown(results=("joint_extraction_processing",), figure="us_concentration", why="how concentrated supply is"),
    Shown(
        results=("sanctions_lifted", "sanctions_lifted_without_232", "two_million_delivered"),
        figure="us_mix",
        why="scenarios side by side: who supplies",
    ),
    Shown(
        results=("sanctions_lifted", "sanctions_lifted_without_232", "two_million_delivered"),
        figure="us_shifts",
        why="scenarios side by side: paired differences with bands",
    ),
)


def gallery(root: Path, *, jobs: int, version: str, report: Report) -> tuple[Path, ...]:
    """Run what is shown, and write the page, its figures and that of the README; returns what was written."""
    from sim.output.plots.small import small_png  # matplotlib's packages are slow to load

    names = list(dict.fromkeys(name for shown in SHOWN for name in shown.results))
    options = RunOptions(draws=DRAWS, seed=SEED, jobs=jobs, overrides="", name="", figures=True)
    for name in names:
        command = ["run", "--scenario", name, "--draws", str(DRAWS), "--seed", str(SEED)]
        run(root, name, options, command, version, _WIDTH, report)
    written = []
    (root / FOLDER).mkdir(exist_ok=True)
    blocks = []
    for shown in SHOWN:
        folder = _folder(root, shown, version)
        picture = small_png((folder / "figures" / f"{shown.figure}.png").read_bytes())
        file = f"{shown.results[0]}_{shown.figure}.png"
        finding = finding_of((folder / "figures" / f"{shown.figure}.svg").read_bytes())
        blocks.append(_block(shown, file, finding))
        targets = [root / FOLDER / file, *([root / README_FIGURE] if shown is SHOWN[0] else [])]
        for target in targets:
            write_file(target, picture)
            written.append(target)
    kept = {path.name for path in written}
    for old in sorted((root / FOLDER).glob("*.png")):
        if old.name not in kept:
            old.unlink()
    page = root / PAGE
    write_file(page, "\n".join([*_HEAD, *blocks, made_from(root)]).encode())
    return (*written, page)


_HEAD = (
    "# Gallery",
    "",
    f"Written by `make gallery` from runs with {DRAWS} draws and seed {SEED}. What the documents state is stated,",
    "not validated: the footnote of each figure says which of its numbers that concerns. Each title is what the run",
    "found. `make run` writes these figures, and more, as SVG and PNG.",
    "",
)


def _folder(root: Path, shown: Shown, version: str) -> Path:
    if len(shown.results) == 1:
        return root / RESULTS / shown.results[0]
    return compare(root, shown.results, figures=True, version=version, width=_WIDTH, usual=(DRAWS, SEED)).folder


def _block(shown: Shown, file: str, finding: str) -> str:
    command = (
        f"make run SCENARIO={shown.results[0]}"
        if len(shown.results) == 1
        else f'make compare SCENARIOS="{" ".join(shown.results)}"'
    )
    title = shown.why[:1].upper() + shown.why[1:]
    return f"## {title}\n\n![{finding}]({Path(FOLDER).name}/{file})\n\n`{command}`\n"


def made_from(root: Path) -> str:
    """The line that tells which inputs the page was made from; a test tells when they have moved on."""
    names = sorted({name for shown in SHOWN for name in shown.results})
    scenarios = [load_scenario(name, root) for name in names]
    pairs = [each for scenario in scenarios for each in (scenario, load_baseline(scenario, root, ""))]
    return f"Made from inputs with the mark `{fingerprint(*pairs)}`.\n"
