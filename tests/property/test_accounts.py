"""Who gains and who loses adds up to what is used, made and carried; and an input tax wastes next to nothing.

Areas and costs are computed here from the curves alone: the area under demand by quadrature over tonnes, the variable
cost of an asset by the incomplete beta function (or quadrature where that has none).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betainc, gamma

from sim.core.supply import net_price, utilisation
from sim.core.welfare import assets_surplus, buyers_surplus_change
from sim.model import simulate
from sim.records.params import NO_INPUT, Contracts, Params
from sim.records.trajectory import SOLVED, Trajectory
from tests.worlds import (
    calibrated,
    plain_statistics,
    random_world,
    six_region_world,
    tiny_world,
    two_stage_world,
    with_ban,
    with_bound,
    with_stocks_and_reserves,
    with_wedge,
)

M_USD = 1e-3


def comparable(params: Params) -> Params:
    """Without price memory, so that demand is one curve, and without take-or-pay, which buyers pay apart."""
    none = Contracts(
        names=(),
        good=np.zeros(0, dtype=np.int64),
        origin=np.zeros(0, dtype=np.int64),
        destination=np.zeros(0, dtype=np.int64),
        volume=np.zeros((params.draws, len(params.years), 0)),
    )
    demand = replace(params.demand, memory=np.zeros_like(params.demand.memory))
    return replace(params, demand=demand, contracts=none)


def running(params: Params, found: Trajectory, n: int, t: int) -> list[int]:
    return [a for a in range(len(params.technology.good)) if found.output[n, t, a] > 0]


def input_cost(params: Params, found: Trajectory, n: int, t: int, a: int) -> float:
    tech = params.technology
    if tech.input_good[a] == NO_INPUT:
        return 0.0
    return float(tech.input_ratio[n, a] * found.market_price[n, t, tech.input_good[a], tech.region[a]])


def variable_cost(params: Params, found: Trajectory, n: int, t: int) -> float:
    """Processing costs of all tonnes made: the tonne at utilisation s costs k (s / (1 - s))^(1/eta)."""
    tech, total = params.technology, 0.0
    for a in running(params, found, n, t):
        capacity, scale = found.capacity[n, t, a], tech.break_even[n, t, a]
        inverse, used = 1.0 / tech.steepness[n, a], found.output[n, t, a] / capacity
        if inverse < 0.95:
            area = gamma(1 + inverse) * gamma(1 - inverse) * betainc(1 + inverse, 1 - inverse, used)
        else:
            area = quad(lambda s, b=inverse: (s / (1 - s)) ** b, 0.0, used, epsrel=1e-13, limit=200)[0]
        total += capacity * scale * area
    return total * M_USD


def producers_surplus(params: Params, found: Trajectory, n: int, t: int) -> float:
    tech, total = params.technology, 0.0
    for a in running(params, found, n, t):
        given = (
            found.capacity[n, t, a],
            found.producer_price[n, t, tech.good[a], tech.region[a]],
            input_cost(params, found, n, t, a),
            tech.break_even[n, t, a],
            tech.steepness[n, a],
        )
        total += float(assets_surplus(*(np.array(x) for x in given)))
    return total


def demand_area(params: Params, one: Trajectory, two: Trajectory, n: int, t: int) -> float:
    """Change of the area under the inverse demand of all final buyers, by quadrature over tonnes."""
    total = 0.0
    for c, d in np.argwhere(one.final_use[n, t] > 0):
        epsilon = params.demand.elasticity[n, c]
        before, after = one.final_use[n, t, c, d], two.final_use[n, t, c, d]
        price = one.market_price[n, t, c, d]

        def willing(tonnes: float, start: float = before, at: float = price, e: float = epsilon) -> float:
            return float(at * (tonnes / start) ** (-1.0 / e))

        total += quad(willing, before, after, epsrel=1e-13)[0] if epsilon > 0 else 0.0
    return total * M_USD


def sold_from_stock(found: Trajectory, n: int, t: int) -> float:
    """What the owners of stockpiles earn; their metal costs nobody anything any more."""
    return float((found.released[n, t] * np.nan_to_num(found.market_price[n, t])).sum()) * M_USD


def gaps(params: Params, one: Trajectory, two: Trajectory) -> list[float]:
    """By draw and year, the gap of the identity of changes over the sum of the sizes of its terms."""
    found = []
    both = (one.status == SOLVED) & (two.status == SOLVED)
    for n in np.flatnonzero(both):
        for t in range(1, len(params.years)):
            if (one.unserved[n, t] > 0).any() or (two.unserved[n, t] > 0).any():
                continue
            buys = one.final_use[n, t] > 0
            epsilon = np.broadcast_to(params.demand.elasticity[n][:, None], buys.shape)[buys]
            buyers = buyers_surplus_change(
                two.final_use[n, t][buys],
                two.market_price[n, t][buys],
                one.final_use[n, t][buys],
                one.market_price[n, t][buys],
                epsilon,
            )
            money = [
                float(getattr(two, name)[n, t].sum() - getattr(one, name)[n, t].sum())
                for name in ("duties", "export_taxes", "rent")
            ]
            money.append(sold_from_stock(two, n, t) - sold_from_stock(one, n, t))
            gains = [
                float(buyers.sum()),
                producers_surplus(params, two, n, t) - producers_surplus(params, one, n, t),
                *money,
            ]
            tonnes = [
                demand_area(params, one, two, n, t),
                variable_cost(params, one, n, t) - variable_cost(params, two, n, t),
                float(one.freight_cost[n, t].sum() - two.freight_cost[n, t].sum()),
            ]
            size = sum(abs(x) for x in gains + tonnes)
            assert size > 0
            found.append(abs(sum(gains) - sum(tonnes)) / size)
    return found


def shocked(params: Params, rng: np.random.Generator) -> Params:
    """A ban, a duty, an export tax, dearer freight, a cap and a floor, on routes that carry metal."""
    trade = params.benchmark_flow.copy()
    trade[:, np.arange(trade.shape[1]), np.arange(trade.shape[1])] = 0.0
    routes = [tuple(int(i) for i in route) for route in np.argwhere(trade > 0)]
    rng.shuffle(routes)
    params = with_wedge(params, "tariffs_cif", routes[:3], 0.3)
    params = with_wedge(params, "tariffs_fob", routes[2:4], 0.1)
    params = with_wedge(params, "export_taxes", routes[1:4], 0.15)
    params = with_wedge(params, "surcharges", routes[:2], 90.0)
    params = with_ban(params, routes[4:5], 0.5)
    params = with_bound(params, routes[:1], high=0.7 * trade[routes[0]])
    return with_bound(params, routes[1:2], low=1.1 * trade[routes[1]])


@pytest.mark.parametrize("world", [tiny_world, six_region_world, two_stage_world])
@pytest.mark.parametrize("elasticity", [0.0, 0.2])
def test_gains_and_losses_add_up_in_small_worlds(world, elasticity: float) -> None:
    params = comparable(world(2, demand_elasticity=elasticity))
    apart = gaps(params, simulate(params), simulate(shocked(params, np.random.default_rng(1))))
    assert len(apart) == 6
    assert max(apart) < 1e-9


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seed", range(40, 46))
def test_gains_and_losses_add_up_in_random_worlds(seed: int, stages: int) -> None:
    params = comparable(random_world(seed, stages=stages, hard=False, draws=2, years=3))
    apart = gaps(params, simulate(params), simulate(shocked(params, np.random.default_rng(seed))))
    assert max(apart) < 1e-9


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seed", range(50, 54))
def test_gains_and_losses_add_up_where_stockpiles_are_sold_and_mines_run_out(seed: int, stages: int) -> None:
    params = comparable(random_world(seed, stages=stages, hard=False, draws=2, years=4))
    helped = with_stocks_and_reserves(params, seed)
    sold = simulate(helped)
    assert (sold.released > 0).any()
    assert max(gaps(helped, simulate(params), sold)) < 1e-9
    assert max(gaps(helped, sold, simulate(shocked(helped, np.random.default_rng(seed))))) < 1e-9


def chain_without_costs_of_distance(**changes: object) -> Params:
    """Two stages, one price for each: no origin is cheaper than another, so that nobody buys from a dear one."""
    like = two_stage_world(2)
    price = np.repeat([[2000.0], [6000.0]], 4, axis=1)
    given = {"input_good": (NO_INPUT, 0), "renewal": 1.0, "years": 2} | changes
    return comparable(calibrated(plain_statistics(like.benchmark_flow, price, 2, **given)))


def loss_per_revenue(params: Params, kind: str, rate: float) -> float:
    """Surplus that a tax on all of the first good wastes, over what it brings; both from the tonnes and curves."""
    regions = range(len(params.regions))
    one = simulate(params)
    two = simulate(with_wedge(params, kind, [(0, o, d) for o in regions for d in regions], rate))
    assert (one.status == SOLVED).all()
    assert (two.status == SOLVED).all()
    gain = demand_area(params, one, two, 0, 1)
    gain += variable_cost(params, one, 0, 1) - variable_cost(params, two, 0, 1)
    gain += float(one.freight_cost[0, 1].sum() - two.freight_cost[0, 1].sum())
    raised = float(two.duties[0, 1].sum() + two.export_taxes[0, 1].sum())
    return -gain / raised


@pytest.mark.parametrize("kind", ["tariffs_cif", "export_taxes"])
@pytest.mark.parametrize("used", [0.5, 0.7, 0.9])
def test_one_percent_tax_on_the_input_loses_under_a_thousandth_of_its_revenue(kind: str, used: float) -> None:
    params = chain_without_costs_of_distance(utilisation=used)
    loss = loss_per_revenue(params, kind, 0.01)
    assert -1e-6 < loss < 1e-3
    # and in proportion to the rate, as the waste of a small tax is
    assert loss_per_revenue(params, kind, 0.001) == pytest.approx(loss / 10, rel=0.05, abs=1e-7)


@pytest.mark.parametrize("seed", [0, 4, 8])
def test_where_origins_differ_in_price_the_turn_to_others_costs_a_little_more(seed: int) -> None:
    # a market buys from dearer origins too (log-logit): what a tax moves among origins counts in full, not by half
    params = comparable(random_world(seed, stages=2, hard=False, draws=2, years=2))
    assert -3e-3 < loss_per_revenue(params, "tariffs_cif", 0.01) < 3e-3


def test_surplus_of_an_asset_is_revenue_less_input_and_variable_cost() -> None:
    params = two_stage_world(2)
    found = simulate(params)
    made = found.output[0, 1]
    tech = params.technology
    revenue = sum(
        (found.producer_price[0, 1, tech.good[a], tech.region[a]] - input_cost(params, found, 0, 1, a)) * made[a]
        for a in running(params, found, 0, 1)
    )
    expected = revenue * M_USD - variable_cost(params, found, 0, 1)
    assert producers_surplus(params, found, 0, 1) == pytest.approx(expected, rel=1e-11)


def test_smoothed_corner_is_not_earned() -> None:
    # at a margin of nought the asset still makes a little, for which it earns nothing but its variable cost
    price, cost = np.array(1000.0), np.array(1000.0)
    net, _, _ = net_price(price, cost)
    used = float(utilisation(net, np.array(100.0), np.array(2.0)))
    surplus = float(assets_surplus(np.array(50.0), price, cost, np.array(100.0), np.array(2.0)))
    paid = 100.0 * quad(lambda s: (s / (1 - s)) ** 0.5, 0.0, used, epsabs=1e-16)[0]
    assert surplus == pytest.approx(-50.0 * paid * M_USD, rel=1e-9)
