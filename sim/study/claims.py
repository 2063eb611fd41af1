"""Answers the figures beside the documents' claims from the base year, and finds the scenarios that exercise them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sim.errors import DataError
from sim.quantity import Array
from sim.records.claims import Answered, AnsweredClaim, Asked, Claim, ClaimPage, Exercise, Span, Statistic
from sim.records.scenario import Number, Scenario
from sim.records.world import World
from sim.study.assumptions import numbers_with_use

_PER_BILLION = 1e6  # kt times USD/t is a thousand USD; so many of them are a billion


def answer_claims(
    page: ClaimPage, world: World, folder: Path, scenarios: Sequence[Scenario]
) -> tuple[AnsweredClaim, ...]:
    """Every row with its figures; ``folder`` holds the tables of the world, ``scenarios`` are those shipped.

    Raises DataError for a name that the world, its tables or the scenarios do not have.
    """
    by_name = {scenario.name: scenario for scenario in scenarios}
    return tuple(
        AnsweredClaim(
            claim=claim,
            beside=tuple(_answer(statistic, world, folder, by_name) for statistic in claim.beside),
            exercises=_exercises(claim, by_name),
        )
        for claim in page.claims
    )


def _answer(statistic: Statistic, world: World, folder: Path, scenarios: Mapping[str, Scenario]) -> Answered:
    asked = statistic.asked
    if asked is None:
        return Answered(
            what=statistic.what,
            shown=statistic.text or _printed(statistic.span, statistic.decimals),
            span=statistic.span,
            sources=(statistic.source,),
        )
    if asked.of == "number":
        return _typed(statistic, asked, scenarios)
    if asked.of == "table_share":
        share, sources = _table_share(asked, folder)
        span = Span(low=share, high=share, unit="%")
        told = f"from `{asked.table}`"
    else:
        value, unit = _CALCULATIONS[asked.of](world, asked)
        span = Span(low=value, high=value, unit=unit)
        sources = ()
        told = f"from the base year, {', '.join(world.tiers[world.good_index(asked.good)].split())}"
    return Answered(
        what=statistic.what,
        shown=_printed(span, statistic.decimals),
        span=span,
        sources=sources,
        computed=told,
    )


def _printed(span: Span | None, decimals: int) -> str:
    if span is None:
        return ""
    ends = dict.fromkeys((f"{span.low:,.{decimals}f}", f"{span.high:,.{decimals}f}"))
    return f"{' to '.join(ends)} {span.unit}"


def _typed(statistic: Statistic, asked: Asked, scenarios: Mapping[str, Scenario]) -> Answered:
    if asked.scenario not in scenarios:
        raise DataError(f"no scenario {asked.scenario!r}")
    found = {number.path: number for number, _ in numbers_with_use(scenarios[asked.scenario])}
    if asked.number not in found:
        raise DataError(f"{asked.scenario}: no number {asked.number!r}")
    number = found[asked.number]
    shown = number.written.get("value", "")
    if spread := number.spread_as_written:
        shown = f"{shown} ({spread})" if shown else spread
    keys = dict.fromkeys(key for key in (number.source, number.range_source) if key)
    return Answered(what=statistic.what, shown=shown, span=None, sources=tuple(keys), computed=f"in `{asked.scenario}`")


def _table_share(asked: Asked, folder: Path) -> tuple[float, tuple[str, ...]]:
    """Share in percent of the rows that hold the cells of ``share`` among those that hold the cells of ``within``."""
    with (folder / asked.table).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    wanted = {**(asked.within or {}), **(asked.share or {}), asked.column: ""}
    missing = [name for name in wanted if not rows or name not in rows[0]]
    if missing:
        raise DataError(f"{asked.table}: no column {', '.join(missing)}")
    inside = [row for row in rows if all(row[name] == cell for name, cell in (asked.within or {}).items())]
    part = [row for row in inside if all(row[name] == cell for name, cell in (asked.share or {}).items())]
    total = sum(float(row[asked.column]) for row in inside)
    if not part or total <= 0:
        raise DataError(f"{asked.table}: no row with {asked.share} among {asked.within}")
    keys = tuple(dict.fromkeys(row["source"] for row in inside))
    return 100 * sum(float(row[asked.column]) for row in part) / total, keys


def _of_assets(world: World, asked: Asked, what: str) -> float:
    good, region = world.good_index(asked.good), world.region_index(asked.region)
    values = world.output if what == "output" else world.capacity
    return float(values[(world.asset_good == good) & (world.asset_region == region)].sum())


def _flows(world: World, asked: Asked) -> Array:
    flows: Array = world.flows[world.good_index(asked.good)]
    return flows


def _imports(world: World, asked: Asked) -> float:
    flows, region = _flows(world, asked), world.region_index(asked.region)
    return float(flows[:, region].sum() - flows[region, region])


def _exports(world: World, asked: Asked) -> float:
    flows, region = _flows(world, asked), world.region_index(asked.region)
    return float(flows[region].sum() - flows[region, region])


def _use(world: World, asked: Asked) -> float:
    return float(_flows(world, asked)[:, world.region_index(asked.region)].sum())


def _flow(world: World, asked: Asked) -> float:
    return float(_flows(world, asked)[world.region_index(asked.partner), world.region_index(asked.region)])


def _market_value(world: World, asked: Asked) -> float:
    """A year's output at the producers' prices. [bn USD]"""
    good = world.good_index(asked.good)
    output = _flows(world, asked).sum(axis=1)
    return float((output * world.producer_price[good]).sum() / _PER_BILLION)


def _world_output(world: World, asked: Asked) -> float:
    return float(world.output[world.asset_good == world.good_index(asked.good)].sum())


_CALCULATIONS: Mapping[str, Callable[[World, Asked], tuple[float, str]]] = {
    "output": lambda world, asked: (_of_assets(world, asked, "output"), "kt"),
    "capacity": lambda world, asked: (_of_assets(world, asked, "capacity"), "kt"),
    "exports": lambda world, asked: (_exports(world, asked), "kt"),
    "flow": lambda world, asked: (_flow(world, asked), "kt"),
    "use": lambda world, asked: (_use(world, asked), "kt"),
    "import_share": lambda world, asked: (100 * _flow(world, asked) / _imports(world, asked), "%"),
    "use_share": lambda world, asked: (100 * _flow(world, asked) / _use(world, asked), "%"),
    "net_import_reliance": lambda world, asked: (
        100 * (_imports(world, asked) - _exports(world, asked)) / _use(world, asked),
        "%",
    ),
    "output_share": lambda world, asked: (100 * _of_assets(world, asked, "output") / _world_output(world, asked), "%"),
    "market_value": lambda world, asked: (_market_value(world, asked), "bn USD"),
}


def _exercises(claim: Claim, scenarios: Mapping[str, Scenario]) -> tuple[Exercise, ...]:
    """The scenarios named for the claim that there are, and every other one that quotes the same words."""
    found = []
    for name, scenario in scenarios.items():
        own = _own(scenario, scenarios)
        quoting = [number.path for number in own if number.quote and _same_words(number, claim)]
        if name in claim.scenarios or quoting:
            found.append(Exercise(scenario=name, carries=_carried(scenario, own, claim)))
    return tuple(found)


def _own(scenario: Scenario, scenarios: Mapping[str, Scenario]) -> list[Number]:
    """The numbers that the root of the scenario's chain does not have."""
    root = scenarios.get(scenario.chain[-1])
    taken = {(number.path, number.place) for number, _ in numbers_with_use(root)} if root else set()
    if root is scenario:
        return []
    return [number for number, _ in numbers_with_use(scenario) if (number.path, number.place) not in taken]


def _same_words(number: Number, claim: Claim) -> bool:
    quote = claim.quotes.get(number.source, "")
    return bool(number.quote) and (str(number.quote) in quote or (bool(quote) and quote in str(number.quote)))


def _carried(scenario: Scenario, own: Sequence[Number], claim: Claim) -> tuple[str, ...]:
    """What in a scenario rests on the claim: numbers of its own in its words, and the switches they wait for.

    A number of the same document in other words belongs to another claim. Without any number it is the switches of the
    document that carry the claim.
    """
    mine = [
        number for number in own if number.source in claim.quotes and (not number.quote or _same_words(number, claim))
    ]
    paths = [number.path for number in mine]
    switches = {name for name, switch in scenario.switches.items() if switch.source in claim.quotes}
    if mine:
        measures = {number.path.split(".")[1] for number in mine if number.path.startswith("measures.")}
        switches &= {each.switch for name in measures for each in scenario.measures[name].when}
    paths += [f"switches.{name}" for name in scenario.switches if name in switches]
    return tuple(dict.fromkeys(paths))
