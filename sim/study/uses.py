"""What each kind of number does in the model: the equation of docs/model.md that it stands in."""

from __future__ import annotations

import math

from sim.assemble.draws import PERT_WEIGHT, SPAN
from sim.assemble.sourcing import SHORT_RUN_DIVISOR
from sim.core.bounds import DEEPEST_DISCOUNT
from sim.core.feasibility import MOST_GUARANTEED
from sim.core.stock import MOST_FROM_STOCK, RELEASE_STEEPNESS
from sim.core.supply import MOST_UTILISED
from sim.core.year import MOST_CONTRACTED

# numbers that stand in the equations and not in a file: assumptions of ours that no scenario can change
CONSTANTS = (
    (
        "short-run elasticity of sourcing, where none is stated",
        f"1 + (σ - 1) / {SHORT_RUN_DIVISOR:g}",
        "σ_short in (9)",
    ),
    ("deepest discount of a floor", f"{1 - math.exp(DEEPEST_DISCOUNT):.0%}", "z_min in (11)"),
    ("most of an origin's capacity under take-or-pay", f"{MOST_CONTRACTED:.0%}", "G in (10)"),
    ("most of a market's use that a stock serves", f"{MOST_FROM_STOCK:.0%}", "D in (10)"),
    ("how sharply a stockpile starts to sell at its trigger", f"{RELEASE_STEEPNESS:g}", "η of a stockpile"),
    ("most of its capacity at which a fleet is taken to run", f"{MOST_UTILISED:.0%}", "u0 in (2)"),
    ("most of an origin's capacity that floors may promise", f"{MOST_GUARANTEED:.0%}", "lo in (11)"),
    ("weight of the mode of a PERT distribution, where one is stated", f"{PERT_WEIGHT:g}", "draws"),
    ("share of a normal or log-normal that a range is as wide as, where one is stated", f"{SPAN:.0%}", "draws"),
)
PARAMETERS = {
    "benchmark_price": "price p of the base year in (1), (7)",
    "sourcing_elasticity": "σ in (9): how far a market turns to the cheaper origin",
    "sourcing_elasticity_short": "σ_short in (9): the same among last year's suppliers",
    "contract_renewal": "λ in (8): contracts that come up each year",
    "demand_elasticity": "ε in (4): use against price within a year",
    "demand_elasticity_long": "ε_long in (4): use against price in the end",
    "demand_memory": "κ in (4): how fast use gets there",
    "supply_elasticity": "e, and so η and k, in (2)",
    "demand_growth": "g in (4): use at constant prices",
    "capacity_growth": "K in (3) from year to year",
    "capacity_limit": "K in (3) at most",
    "reserves": "most that a region's fleets may ever produce: K in (3)",
    "taste_follows_capacity": "χ in a = a₀ (K/K₀)^χ, (9)",
    "freight": "f in (7)",
    "reference_share": "taste a in (9) of a supplier under sanctions in the base year",
    "entry_share": "taste a in (9) of a supplier that is new",
}
KINDS = {
    "ban": "m in (8), (9): the route is closed; what leaks is a bound, (11)",
    "tariff": "duty τ in (7)",
    "export_tax": "export tax x in (7)",
    "freight": "added to f in (7)",
    "cap": "upper bound in (11)",
    "offer": "upper bound in (11), its take-up reported",
    "floor": "lower bound in (11)",
    "contract": "take-or-pay tonnes G in (10)",
    "project": "dated capacity K in (3)",
    "outage": "capacity taken out of K in (3)",
    "stockpile": "tonnes sold from a stock while the price is at its trigger or above",
    "demand_shift": "g in (4): shifts use at constant prices",
    "cost_shift": "k in (2): shifts costs",
    "technology_transfer": "lead times and costs of the projects it reaches",
}
FIELDS = {
    ("project", "lead_time"): "years from decision to the first metal: K in (3)",
    ("project", "ramp"): "years from the first metal to full output: K in (3)",
    ("project", "capacity"): "capacity K in (3)",
    ("project", "input_ratio"): "φ in (1), (5)",
    ("project", "break_even"): "k in (2)",
    ("project", "entry_share"): "taste a in (9) of the new supplier",
    ("project", "capital_cost"): "told beside the answer and set against a year of the market; acts on no flow",
    ("project", "reserves"): "most that the project may ever produce",
    ("ban", "leakage"): "part of the tonnes that passes all the same: upper bound in (11)",
}
PROBABILITY = "chance that the switch is on, decided once per draw"
DURATION = "when a measure ends"


def use_of(kind: str, field: str) -> str:
    """What the number ``field`` of a measure of that kind does; a KeyError where the kind is not described here."""
    if field == "duration":
        return DURATION
    return FIELDS.get((kind, field.split(".", maxsplit=1)[0]), KINDS[kind])
