"""What every part of the assembly works with: scenario, world, years and draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.assemble.calendar import in_force
from sim.assemble.draws import Draws
from sim.errors import ScenarioError
from sim.quantity import Array, Mask
from sim.records.scenario import Measure, Number, Scenario
from sim.records.world import World


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A scenario over a world, beside the baseline that tells what was in force in the benchmark year.

    The benchmark year is history: no switch, date or measure of a scenario changes it.
    """

    scenario: Scenario
    world: World
    draws: Draws
    baseline: Scenario

    @property
    def years(self) -> tuple[int, ...]:
        """The benchmark year and all years solved after it."""
        return (self.world.year, *range(self.scenario.years.first, self.scenario.years.last + 1))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Goods, origins, destinations."""
        regions = len(self.world.regions)
        return len(self.world.goods), regions, regions

    def measures(self, *kinds: str) -> list[Measure]:
        """The measures of some kinds, in the order of the scenario."""
        return [measure for measure in self.scenario.measures.values() if measure.kind in kinds]

    def in_force(self, measure: Measure) -> Array:
        """Share of each year in which a measure is in force, (n, t); none of the benchmark year.

        The statistics of that year hold whatever was in force.
        """
        share = self._shares(self.scenario, measure)
        share[:, 0] = 0.0
        return share

    def rates(self, kind: str, field: str) -> list[tuple[Measure, Array]]:
        """Rates of all measures of a kind, each weighted by the part of the year in force, (n, t).

        Those of the baseline give the rates of the benchmark year, those of the scenario the rates after it.
        """
        found = [(m, self.in_force(m) * self.path(m.numbers[field])) for m in self.measures(kind)]
        for measure in self.baseline.measures.values():
            if measure.kind == kind:
                share = self._shares(self.baseline, measure)
                share[:, 1:] = 0.0
                if share.any():
                    found.append((measure, share * self.path(measure.numbers[field])))
        return found

    def _shares(self, scenario: Scenario, measure: Measure) -> Array:
        return in_force(measure, scenario.switches, self.baseline.switches, self.years, self.draws)

    def path(self, number: Number) -> Array:
        """A number over the years, (n, t)."""
        return self.draws.path(number, self.years)

    def routes(self, measure: Measure) -> Mask:
        """The routes of a measure, (c, o, d); sales at home are no route."""
        mask = np.zeros(self.shape, dtype=bool)
        good = self.world.good_index(measure.good)
        origins = [self.world.region_index(name) for name in measure.origins]
        destinations = [self.world.region_index(name) for name in measure.destinations]
        mask[good][np.ix_(origins, destinations)] = True
        mask[good][np.eye(self.shape[1], dtype=bool)] = False
        return mask

    def parameter(self, *path: str) -> Number:
        """A parameter that must be there; a ScenarioError names the one that is missing."""
        number = self.scenario.parameters.get(path)
        if number is None:
            raise ScenarioError(f"{self.scenario.name}: parameters.{'.'.join(path)} is missing")
        return number

    def optional(self, *path: str) -> Number | None:
        """A parameter that may be missing."""
        return self.scenario.parameters.get(path)

    def by_good(self, name: str) -> Array:
        """A parameter that each good has, (n, c)."""
        return np.stack([self.draws.values(self.parameter(name, good)) for good in self.world.good_names], axis=1)

    def below(self, *path: str) -> dict[str, Number]:
        """The parameters one step below a path, by their last name."""
        depth = len(path)
        return {
            key[depth]: number
            for key, number in self.scenario.parameters.items()
            if len(key) == depth + 1 and key[:depth] == path
        }
