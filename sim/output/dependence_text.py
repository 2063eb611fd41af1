"""On whom a market depends and what the scenario makes of it: the finding first, then its numbers by stage."""

from __future__ import annotations

from collections.abc import Mapping

from sim.output.lookup import SMALL, WORLD, Cell, Lookup, points
from sim.output.textblock import CHANGE_HEADER, paragraph, table
from sim.output.wording import (
    between,
    capital,
    good_of,
    instead,
    label_of,
    listed,
    money,
    number,
    percent,
    price_instead,
    small_tonnes,
    the,
)
from sim.records.outcome import RunFacts, Subject

_NOTHING = 0.0005  # kt
_GAINERS = 3  # origins named as gaining
_UNMOVED = 0.0005  # of the baseline: less shows as no change
_PEAK, _WORTH_A_PEAK = 1.5, 0.02  # times the change of the focus year; of the price: a peak worth a sentence
_WORTH_NAMING = 0.001  # of a market: a tenth of a point, the last digit shown
_NONE = Cell(baseline=0.0, central=0.0, p05=0.0, p95=0.0, change=0.0, middle=0.0, low=0.0, high=0.0)


def finding(subject: Subject, facts: RunFacts, known: Lookup, names: Mapping[str, str], room: int) -> list[str]:
    """A paragraph: dependence on the country at each stage, prices, use, unserved demand, and the last year."""
    banded = facts.draws > 0
    sentences = [
        *_shares(subject, facts, known, names, banded),
        *_inputs(subject, facts, known, names),
        *_prices(subject, facts, known, names, banded),
        _unserved(subject, facts, known),
        *_later(subject, facts, known),
    ]
    return paragraph(" ".join(sentences), room)


def _shares(subject: Subject, facts: RunFacts, known: Lookup, names: Mapping[str, str], banded: bool) -> list[str]:
    good, market = subject.goods[0], the(label_of(subject.market, names))
    country, metal, year = the(label_of(subject.country, names)), good_of(good, names), facts.focus
    imports = known.cell("import_share", good, subject.market, year, subject.country)
    supply = known.cell("supply_share", good, subject.market, year, subject.country)
    touched = known.cell("touched_supply", good, subject.market, year, subject.country)
    told = []
    bought = known.cell("imports", good, subject.market, year)
    if bought is not None and bought.central < _NOTHING <= bought.baseline:
        told.append(f"{market} would import no {metal} in {year} instead of {small_tonnes(bought.baseline)} kt.")
    elif imports is not None and supply is not None:
        if imports.moved or supply.moved:
            told.append(
                f"{market} would get {_with_band(imports, banded)} of its imports of {metal} from "
                f"{country} in {year}{_than(imports)}, and "
                f"{_with_band(supply, banded)} of all its supply{_than(supply)}."
            )
        else:
            told.append(
                f"{market} would still get {percent(imports.central)} % of its imports of {metal} from {country} in "
                f"{year} ({points(imports, banded=banded)}), and {percent(supply.central)} % of all its supply."
            )
    if touched is not None:
        part = f"At some stage {country} would have a part in"
        told.append(
            f"{part} {_printed(touched)[0]} % of that supply{_than(touched)} ({points(touched, banded=banded)})."
            if touched.moved
            else f"{part} {percent(touched.central)} % of that supply as in the baseline "
            f"({points(touched, banded=banded)})."
        )
    gained = known.partners("supply_share", good, subject.market, year)
    gainers = sorted((name for name in gained if gained[name].change >= SMALL), key=lambda name: -gained[name].change)
    if gainers and imports is not None and imports.change < 0:
        parts = [
            f"{'home suppliers' if name == subject.market else the(label_of(name, names))} "
            f"({number(100 * gained[name].change, 1, sign=True)} points)"
            for name in gainers[:_GAINERS]
        ]
        told.append(f"Shares are gained by {listed(parts)}.")
    return [capital(sentence) for sentence in told]


def _inputs(subject: Subject, facts: RunFacts, known: Lookup, names: Mapping[str, str]) -> list[str]:
    told = []
    for good in subject.goods[1:]:
        imports = known.cell("import_share", good, subject.market, facts.focus, subject.country)
        metal, country = good_of(good, names), the(label_of(subject.country, names))
        if imports is None or max(imports.baseline, imports.central) < _NOTHING:
            told.append(
                capital(f"{the(label_of(subject.market, names))} would buy no {metal} from {country} in either case.")
            )
        elif imports.moved:
            told.append(
                f"Of its imports of {metal}, {_printed(imports)[0]} %{_than(imports)} would come from {country}."
            )
        else:
            told.append(f"Of its imports of {metal}, {percent(imports.central)} % would come from {country} as before.")
    return told


def _prices(subject: Subject, facts: RunFacts, known: Lookup, names: Mapping[str, str], banded: bool) -> list[str]:
    good = subject.goods[0]
    there = known.cell("delivered_price", good, subject.market, facts.focus)
    world = known.cell("world_price", good, WORLD, facts.focus)
    use = known.cell("consumption", good, subject.market, facts.focus)
    told = []
    if there is not None:
        world_too = f", the world price {_price(world, banded)}" if world is not None else ""
        told.append(f"The price of {good_of(good, names)} there would be {_price(there, banded)}{world_too}.")
        told += _peak(subject, facts, known, there, banded)
    if use is not None and use.baseline > 0:
        change = use.change / use.baseline
        told.append(
            f"Use there would be {instead(small_tonnes(use.central), small_tonnes(use.baseline), 'kt')} "
            f"({percent(change, sign=True)} %)."
            if abs(change) >= _WORTH_NAMING and small_tonnes(use.central) != small_tonnes(use.baseline)
            else f"Use there stays at {small_tonnes(use.central)} kt."
        )
    return told


def _peak(subject: Subject, facts: RunFacts, known: Lookup, focus: Cell, banded: bool) -> list[str]:
    """The year in which the price there is furthest from the baseline's, where that is much further than now."""
    cells = {
        year: cell
        for year in facts.years
        if (cell := known.cell("delivered_price", subject.goods[0], subject.market, year)) is not None
        and cell.baseline > 0
    }
    if not cells:
        return []
    year = max(cells, key=lambda y: (abs(cells[y].change / cells[y].baseline), -y))
    cell = cells[year]
    now = abs(focus.change / focus.baseline) if focus.baseline > 0 else 0.0
    most = abs(cell.change / cell.baseline)
    if most < _WORTH_A_PEAK or most < _PEAK * now:
        return []
    change = percent(cell.change / cell.baseline, sign=True)
    low, high = (percent(end / cell.baseline, sign=True) for end in (cell.low, cell.high))
    band = between(low, high, before=" (", unit=" %)") if banded else ""
    return [f"Furthest from the baseline is it in {year}: {change} %{band}."]


def _price(cell: Cell, banded: bool) -> str:
    change = percent(cell.change / cell.baseline, sign=True)
    if abs(cell.change) < _UNMOVED * cell.baseline:
        return f"practically unchanged at {money(cell.central)} USD/t"
    low, high = (percent(end / cell.baseline, sign=True) for end in (cell.low, cell.high))
    band = between(low, high, before="; ", unit=" %") if banded else ""
    return f"{price_instead(cell.central, cell.baseline)} ({change} %{band})"


def _unserved(subject: Subject, facts: RunFacts, known: Lookup) -> str:
    before = after = most = 0.0
    for good in subject.goods:
        for cell in known.regions("unserved", good, facts.focus).values():
            before, after, most = before + cell.baseline, after + cell.central, max(most, cell.p95)
    if max(before, after) > _NOTHING:
        return f"Demand without a source: {instead(small_tonnes(after), small_tonnes(before), 'kt')}."
    if facts.draws and most > _NOTHING:
        return "In the central run no demand is left unserved, in some draws it is."
    return "No demand is left unserved."


def _later(subject: Subject, facts: RunFacts, known: Lookup) -> list[str]:
    last = facts.years[-1]
    if last <= facts.focus:
        return []
    good = subject.goods[0]
    imports = known.cell("import_share", good, subject.market, last, subject.country)
    touched = known.cell("touched_supply", good, subject.market, last, subject.country)
    if imports is None:
        return []
    if not imports.moved and (touched is None or not touched.moved):
        return [f"By {last} {percent(imports.central)} % of imports, as in the baseline."]
    told = f"By {last}: {_level(imports, 'imports')}"
    if touched is not None:
        told += f", a part at some stage in {_level(touched, 'supply')}"
    return [f"{told}."]


def _printed(cell: Cell) -> tuple[str, str]:
    """A share of scenario and baseline in percent: with a digit more where it moves and would look the same."""
    ours, theirs = percent(cell.central), percent(cell.baseline)
    if ours == theirs and cell.moved:
        return number(100 * cell.central, 1), number(100 * cell.baseline, 1)
    return ours, theirs


def _with_band(cell: Cell, banded: bool) -> str:
    ends = between(percent(cell.p05), percent(cell.p95), before=" (", unit=")") if banded else ""
    return f"{_printed(cell)[0]} %{ends}"


def _alike(cell: Cell) -> bool:
    ours, theirs = _printed(cell)
    return ours == theirs


def _than(cell: Cell) -> str:
    return ", as in the baseline" if _alike(cell) else f" instead of {_printed(cell)[1]} %"


def _level(cell: Cell, whole: str) -> str:
    ours, theirs = _printed(cell)
    return f"{ours} % of {whole} as in the baseline" if ours == theirs else f"{ours} instead of {theirs} % of {whole}"


def stages_table(subject: Subject, facts: RunFacts, known: Lookup, names: Mapping[str, str], room: int) -> list[str]:
    """The country's share at each stage and at any, and the market's prices."""
    wanted = []
    for good in subject.goods:
        metal = capital(label_of(good, names))
        wanted.append((f"{metal}: of imports", "import_share", good))
        if good == subject.goods[0]:
            wanted.append((f"{metal}: of supply", "supply_share", good))
        if known.cell("touched_supply", good, subject.market, facts.focus, subject.country) is not None:
            wanted += [("Touched at any stage: of imports", "touched_imports", good)]
            wanted += [("Touched at any stage: of supply", "touched_supply", good)]
    rows = []
    for label, indicator, good in wanted:
        cell = known.cell(indicator, good, subject.market, facts.focus, subject.country)
        bought = known.cell("consumption", good, subject.market, facts.focus)
        if cell is None and bought is None:
            continue
        shown = cell or _NONE
        band = f"{number(100 * shown.low, 1, sign=True)} to {number(100 * shown.high, 1, sign=True)}"
        levels = [number(100 * level, 1) for level in (shown.baseline, shown.central)]
        rows.append([label, *levels, number(100 * shown.change, 1, sign=True), band if facts.draws else ""])
    if not rows:
        return []
    market, country = the(label_of(subject.market, names)), the(label_of(subject.country, names))
    title = f"Dependence of {market} on {country} in {facts.focus}, % (change in points)"
    return table(title, CHANGE_HEADER, rows, room, total=False)
