"""Finished runs side by side: whether they may be compared, and the tables of what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from sim.output.inputs_text import Told, inputs_apart
from sim.output.results import Result
from sim.output.tables import Contract
from sim.output.wording import listed
from sim.quantity import Array

KEY = ("indicator", "good", "region", "partner", "year", "unit")
_YEARS = "years."  # begins the paths of inputs that say which years are solved, and nothing of the world
_FROM = "scenario/"  # begins the names of a scenario's own series
_SMALL = 0.005  # of supply: who moves less than half a point does not move
_LEVELS = (5, 50, 95)  # percentiles of the tables
PAIRS = Contract(
    name="pairs",
    key=("series", "year", "first", "second"),
    columns=("series", "year", "first", "second", "central", "p05", "p50", "p95", "draws"),
    whole=("year", "draws"),
    text=("series", "first", "second"),
)


def run_again(name: str, draws: int, seed: int, sampling: str, overrides: str = "...") -> str:
    """The command that makes a result with these draws, by the name of its folder.

    ``overrides`` is what SET said of it, dots where nobody knows.
    """
    scenario, _, variant = name.partition("@")
    words = [f"make run SCENARIO={scenario}"]
    words += [f'NAME={variant} SET="{overrides}"'] if variant else []
    words += [f"DRAWS={draws} SEED={seed}", *([f"SAMPLING={sampling}"] if sampling else [])]
    return " ".join(words)


def why_not(results: Sequence[Result]) -> str:
    """Why results must not be compared: which has what otherwise than the first; empty where they may."""
    first = results[0]
    told = []
    aspects: tuple[tuple[str, Callable[[Result], object]], ...] = (
        ("version", lambda result: result.record.facts.version),
        ("world", lambda result: result.record.facts.world),
        ("draws", lambda result: result.draws),
        ("seed", lambda result: result.seed if result.draws else None),
        ("sampling", lambda result: (result.sampling or "plain") if result.draws else None),
    )
    for what, of in aspects:
        found: dict[object, list[str]] = {}
        for result in results:
            found.setdefault(of(result), []).append(result.name)
        if len(found) > 1:
            told.append(f"  {what}: {'; '.join(f'{value} ({listed(names)})' for value, names in found.items())}")
    others = [result.name for result in results if result.world_files != first.world_files]
    if others and not any(line.startswith("  world") for line in told):
        told.append(f"  world: its files have changed between {first.name} and {listed(others)}")
    if not told:
        return ""
    again = [
        f"  {run_again(result.name, first.draws, first.seed, first.sampling, result.overrides)}"
        for result in results
        if any(of(result) != of(first) for _, of in aspects) or result.name in others
    ]
    return "\n".join(["these results cannot be compared:", *told, "To run them as the first:", *again])


def one_baseline(results: Sequence[Result]) -> bool:
    """Whether all stand against the same baseline, value by value."""
    told = [_but_years(result.record.baseline_inputs) for result in results]
    return all(each == told[0] for each in told) and len({each.record.facts.baseline for each in results}) == 1


def _but_years(inputs: Mapping[str, Told]) -> dict[str, str]:
    return {path: value for path, (value, *_) in inputs.items() if not path.startswith(_YEARS)}


def differing_inputs(results: Sequence[Result]) -> pd.DataFrame:
    """Inputs that not all have alike: input, then each run's value; with the baseline where there is one."""
    columns: dict[str, Mapping[str, Told]] = {}
    if one_baseline(results):
        columns["baseline"] = results[0].record.baseline_inputs
    columns |= {f"{result.name}": result.record.inputs for result in results}
    paths = [path for path in inputs_apart(columns) if not path.startswith(_YEARS)]
    told = {name: [inputs.get(path, ("none", "", ""))[0] for path in paths] for name, inputs in columns.items()}
    return pd.DataFrame({"input": paths, **told})


def common_years(results: Sequence[Result]) -> tuple[int, ...]:
    """The years that all have; the benchmark year at least, since they share their world."""
    return tuple(sorted(set.intersection(*(set(result.record.facts.years) for result in results))))


def year_told(results: Sequence[Result]) -> int:
    """The year that the first run is about, or the last one that all have where some end before it."""
    focus, years = results[0].record.facts.focus, common_years(results)
    return focus if focus in years else years[-1]


def compared(results: Sequence[Result]) -> pd.DataFrame:
    """Indicators side by side for the years that all have: KEY, then per run its columns.

    ``baseline`` once where all share it, else ``<run>_baseline``; ``<run>_central``, ``<run>_difference`` and its
    percentiles, the paired differences to the baseline. A run that leaves a good out is blank there.
    """
    shared = one_baseline(results)
    years = set(common_years(results))
    table = _columns_of(results[0], years)
    for result in results[1:]:
        table = table.merge(_columns_of(result, years), on=list(KEY), how="outer")
    if shared:
        own = [f"{result.name}_baseline" for result in results]
        table.insert(len(KEY), "baseline", table[own].bfill(axis=1).iloc[:, 0])
        table = table.drop(columns=own)
    return table.sort_values(list(KEY), kind="stable").reset_index(drop=True)


def _columns_of(result: Result, years: set[int]) -> pd.DataFrame:
    """The rows of a run for these years, its name before those of its columns."""
    rows = result.summary[result.summary["year"].isin(years)]
    numbers = ["baseline", "central", "difference"]
    numbers += [f"difference_{end}" for end in ("p05", "p50", "p95")] if result.draws else []
    return rows[[*KEY, *numbers]].rename(columns={name: f"{result.name}_{name}" for name in numbers})


def compared_contract(table: pd.DataFrame) -> Contract:
    """The columns of ``compared``, to be written."""
    text = tuple(name for name in KEY if name != "year")
    return Contract(name="comparison", key=KEY, columns=tuple(table.columns), text=text)


def inputs_contract(table: pd.DataFrame) -> Contract:
    """The columns of ``differing_inputs``, to be written."""
    columns = tuple(table.columns)
    return Contract(name="inputs", key=("input",), columns=columns, whole=(), text=columns)


def pairs(results: Sequence[Result]) -> pd.DataFrame:
    """Differences between two runs draw by draw, second less first, of each headline series that both keep."""
    rows = list(_pairs(results))
    return pd.DataFrame(rows, columns=list(PAIRS.columns))


def _pairs(results: Sequence[Result]) -> Iterator[tuple[object, ...]]:
    for first, second in combinations(results, 2):
        years = [year for year in first.record.facts.years if year in second.record.facts.years]
        for name in sorted(set(first.series) & set(second.series)):
            if not name.startswith(_FROM):
                continue
            for year in years:
                before, after = (_of_year(result, name, year) for result in (first, second))
                apart = after - before
                known = apart[1:][np.isfinite(apart[1:])]
                ends = np.percentile(known, _LEVELS) if len(known) else np.full(len(_LEVELS), np.nan)
                yield (name.removeprefix(_FROM), year, first.name, second.name, apart[0], *ends, len(known))


def _of_year(result: Result, name: str, year: int) -> Array:
    column: Array = result.series[name][:, result.record.facts.years.index(year)]
    return column


def themes(results: Sequence[Result]) -> list[tuple[str, str, str]]:
    """Good, market and supplier worth a figure: each good that at least two runs touch, where it moves most.

    The market is the one a run is about, else the one whose shares move most in all runs together; the supplier is
    the one that moves most there, home supply left out, or whom a run is about where nobody moves. Where no good is
    touched by two, goods of one are taken.
    """
    focus = year_told(results)
    shares = [
        result.summary[(result.summary["indicator"] == "supply_share") & (result.summary["year"] == focus)]
        for result in results
    ]
    touched = [set(table["good"]) for table in shares]
    known = sorted(set().union(*touched))
    goods = [good for good in known if sum(good in each for each in touched) > 1] or known
    country = {good: subject.country for result in reversed(results) for subject in result.record.facts.subjects
               for good in subject.goods}  # fmt: skip
    about = {good: subject.market for result in reversed(results) for subject in result.record.facts.subjects
             for good in subject.goods}  # fmt: skip
    first = [good for result in results for subject in result.record.facts.subjects for good in subject.goods]
    moved = pd.concat(shares).assign(size=lambda table: table["difference"].abs().fillna(0.0))
    found = []
    for good in dict.fromkeys([*(good for good in first if good in goods), *goods]):
        rows = moved[moved["good"] == good]
        by_market = rows.groupby("region")["size"].sum()
        market = about.get(good, "")
        if market not in by_market.index:
            market = str(by_market.sort_values(kind="stable").index[-1])
        here = rows[(rows["region"] == market) & (rows["partner"] != market)]
        by_partner = here.groupby("partner")[["size", "central"]].sum().sort_values(["size", "central"], kind="stable")
        if len(by_partner):
            mover = str(by_partner.index[-1])
            stays = float(by_partner["size"].iloc[-1]) < _SMALL
            found.append((good, market, country[good] if stays and country.get(good) in by_partner.index else mover))
    return found
