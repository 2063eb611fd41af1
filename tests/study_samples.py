"""Small worlds and scenarios as records, for tests of what stands above the equations.

Three regions: A makes 100 kt (50 at home, 30 to B, 20 to C), B makes 60 kt (40 at home, 20 to C), C none, all at
1,000 USD/t and 80 % of capacity. The second world makes the same metal from ore that A digs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.assemble.frame import Frame
from sim.records.params import Params
from sim.records.sampling import BATCH
from sim.records.scenario import Condition, Measure, Number, Place, Scenario, Switch, Years
from sim.records.world import Good, Region, World
from sim.study.run import Outcome, run_scenario

PLACE = Place(file="scenarios/sample.yaml", line=3, column=5)
FLOWS = np.array([[[50.0, 30.0, 20.0], [0.0, 40.0, 20.0], [0.0, 0.0, 0.0]]])
REGIONS = tuple(Region(name=name, label=f"Land {name}", iso3=(name * 3,)) for name in "ABC")
NAMES = ("A", "B", "C")
COMMON: dict[str, float] = {
    "sourcing_elasticity": 4.0,
    "contract_renewal": 0.4,
    "demand_elasticity": 0.2,
    "demand_elasticity_long": 0.6,
    "demand_memory": 0.3,
    "taste_follows_capacity": 1.0,
}


def number(value: float | None = None, path: str = "x", **fields: Any) -> Number:
    """A number of an assumption: a point, or with ``low`` and ``high`` a range, or a path ``by_year``."""
    shape = "point"
    if "by_year" in fields:
        shape = "by_year"
    elif "low" in fields:
        shape = "uniform" if value is None else "triangular"
    given = {"unit": "1", "source": "assumption", "tier": "assumption", "place": PLACE, "shape": shape}
    return Number(path=path, value=value, **(given | fields))


def metal_world() -> World:
    """Three regions and one good."""
    return World(
        name="sample",
        year=2024,
        regions=REGIONS,
        goods=(Good(name="metal", label="Metal", unit="content"),),
        groups={},
        asset_names=("smelters", "smelters"),
        asset_good=np.array([0, 0]),
        asset_region=np.array([0, 1]),
        output=np.array([100.0, 60.0]),
        capacity=np.array([125.0, 75.0]),
        input_ratio=np.zeros(2),
        producer_price=np.full((1, 3), 1000.0),
        flows=FLOWS,
        tiers=("statistic",),
    )


def chain_world() -> World:
    """Two tonnes of ore at 100 USD/t go into a tonne of metal; A digs all of it, 1.25 times what is smelted."""
    ore = np.zeros((3, 3))
    ore[0] = [250.0, 150.0, 0.0]
    return replace(
        metal_world(),
        goods=(
            Good(name="ore", label="Ore", unit="content"),
            Good(name="metal", label="Metal", unit="content", input="ore"),
        ),
        asset_names=("mines", "smelters", "smelters"),
        asset_good=np.array([0, 1, 1]),
        asset_region=np.array([0, 0, 1]),
        output=np.array([400.0, 100.0, 60.0]),
        capacity=np.array([500.0, 125.0, 75.0]),
        input_ratio=np.array([0.0, 2.0, 2.0]),
        producer_price=np.array([[100.0] * 3, [1000.0] * 3]),
        flows=np.stack([ore, FLOWS[0]]),
        tiers=("statistic", "statistic"),
    )


def measure(kind: str, name: str = "", *, good: str = "metal", **fields: Any) -> Measure:
    """A measure; routes as ``origins`` and ``destinations``, numbers as floats or records, dates as years."""
    numbers: dict[str, Number] = {}
    for field, value in dict(fields.pop("numbers", {})).items():
        path = f"measures.{name or kind}.{field}"
        numbers[field] = number(float(value), path) if isinstance(value, (int, float)) else value
    for end in ("starts", "ends"):
        if isinstance(fields.get(end), int):
            fields[end] = date(fields[end], 1, 1)
    for end in ("origins", "destinations"):
        if end in fields:
            fields[end] = tuple(fields[end])
    fields["when"] = tuple(
        Condition(switch=text.removeprefix("not "), negated=text.startswith("not ")) for text in fields.pop("when", ())
    )
    return Measure(name=name or kind, kind=kind, good=good, place=PLACE, numbers=numbers, **fields)


def switch(name: str, **state: Any) -> Switch:
    """A switch, on unless told otherwise; a probability as a float."""
    if "probability" in state:
        state["probability"] = number(state["probability"], f"switches.{name}.probability")
    return Switch(name=name, meaning=name, source="assumption", place=PLACE, **state)


def scenario(
    *measures: Measure,
    name: str = "scenario",
    goods: Sequence[str] = ("metal",),
    last: int = 2027,
    focus: int | None = None,
    switches: Sequence[Switch] = (),
    parameters: Mapping[str, Number | float] | None = None,
    without: Sequence[str] = (),
    first: int = 2025,
) -> Scenario:
    """A scenario with the parameters that every one needs; ``parameters`` by dotted path."""
    stated: dict[str, Number | float] = {
        f"{parameter}.{good}": value for good in goods for parameter, value in COMMON.items()
    }
    stated |= {f"supply_elasticity.{good}.default": 0.5 for good in goods}
    stated |= dict(parameters or {})
    return Scenario(
        name=name,
        title=f"The {name}",
        question="What changes?",
        world="sample",
        years=Years(first=first, last=last, focus=focus or last),
        compare_with=None,
        chain=(name, "baseline"),
        files=(),
        switches={entry.name: entry for entry in switches},
        measures={entry.name: entry for entry in measures},
        parameters={
            tuple(path.split(".")): (
                replace(value, path=f"parameters.{path}")
                if isinstance(value, Number)
                else number(value, f"parameters.{path}")
            )
            for path, value in stated.items()
            if path not in without
        },
    )


def frame(given: Scenario, baseline: Scenario | None = None, world: World | None = None, draws: int = 0) -> Frame:
    """What the parts of the assembly work with; the scenario is its own baseline unless told otherwise."""
    return Frame(
        scenario=given, world=world or metal_world(), draws=Draws(seed=1, count=draws), baseline=baseline or given
    )


def params(
    given: Scenario, baseline: Scenario | None = None, world: World | None = None, draws: int = 0, seed: int = 1
) -> Params:
    """Engine inputs of a scenario."""
    return build_params(given, baseline or given, world or metal_world(), Draws(seed=seed, count=draws))


def barred_world() -> World:
    """B sells nothing in C, which A serves alone; B's 20 kt go to its own market."""
    flows = np.array([[[50.0, 30.0, 20.0], [0.0, 60.0, 0.0], [0.0, 0.0, 0.0]]])
    return replace(metal_world(), flows=flows)


BAN = measure("ban", origins=["B"], destinations=["C"], when=["sanctions"])
# B would hold a quarter of the market of C; who buys from whom is uncertain
BARRED: dict[str, Number | float] = {
    "reference_share.metal.C.B": number(0.25, low=0.15, high=0.3),
    "sourcing_elasticity.metal": number(4.0, low=3.0, high=8.0),
}


def sanctions(**state: Any) -> Switch:
    """The switch behind the ban of C on the metal of B."""
    return switch("sanctions", **state)


def offer(volume: Number | float, name: str = "sale", **fields: Any) -> Measure:
    """B offers metal to C from 2026 on."""
    given = {"origins": ["B"], "destinations": ["C"], "starts": 2026, "numbers": {"volume": volume}}
    return measure("offer", name, **given | fields)


def barred(*measures: Measure, name: str = "lifted", switches: Sequence[Switch] = (), **fields: Any) -> Scenario:
    """A scenario over the barred world, with the sanctions lifted from 2026 on unless ``switches`` says otherwise."""
    state = switches or (sanctions(off_from=date(2026, 1, 1)),)
    stated = {**BARRED, **fields.pop("parameters", {})}
    return scenario(BAN, *measures, name=name, switches=state, parameters=stated, **fields)


def barred_baseline() -> Scenario:
    """The barred world as it is."""
    return barred(name="baseline", switches=[sanctions()])


def outcome(
    given: Scenario, draws: int = 0, baseline: Scenario | None = None, jobs: int = 1, block: int = BATCH
) -> Outcome:
    """A run over the barred world."""
    return run_scenario(
        given,
        baseline or barred_baseline(),
        barred_world(),
        draws=draws,
        seed=1,
        jobs=jobs,
        version="1.0",
        block=block,
    )


JOINT_GOODS = ("ore", "metal")
JOINT: dict[str, Number | float] = {
    "freight.ore.default": 5.0,
    "demand_elasticity.ore": 0.0,
    "demand_elasticity_long.ore": 0.0,
}
MINE = measure(
    "project",
    "mine",
    good="ore",
    region="C",
    starts=2025,
    numbers={
        "lead_time": 1,
        "ramp": 1,
        "capacity": number(50.0, "measures.mine.capacity", low=40.0, high=60.0),
        "entry_share.A": 0.1,
        "entry_share.B": 0.2,
    },
)
SMELTER = measure(
    "project",
    "smelter",
    region="C",
    starts=2025,
    numbers={
        "lead_time": 1,
        "ramp": 1,
        "capacity": 20.0,
        "input_ratio": 2.0,
        "entry_share.C": 0.4,
        "capital_cost": number(
            path="measures.smelter.capital_cost",
            low=1e9,
            high=2e9,
            unit="USD",
            tier="document",
            quote="billions",
            written={"low": "1 bn USD", "high": "2 bn USD"},
        ),
    },
)


def joint(
    *projects: Measure,
    draws: int = 0,
    question: str = "What changes?",
    switches: Sequence[Switch] = (),
    jobs: int = 1,
    block: int = BATCH,
) -> Outcome:
    """A run over the chain with new mines in C, or a smelter beside them that uses their ore."""
    stated = JOINT | ({"entry_share.ore.C.C": 0.9} if SMELTER in projects else {})
    given = scenario(*projects, name="joint", goods=JOINT_GOODS, parameters=stated, last=2028, switches=switches)
    before = scenario(name="baseline", goods=JOINT_GOODS, parameters=JOINT, last=2028)
    given = replace(given, question=question)
    return run_scenario(given, before, chain_world(), draws=draws, seed=1, jobs=jobs, version="1.0", block=block)
