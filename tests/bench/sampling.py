"""How near the percentiles of a few hundred draws come, plainly drawn and by Latin hypercube; for docs/model.md."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim.app import baseline_of
from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.inputs.resolve import load_scenario
from sim.quantity import Array
from sim.records.sampling import LATIN, PLAIN
from sim.records.trajectory import SOLVED
from sim.study.batches import simulate_batches
from sim.study.scope import touched_goods, within
from sim.study.world import build_world

ROOT = Path(__file__).parents[2]
REFERENCE_DRAWS, REFERENCE_SEED = 4096, 0
COUNTS, SEEDS = (64, 256), range(1, 11)
LEVELS = (5, 50, 95)


@dataclass(frozen=True, kw_only=True)
class Headline:
    """A flow from one region to another, in tonnes or as a share of what the other buys abroad."""

    name: str
    scenario: str
    good: str
    origin: str
    destination: str
    share: bool
    unit: str
    decimals: int


HEADLINES = (
    Headline(
        name="US take-up of the offer",
        scenario="sanctions_lifted",
        good="aluminium",
        origin="Russia",
        destination="US",
        share=False,
        unit="kt/yr",
        decimals=1,
    ),
    Headline(
        name="US imports of oxide from China",
        scenario="joint_extraction_processing",
        good="rare_earth_oxide",
        origin="China",
        destination="US",
        share=True,
        unit="points",
        decimals=2,
    ),
)


def main() -> None:
    """Print the table of docs/model.md."""
    for headline in HEADLINES:
        for row in measured(headline):
            print(row, flush=True)


def measured(headline: Headline) -> list[str]:
    """Reference and root mean square errors of a headline, as rows of a table."""
    references = [
        percentiles(drawn(headline, Draws(seed=REFERENCE_SEED, count=REFERENCE_DRAWS, sampling=sampling)))
        for sampling in (PLAIN, LATIN)
    ]
    rows = [
        _row(headline, f"{REFERENCE_DRAWS}, {sampling}", found)
        for sampling, found in zip((PLAIN, LATIN), references, strict=True)
    ]
    reference = np.mean(references, axis=0)
    for count in COUNTS:
        for sampling in (PLAIN, LATIN):
            found = [percentiles(drawn(headline, Draws(seed=seed, count=count, sampling=sampling))) for seed in SEEDS]
            error = np.sqrt(((np.array(found) - reference) ** 2).mean(axis=0))
            rows.append(_row(headline, f"{count}, {sampling}", error))
    return rows


def percentiles(values: Array) -> Array:
    """The percentiles of a band, (3,)."""
    return np.percentile(values, LEVELS)


def drawn(headline: Headline, sample: Draws) -> Array:
    """The headline in the scenario's focus year, (n,) over the draws that are solved, the central run left out."""
    scenario = load_scenario(headline.scenario, ROOT)
    baseline = load_scenario(baseline_of(scenario), ROOT)
    years = replace(scenario.years, last=scenario.years.focus)
    scenario, baseline = (replace(each, years=years) for each in (scenario, baseline))
    world = build_world(ROOT / "scenarios" / "worlds" / scenario.world)
    goods = touched_goods(scenario, baseline, world)
    scenario, baseline = (within(each, goods, world) for each in (scenario, baseline))
    params = build_params(scenario, baseline, world.cut(goods), sample)
    found = simulate_batches(params, jobs=os.cpu_count() or 1)
    c, d = params.goods.index(headline.good), params.regions.index(headline.destination)
    flow = found.flow[1:][found.status[1:] == SOLVED][:, -1, c]
    told: Array = flow[:, params.regions.index(headline.origin), d]
    if headline.share:
        abroad = flow[:, :, d].sum(axis=1) - flow[:, d, d]
        told = 100 * told / abroad
    return told


def _row(headline: Headline, draws: str, values: Array) -> str:
    cells = " | ".join(f"{value:.{headline.decimals}f}" for value in values)
    return f"| {headline.name}, {headline.unit} | {draws} | {cells} |"


if __name__ == "__main__":
    sys.exit(main())
