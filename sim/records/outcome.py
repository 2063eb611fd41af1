"""What a run found, for tables, figures and the answer in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Band:
    """A number of the central run with the 5th, 50th and 95th percentile of the draws.

    Without draws the percentiles equal the central number.
    """

    central: float
    p05: float
    p50: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """One line of a who-wins-who-loses table, kt a year: central levels and the change with its band."""

    label: str
    baseline: float
    scenario: float
    change: Band


@dataclass(frozen=True, kw_only=True)
class Case:
    """The tonnes taken in the draws of one state of a switch that has a probability."""

    switch: str
    on: bool
    draws: int
    taken: Band  # its central number is the median


@dataclass(frozen=True, kw_only=True)
class DealAnswer:
    """What metal that one region sells to another by one measure does to both in one year.

    ``suppliers`` lists every region that sells in the destination, the selling one first; their changes add up to
    the change of use there. ``customers`` lists every other destination of the selling region; minus their sum plus
    ``new_output`` is the metal gained.
    """

    measure: str
    good: str
    origin: str
    destination: str
    year: int
    first_year: int
    stated: bool  # True where the volume is of tier document
    quote: str | None
    suppliers: tuple[ChangeRow, ...]
    customers: tuple[ChangeRow, ...]
    use: ChangeRow
    new_output: ChangeRow
    price: ChangeRow  # market price of the destination, USD/t
    world_price: ChangeRow  # output-weighted producer price, USD/t


@dataclass(frozen=True, kw_only=True)
class OfferAnswer(DealAnswer):
    """What became of an offer of metal in one year.

    ``reasons`` splits offered - taken of the central run in kt and adds up to it. ``discount`` is the price cut
    (share of the delivered price) at which the whole offer would be placed and ``discount_shortfall`` (kt/yr) what
    no discount could place.
    """

    offered: Band
    taken: Band
    taken_first: Band
    binds: float  # share of draws in which the offer limits the flow in that year
    reasons: tuple[tuple[str, float], ...]
    discount: Band
    below_rivals: Band  # the same as a distance from the mean delivered price of all other suppliers there
    discount_shortfall: Band
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GuaranteeYear:
    """What a floor or a contract comes to in one year.

    ``placed`` and ``missing`` add up to what is promised. ``price`` is what the buyers pay for the metal, USD/t
    delivered, ``below_rivals`` how far that is below the mean delivered price of all other suppliers there (a share,
    negative where it is dearer). ``discount`` is the cut of the delivered price that a floor takes (a share, 0 for a
    contract). ``cost`` in M USD is what the guarantor of a floor pays for that, or what the buyers of a contract pay
    beyond the same tonnes at the price of the others.
    """

    year: int
    placed: Band
    missing: Band
    price: Band
    discount: Band
    below_rivals: Band
    cost: Band


@dataclass(frozen=True, kw_only=True)
class GuaranteeAnswer(DealAnswer):
    """What became of tonnes that a floor or a take-or-pay contract promises.

    ``years`` holds the first, the focus and the last year in force; the year of the answer is ``told``.
    """

    kind: str  # floor or contract
    told: GuaranteeYear
    years: tuple[GuaranteeYear, ...]
    falls_short: float  # share of the draws in which part of it is not placed in the year of the answer


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whose dependence on whom a run is about, per chain of goods.

    ``goods`` is the chain, final goods before their inputs; ``market`` the importer the scenario names or, where it
    names none, whose purchases change most; ``country`` the one it depends on most in the benchmark year.
    """

    goods: tuple[str, ...]
    market: str
    country: str


@dataclass(frozen=True, kw_only=True)
class ProjectPart:
    """One project of a scenario: its tonnes a year once it is up, its first year, and those of the year."""

    measure: str
    capacity: Band  # kt/yr
    first_year: int | None  # of the central run; None where it makes nothing before the last year ends
    output: Band  # kt/yr
    stated: bool  # True where the capacity is of tier document


@dataclass(frozen=True, kw_only=True)
class CapitalCost:
    """What a project is said to cost, M USD, and what that is set against; the model does not use it.

    ``payback`` is blank where the project earns nothing, its 95th percentile where one draw in twenty does not.
    """

    measure: str
    low: float
    high: float
    tier: str
    quote: str | None
    first_year: int | None  # of spending in the central run; None where nothing is spent
    last_year: int | None
    spent: Band  # as drawn
    earned: Band  # surplus of the year the answer speaks of, M USD a year
    payback: Band  # years
    against_market: Band  # over a year's world market of its good


@dataclass(frozen=True, kw_only=True)
class Removal:
    """Capital of a chain's projects per point by which a country's part in a market's supply falls.

    Only where at least half a point is removed: in ``draws`` of the draws.
    """

    country: str
    market: str
    points: Band
    capital: Band  # M USD
    per_point: Band  # M USD
    draws: int
    unstated: tuple[str, ...]  # projects of the chain without a stated cost


@dataclass(frozen=True, kw_only=True)
class ProjectAnswer:
    """Where the metal goes that a scenario's projects bring, by region and good, in one year.

    The changes of ``destinations`` add up to that of ``output``, the region's output of the good. ``feed`` lists where
    its processing gets its input (kt of input), by origin, ``feed_good``; empty for a good without one. ``returns``
    lists by country of processing what reaches ``market`` of ``next_good``, the good made from this one, out of the
    region's metal (kt of that good). Where the scenario brings both a good and what processes it, ``without`` of the
    latter is what the country of the subject touches at any stage in the market's supply (a share of 1) were these
    projects left out and the others built, and ``without_feed`` where the region's input would go then (kt).
    """

    good: str
    region: str
    year: int
    market: str
    parts: tuple[ProjectPart, ...]
    output: ChangeRow
    destinations: tuple[ChangeRow, ...]
    next_good: str | None
    returns: tuple[ChangeRow, ...]
    feed_good: str | None
    feed: tuple[ChangeRow, ...]
    without: ChangeRow | None
    without_feed: tuple[ChangeRow, ...]
    costs: tuple[CapitalCost, ...]
    world_market: Band  # output of the world times its price, M USD a year, of the scenario
    removal: Removal | None = None  # where a project of the answer is the first of its chain to state a cost


@dataclass(frozen=True, kw_only=True)
class StockYear:
    """What a stockpile sells in one year, kt."""

    year: int
    sold: Band


@dataclass(frozen=True, kw_only=True)
class StockAnswer:
    """What becomes of a stockpile.

    ``sold`` holds the years in which it sells in the central run. ``empty_year`` is the first of the central run at
    whose end next to nothing is left, None where something always is; ``empty`` the share of the draws in which it is
    so by ``last_year``, ``sells`` the share in which it sells at all.
    """

    measure: str
    good: str
    holder: str
    markets: tuple[str, ...]
    stock: Band  # kt, to begin with
    trigger: Band  # USD/t at which half of its yearly release is sold
    sold: tuple[StockYear, ...]
    left: Band  # kt, at the end of last_year
    last_year: int
    empty_year: int | None
    empty: float
    sells: float


@dataclass(frozen=True, kw_only=True)
class SwitchDraws:
    """A switch that each draw decides: in how many of the solved draws it is on, and its state in the central run."""

    switch: str
    on: int
    central: bool


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What every figure and every answer has to say about the run it comes from."""

    scenario: str
    title: str
    question: str
    baseline: str
    baseline_title: str
    world: str
    years: tuple[int, ...]  # the benchmark year first
    focus: int
    draws: int  # 0: central run only
    solved: int
    infeasible: int
    failed: int
    tiers: tuple[str, ...]  # of the inputs that drive the result, weakest first
    stated: tuple[str, ...]  # documented figures in play, e.g. "2 Mt/yr (russian_aluminium_offer)"
    version: str
    left_out: tuple[str, ...] = ()  # goods of the world that the scenario does not touch
    cautions: tuple[tuple[str, str], ...] = ()  # good, and what the world says a reader of its numbers has to know
    subjects: tuple[Subject, ...] = ()
    notices: tuple[str, ...] = ()  # what must not go unsaid, a sentence each without a full stop
    switched: tuple[SwitchDraws, ...] = ()
    table_draws: int | None = None  # the first so many draws have the bands of indicators and flows; None: all have
