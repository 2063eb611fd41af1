from __future__ import annotations

import numpy as np

from sim.core.sourcing import NO_WEIGHT, kept_contracts, log_weights, logit_shares, price_line


def test_price_line_by_hand() -> None:
    fob, cif, tax, freight = (np.full((1, 1, 1, 1), x) for x in (0.1, 0.2, 0.05, 50.0))
    slope, intercept = price_line(fob, cif, tax, freight)
    price = 1000.0
    at_border = price * 1.05
    expected = at_border + 50.0 + 0.1 * at_border + 0.2 * (at_border + 50.0)
    np.testing.assert_allclose(slope * price + intercept, expected)


def test_price_line_without_measures_is_price_and_freight() -> None:
    none = np.zeros((1, 1, 1, 1))
    slope, intercept = price_line(none, none, none, none + 40.0)
    assert slope[0, 0, 0, 0] == 1.0
    assert intercept[0, 0, 0, 0] == 40.0


def test_kept_contracts_by_hand() -> None:
    share = np.array([0.6, 0.3, 0.1]).reshape(1, 1, 3, 1)
    open_part = np.array([1.0, 0.5, 0.0]).reshape(1, 1, 3, 1)
    room = np.array([0.5, 1.0, 1.0]).reshape(1, 1, 3, 1)
    kept = kept_contracts(share, np.array([[0.2]]), open_part, room)
    np.testing.assert_allclose(kept.ravel(), [0.24, 0.12, 0.0])


def test_full_renewal_keeps_nothing() -> None:
    ones = np.ones((1, 1, 2, 1))
    assert (kept_contracts(ones / 2, np.array([[1.0]]), ones, ones) == 0).all()


def shares(weight: list[float], price: list[float], sigma: float) -> np.ndarray:
    shape = (1, 1, len(weight), 1)
    elasticity = np.array([[sigma]])
    constant = log_weights(np.reshape(weight, shape), np.full(shape, 1000.0), elasticity, np.ones(shape, dtype=bool))
    return logit_shares(constant, np.log(np.reshape(price, shape)), elasticity).ravel()


def test_shares_at_reference_prices_are_the_tastes() -> None:
    np.testing.assert_allclose(shares([0.5, 0.3, 0.2], [1000.0] * 3, 7.0), [0.5, 0.3, 0.2])


def test_dearer_origin_loses_share_by_hand() -> None:
    # weights 1 and 2^-2 = 1/4
    np.testing.assert_allclose(shares([0.5, 0.5], [1000.0, 2000.0], 2.0), [0.8, 0.2])


def test_origin_without_taste_gets_exactly_nothing() -> None:
    found = shares([0.5, 0.0, 0.5], [1000.0, 1.0, 1000.0], 30.0)
    assert found[1] == 0.0
    np.testing.assert_allclose(found, [0.5, 0.0, 0.5])


def test_market_without_any_usable_route_buys_nothing() -> None:
    assert (shares([0.0, 0.0], [1000.0, 1000.0], 4.0) == 0).all()


def test_shares_of_extreme_prices_stay_finite() -> None:
    np.testing.assert_allclose(shares([1.0, 1.0], [1e-30, 1e30], 30.0), [1.0, 0.0])


def test_unusable_route_has_no_weight() -> None:
    logs = log_weights(np.ones((1, 1, 2, 1)), np.ones((1, 1, 2, 1)), np.ones((1, 1)), np.array([[[[True], [False]]]]))
    assert logs.ravel().tolist() == [0.0, NO_WEIGHT]


def test_shares_of_an_array_are_those_of_its_markets() -> None:
    rng = np.random.default_rng(3)
    weight, price, reference = rng.uniform(0.1, 1.0, (3, 2, 2, 4, 3))
    sigma = rng.uniform(1.2, 20.0, (2, 2))
    constant = log_weights(weight, reference, sigma, np.ones(weight.shape, dtype=bool))
    found = logit_shares(constant, np.log(price), sigma)
    for n, c, d in np.ndindex(2, 2, 3):
        plain = [weight[n, c, o, d] * (price[n, c, o, d] / reference[n, c, o, d]) ** -sigma[n, c] for o in range(4)]
        np.testing.assert_allclose(found[n, c, :, d], np.array(plain) / sum(plain), rtol=1e-11)
