"""Reported trade completed to all forms of the metal, country by country, so that tonnes add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.errors import DataError
from sim.quantity import Array, Mask
from sim.records.statistics import GoodStatistics, NetImports

_ROUNDING = 1e-9  # of a share: what sums of floats may miss
_SETTLED = 1e-13  # of world output: a round that moves less has changed nothing
_NEGATIVE = 1e-6  # kt below nought that is no rounding any more
_NAMED = 3  # countries of a list; the others are told as such
_MORE_DIGITS = 3  # decimals of kt for goods that are counted in tonnes

MOST_ROUNDS = 2000  # of scaling exports back: more means that no limit is ever reached
WORTH_TELLING = 5.0  # kt/yr: smaller corrections are summed up in one line
WORTH_TELLING_SHARE = 1e-4  # of the world's output, for goods that are counted in less


@dataclass(frozen=True, eq=False)
class CompletedTrade:
    """Trade and use of every country: output + imports = exports + use."""

    trade: Array  # (o, d) kt/yr
    use: Array  # (o) kt/yr
    notes: tuple[str, ...]


def complete_trade(statistics: GoodStatistics) -> CompletedTrade:
    """Reported trade of a good completed by what is known better.

    In this order: closed routes are emptied; markets with totals of their own get these, their exports
    netted where they are given; single flows known in all forms replace the reported ones; countries of one
    pattern share their destinations; where one country takes what another has left over, the other exports of
    that one are set. Then exports are scaled, all but the flows set so far: where the home use is a statistic,
    to output + imports - home use; elsewhere down to the export limit times output + imports.

    Raises DataError where flows that are set exceed what a country has.
    """
    step = _Completion(statistics)
    step.close_routes()
    step.set_net_imports()
    step.set_facts()
    step.share_patterns()
    step.set_remainders()
    return step.scale()


class _Completion:
    """Trade under completion: ``pinned`` flows are set, ``free`` ones are scaled."""

    def __init__(self, statistics: GoodStatistics) -> None:
        self.statistics = statistics
        self.free: Array = np.array(statistics.trade)
        self.pinned: Array = np.zeros_like(self.free)
        self.is_pinned: Mask = np.zeros(self.free.shape, dtype=np.bool_)
        self.notes: list[str] = []

    def pin(self, origins: list[int], destinations: list[int], tonnes: Array) -> float:
        """Set a block of flows; returns the reported tonnes it replaces."""
        block = np.ix_(origins, destinations)
        replaced = float(self.free[block].sum() + self.pinned[block].sum())
        self.free[block] = 0.0
        self.pinned[block] = tonnes
        self.is_pinned[block] = True
        return replaced

    def places(self, codes: tuple[str, ...]) -> list[int]:
        """Positions of the codes that have statistics at all."""
        return [self.statistics.countries.index(code) for code in codes if code in self.statistics.countries]

    def close_routes(self) -> None:
        """Nothing flows on closed routes."""
        for route in self.statistics.closed_routes:
            origins, destinations = self.places(route.origins), self.places(route.destinations)
            dropped = self.pin(origins, destinations, np.zeros((len(origins), len(destinations))))
            names = f"{' '.join(route.origins)} to {' '.join(route.destinations)}"
            self.notes.append(f"closed route {names}: {dropped:.1f} kt of reported trade dropped ({route.source})")

    def set_net_imports(self) -> None:
        """The column of a market from its own totals; its row is empty, its exports are netted."""
        for market in self.statistics.net_imports:
            here = [self.statistics.position(market.country)]
            everyone = list(range(len(self.statistics.countries)))
            exported = 0.0 if market.exports is None else self.pin(here, everyone, np.zeros((1, len(everyone))))
            column = self._origins(market)
            column[self.is_pinned[:, here[0]]] = 0.0
            reported = self.pin(everyone, here, column[:, None])
            if market.exports is None:
                note = f"imports {market.imports:.3f} kt in place of {reported:.3f} kt reported under the trade codes"
            else:
                note = (
                    f"imports {market.imports:.0f} less exports {market.exports:.0f} kt in place of"
                    f" {reported:.0f} and {exported:.0f} kt reported under the trade code"
                )
            self.notes.append(f"{market.country}: {note} ({market.source})")

    def _origins(self, market: NetImports) -> Array:
        """Net imports by country of origin: stated shares first, weights share the remainder."""
        net = market.imports - (market.exports or 0.0)
        stated = sum(part.share for part in market.origins)
        weights = sum(part.weight for part in market.origins)
        if net < 0 or stated > 1 or (weights == 0 and abs(stated - 1) > _ROUNDING):
            raise DataError(
                f"{market.country}: net imports {net:g} kt, shares {stated:g}, weights {weights:g} do not fit"
            )
        at_hand = self.statistics.output + self.statistics.trade.sum(axis=0)
        column = np.zeros(len(at_hand))
        for part in market.origins:
            tonnes = net * (part.share + (1 - stated) * part.weight / weights if weights else part.share)
            places = [self.statistics.position(code) for code in part.origins]
            column[places] += tonnes * _shares(at_hand[places])
        return column

    def set_facts(self) -> None:
        """Single flows in all forms; several countries share them like their reported trade."""
        for fact in self.statistics.trade_facts:
            origins, destinations = self.places(fact.origins), self.places(fact.destinations)
            reported = self.statistics.trade[np.ix_(origins, destinations)]
            if not reported.size:
                raise DataError(f"{' '.join(fact.origins)} to {' '.join(fact.destinations)}: no such countries")
            tonnes = fact.kt * _shares(reported.ravel()).reshape(reported.shape)
            replaced = self.pin(origins, destinations, tonnes)
            names = f"{' '.join(fact.origins)} to {' '.join(fact.destinations[:_NAMED])}"
            names += " and others" if len(fact.destinations) > _NAMED else ""
            self.notes.append(f"{names}: {fact.kt:.1f} kt in place of {replaced:.1f} reported ({fact.source})")

    def share_patterns(self) -> None:
        """Countries of one pattern export to the places where all of them together do."""
        patterns = sorted({use.pattern for use in self.statistics.home_use if use.pattern})
        for pattern in patterns:
            members = self.places(tuple(u.country for u in self.statistics.home_use if u.pattern == pattern))
            pooled = self.free[members].sum(axis=0)
            among = float(pooled[members].sum())
            pooled[members] = 0.0
            for member in members:
                open_places = np.where(self.is_pinned[member], 0.0, pooled)
                # 1 kt for a member that reports none: it is scaled to what it has
                reported = self.free[member].sum() or 1.0
                self.free[member] = reported * _shares(open_places) if open_places.any() else 0.0
            self.notes.append(
                f"pattern {pattern}: {len(members)} countries share destinations, {among:.1f} kt among them dropped"
            )

    def set_remainders(self) -> None:
        """Where one country takes what is left over, all other exports stay as they are."""
        for use in self.statistics.home_use:
            if use.remainder_to:
                here, taker = self.statistics.position(use.country), self.statistics.position(use.remainder_to)
                reported = self.free[here, taker]
                self.pinned[here] += self.free[here]
                self.pinned[here, taker] -= reported
                self.free[here] = 0.0
                # 1 kt where nothing is reported: it is scaled to what is left
                self.free[here, taker] = reported or 1.0

    def scale(self) -> CompletedTrade:
        """Scale the free exports of each country to what it has; imports change with them."""
        statistics = self.statistics
        home = np.full(len(statistics.countries), np.nan)
        for use in statistics.home_use:
            home[statistics.position(use.country)] = use.kt
        pinned_out, free_out = self.pinned.sum(axis=1), self.free.sum(axis=1)
        factor = np.ones(len(home))
        for _ in range(MOST_ROUNDS):
            has = statistics.output + self.pinned.sum(axis=0) + factor @ self.free
            limit = np.minimum(pinned_out + free_out, statistics.export_limit * has)
            target = np.where(np.isnan(home), limit, has - home)
            left = target - pinned_out
            wanted = np.divide(np.maximum(left, 0.0), free_out, out=np.ones_like(left), where=free_out > 0)
            change = float((np.abs(wanted - factor) * free_out).max())
            factor = wanted
            if change < _SETTLED * statistics.output.sum():
                break
        else:
            raise DataError(f"{statistics.good}: exports and imports of the countries find no balance")
        trade = self.pinned + factor[:, None] * self.free
        has = statistics.output + trade.sum(axis=0)
        self._check_and_tell(has, left, factor, free_out, home)
        return CompletedTrade(trade=trade, use=np.maximum(has - trade.sum(axis=1), 0.0), notes=tuple(self.notes))

    def _check_and_tell(self, has: Array, left: Array, factor: Array, free_out: Array, home: Array) -> None:
        small, worth_telling = 0.0, min(WORTH_TELLING, WORTH_TELLING_SHARE * float(self.statistics.output.sum()))
        digits = 1 if worth_telling == WORTH_TELLING else _MORE_DIGITS
        for place, country in enumerate(self.statistics.countries):
            if left[place] < -_NEGATIVE:
                raise DataError(
                    f"{country}: flows that are set exceed its {has[place]:.1f} kt by {-left[place]:.1f} kt"
                )
            before, after = free_out[place], factor[place] * free_out[place]
            known = f"home use {home[place]:.{digits // 2}f} kt"
            why = "exports exceed output and imports" if np.isnan(home[place]) else known
            if abs(after - before) >= worth_telling:
                self.notes.append(f"{country}: scaled exports {before:.{digits}f} to {after:.{digits}f} kt ({why})")
            else:
                small += abs(after - before)
            left_over = has[place] - self.pinned[place].sum() - after - home[place]  # nan where no use is stated
            if abs(left_over) >= worth_telling:
                told = f"use is {home[place] + left_over:.{digits}f} kt, not the {home[place]:.{digits}f} stated"
                self.notes.append(f"{country}: {told}: it reports no exports to scale")
        self.notes.append(f"scaled by less than {worth_telling:.2g} kt each: {small:.{digits}f} kt together")


def _shares(weights: Array) -> Array:
    """Weights as shares of 1; equal shares where all are zero."""
    total = weights.sum()
    return weights / total if total > 0 else np.full(len(weights), 1.0 / len(weights))
