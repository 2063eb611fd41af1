"""Which figures a run gets, and under which names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

import pandas as pd
from matplotlib.figure import Figure

from sim.output.plots.cases import cases_apart
from sim.output.plots.concentration import concentration
from sim.output.plots.dependence import dependence
from sim.output.plots.differences import differences, has_differences
from sim.output.plots.flow_change import flow_change, has_changes
from sim.output.plots.import_shares import import_shares
from sim.output.plots.lines import PRICE, SHARE, lines
from sim.output.plots.mix import mix
from sim.output.plots.pick import has_rows
from sim.output.plots.prices import prices
from sim.output.plots.scenarios import Together
from sim.output.plots.shifts import shifts
from sim.output.plots.style import is_baseline, png_bytes, svg_bytes
from sim.output.plots.supply_shares import supply_shares
from sim.output.plots.winners import winners
from sim.records.cases import SwitchCases
from sim.records.outcome import DealAnswer, RunFacts, Subject

FOLDER = "figures"
_SAME = 0.0005  # of supply: a difference below rounds to nothing

Planned = tuple[str, Callable[[], Figure]]
Drawn = tuple[str, str, dict[str, bytes]]  # name, finding and files


def gallery(
    summary: pd.DataFrame,
    flows: pd.DataFrame,
    deals: Sequence[DealAnswer],
    facts: RunFacts,
    labels: Mapping[str, str],
    *,
    cases: Sequence[SwitchCases] = (),
    home: str = "US",
) -> Iterator[Planned]:
    """Name of each figure and what draws it, the most telling first.

    Shares and prices come by market, winners by deal, flows by good.
    A good made from another starts with the dependence at each stage. Names of the good that matters most (that of the
    first deal, else what the run is about) are short, those of others end in the good. The states of a drawn switch
    come last, but first where the central run is as the baseline and they are all there is to show; shares of supply
    that do not differ from the baseline are left out then.
    """
    apart = [each for each in cases if len(each.states) > 1]
    idle = bool(apart) and not _moves(summary)
    if idle:
        yield from _cases(apart, facts, labels)
    markets = shown_markets(summary, deals, home=home, subjects=facts.subjects)
    chains = _chains(summary, facts, markets)
    for good, region in markets:
        suffix = "" if good == markets[0][0] else f"_{good}"
        for name, draw in _market(summary, facts, labels, good, region, chains.get(good), supply=not idle):
            yield f"{region.lower()}_{name}{suffix}", draw
    for deal in deals:
        suffix = "" if len(deals) == 1 else f"_{deal.measure}"
        yield f"winners_and_losers{suffix}", partial(winners, deal, facts, labels=labels)
    for good in () if is_baseline(facts) else dict.fromkeys(good for good, _ in markets):
        suffix = "" if good == markets[0][0] else f"_{good}"
        if has_changes(flows, good, facts.focus):
            yield f"flow_change{suffix}", partial(flow_change, flows, facts, good=good, labels=labels)
        if has_differences(summary, good, facts.focus):
            yield f"differences{suffix}", partial(differences, summary, facts, good=good, labels=labels)
    if not idle:
        yield from _cases(apart, facts, labels)


def _market(
    summary: pd.DataFrame,
    facts: RunFacts,
    labels: Mapping[str, str],
    good: str,
    region: str,
    chain: tuple[tuple[str, ...], str] | None,
    *,
    supply: bool,
) -> Iterator[Planned]:
    """What a market gets of a good, on whom it depends and what it pays; ``supply`` asks for its shares of supply."""
    if chain is not None:
        goods, country = chain
        draw = partial(dependence, summary, facts, goods=goods, market=region, country=country, labels=labels)
        yield "dependence", draw
    if supply and has_rows(summary, "supply_share", good, region):
        yield "supply_shares", partial(supply_shares, summary, facts, good=good, destination=region, labels=labels)
    if has_rows(summary, "import_share", good, region):
        yield "import_shares", partial(import_shares, summary, facts, good=good, destination=region, labels=labels)
    if has_rows(summary, "delivered_price", good, region):
        yield "price", partial(prices, summary, facts, good=good, region=region, labels=labels)
    if has_rows(summary, "concentration", good, region):
        yield "concentration", partial(concentration, summary, facts, good=good, market=region, labels=labels)


def _cases(apart: Sequence[SwitchCases], facts: RunFacts, labels: Mapping[str, str]) -> Iterator[Planned]:
    """A figure for each drawn switch and each chain of goods."""
    for each in apart:
        suffix = "" if len(apart) == 1 else f"_{each.switch}_{each.good}"
        yield f"cases{suffix}", partial(cases_apart, each, facts, labels=labels)


def _moves(summary: pd.DataFrame) -> bool:
    """True where the central run buys elsewhere than the baseline at any time."""
    shares = summary[summary["indicator"] == "supply_share"]
    return bool((shares["difference"].abs() >= _SAME).any())


def shown_markets(
    summary: pd.DataFrame, deals: Sequence[DealAnswer], *, home: str, subjects: Sequence[Subject] = ()
) -> list[tuple[str, str]]:
    """Pairs of good and market worth a figure: those of the deals, those of the subjects, other goods in ``home``.

    Where a good is not bought there, the market whose supply shares change most stands in.
    """
    markets = list(dict.fromkeys((deal.good, deal.destination) for deal in deals))
    shares = summary[summary["indicator"] == "supply_share"]
    size: dict[tuple[str, str], float] = {}
    for good, region, change in zip(shares["good"], shares["region"], shares["difference"].fillna(0.0), strict=True):
        size[str(good), str(region)] = size.get((str(good), str(region)), 0.0) + abs(float(change))
    market_of = {good: subject.market for subject in subjects for good in subject.goods}
    others = {good for good, _ in size} - {good for good, _ in markets}
    for good in [*(good for good in market_of if good in others), *sorted(others - set(market_of))]:
        regions = [region for name, region in size if name == good]
        most = max(regions, key=lambda region: (size[good, region], region))
        wanted = market_of.get(good, home)
        markets.append((good, wanted if wanted in regions else most))
    return markets


def _chains(
    summary: pd.DataFrame, facts: RunFacts, markets: Sequence[tuple[str, str]]
) -> dict[str, tuple[tuple[str, ...], str]]:
    """Per good that is made from another and has a figure: its chain, and the country its market depends on.

    Where the run is about nobody's dependence, the good alone and the country its market depends on most.
    """
    told = {subject.goods[0]: (subject.goods, subject.country) for subject in facts.subjects}
    touched = summary[(summary["indicator"] == "touched_supply") & (summary["year"] == facts.focus)]
    chains: dict[str, tuple[tuple[str, ...], str]] = {}
    for good, market in markets:
        rows = touched[(touched["good"] == good) & (touched["region"] == market) & (touched["partner"] != market)]
        if len(rows):
            most = str(rows.sort_values("baseline", kind="stable")["partner"].iloc[-1])
            chains[good] = told.get(good, ((good,), most))
    return chains


def beside(
    summaries: Mapping[str, pd.DataFrame], together: Together, themes: Sequence[tuple[str, str, str]]
) -> Iterator[tuple[str, Figure]]:
    """Name and figure of several runs side by side: mix, price, shifts and the mover's share, by good and market."""
    for good, region, partner in themes:
        suffix = "" if good == themes[0][0] else f"_{good}"
        where = region.lower()
        known = {
            name: table for name, table in summaries.items() if has_rows(table, "supply_share", good, region)
        }  # a run that leaves a good out has nothing to show of it
        yield f"{where}_mix{suffix}", mix(known, together, good=good, region=region)
        yield f"{where}_price{suffix}", lines(known, together, indicator=PRICE, good=good, region=region)
        yield f"{where}_shifts{suffix}", shifts(known, together, good=good, region=region)
        share = lines(known, together, indicator=SHARE, good=good, region=region, partner=partner)
        yield f"{where}_share{suffix}", share


def figure_files(name: str, figure: Figure) -> dict[str, bytes]:
    """The figure as SVG and PNG, by file name within the folder of the run."""
    return {f"{FOLDER}/{name}.svg": svg_bytes(figure), f"{FOLDER}/{name}.png": png_bytes(figure)}


def made(planned: Iterable[Planned], first: int = 0, step: int = 1) -> Iterator[tuple[str, Figure]]:
    """Name and figure of every ``step``-th of those planned, from the ``first`` on."""
    for name, draw in islice(planned, first, None, step):
        yield name, draw()


def drawn(figures: Iterable[tuple[str, Figure]]) -> Iterator[Drawn]:
    """Name, finding and files of one figure after the other, so that no two are held at once."""
    for name, figure in figures:
        yield name, str(figure.get_label()), figure_files(name, figure)
