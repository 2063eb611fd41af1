"""A chain of three goods from its files to its results: bauxite, alumina, aluminium, with numbers done by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim import cli
from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.errors import DataError
from sim.inputs.resolve import load_scenario
from sim.inputs.world import read_world
from sim.model import simulate
from sim.study.world import build_world

DATA = Path(__file__).parents[1] / "data" / "worlds"
WORLD = "bauxite_chain"
SCENARIO = "guinea_taxes_bauxite"
CHAIN = ("aluminium", "alumina", "bauxite")
# who has a part in American aluminium: 3/5 of it is Chinese, made from alumina of which 4/5 is Chinese and 1/5
# Australian; that Chinese alumina is made from bauxite of which 3/4 is Guinean, 1/5 Australian and 1/20 Chinese; the
# other 2/5 are American, from Australian alumina out of Australian bauxite
GUINEA_IN_CHINESE_METAL = 0.8 * 0.75
AUSTRALIA_IN_CHINESE_METAL = 0.8 * 0.20 + 0.2
BY_HAND = {
    "Guinea": 0.6 * GUINEA_IN_CHINESE_METAL,
    "Australia": 0.6 * AUSTRALIA_IN_CHINESE_METAL + 0.4,
    "China": 0.6,
    "US": 0.4,
}


def new_project(root: Path) -> Path:
    worlds = root / "scenarios" / "worlds"
    worlds.mkdir(parents=True)
    (root / "results").mkdir()
    shutil.copytree(DATA / WORLD, worlds / WORLD)
    for path in DATA.glob("*.yaml"):
        shutil.copy(path, root / "scenarios")
    return root


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own in which the scenario has been run by the command that people type."""
    root = new_project(tmp_path_factory.mktemp("project"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "ROOT", root)
        assert cli.main(["validate"]) == 0
        assert cli.main(["run", "--scenario", SCENARIO, "--draws", "8", "--jobs", "1"]) == 0
    return root


def summary(project: Path) -> pd.DataFrame:
    return pd.read_csv(project / "results" / SCENARIO / "summary.csv", keep_default_na=False, na_values=[""])


def touched(table: pd.DataFrame, indicator: str, year: int) -> dict[str, float]:
    """What each country has a part in of American aluminium."""
    rows = table[(table["indicator"] == indicator) & (table["good"] == "aluminium")]
    rows = rows[(rows["region"] == "US") & (rows["year"] == year)]
    return dict(zip(rows["partner"], rows["central"], strict=True))


def test_part_at_any_stage_counts_through_three_stages(project: Path) -> None:
    found = touched(summary(project), "touched_supply", 2024)
    assert found == pytest.approx(BY_HAND, abs=1e-9)
    imports = touched(summary(project), "touched_imports", 2024)
    assert imports["Guinea"] == pytest.approx(GUINEA_IN_CHINESE_METAL, abs=1e-9)
    assert imports["Australia"] == pytest.approx(AUSTRALIA_IN_CHINESE_METAL, abs=1e-9)
    assert imports["China"] == pytest.approx(1.0, abs=1e-9)


def test_part_at_any_stage_follows_from_the_flows_of_a_later_year(project: Path) -> None:
    flows = pd.read_csv(project / "results" / SCENARIO / "flows.csv")
    last = flows[flows["year"] == 2027]

    def share(good: str, origin: str, destination: str) -> float:
        market = last[(last["good"] == good) & (last["destination"] == destination)]
        return float(market.loc[market["origin"] == origin, "central_kt"].sum() / market["central_kt"].sum())

    by_hand = (
        share("aluminium", "China", "US") * share("alumina", "China", "China") * share("bauxite", "Guinea", "China")
    )
    found = touched(summary(project), "touched_supply", 2027)["Guinea"]
    assert found == pytest.approx(by_hand, abs=1e-6)
    assert found < BY_HAND["Guinea"] - 0.005  # the tax shows two stages on


def test_base_year_is_what_the_tables_say_and_the_run_returns_it(project: Path) -> None:
    world = build_world(project / "scenarios" / "worlds" / WORLD)
    flow = {
        (good, origin, destination): world.flows[world.good_index(good), o, d]
        for good in CHAIN
        for o, origin in enumerate(world.region_names)
        for d, destination in enumerate(world.region_names)
        if world.flows[world.good_index(good), o, d] > 0
    }
    assert flow == pytest.approx(
        {
            ("aluminium", "China", "China"): 70, ("aluminium", "China", "US"): 30, ("aluminium", "US", "US"): 20,
            ("alumina", "Australia", "China"): 40, ("alumina", "Australia", "US"): 40,
            ("alumina", "China", "China"): 160,
            ("bauxite", "Guinea", "China"): 300, ("bauxite", "Australia", "China"): 80,
            ("bauxite", "Australia", "Australia"): 200, ("bauxite", "China", "China"): 20,
        }
    )  # fmt: skip
    baseline = load_scenario("bauxite_chain_baseline", project)
    params = build_params(baseline, baseline, world, Draws(count=4, seed=1))
    run = simulate(params)
    assert np.abs(run.flow[:, 0] - world.flows).max() < 1e-9 * world.flows.max()
    assert np.abs(run.flow - world.flows).max() < 1e-9 * world.flows.max()  # nothing grows and nothing is changed
    manifest = json.loads((project / "results" / SCENARIO / "manifest.json").read_text())
    assert manifest["status"] == "complete"


def test_input_of_each_stage_is_used_where_the_next_one_stands(project: Path) -> None:
    markets = pd.read_csv(project / "results" / SCENARIO / "markets.csv").set_index(["good", "region", "year"])
    for ratio, raw, made in ((2.0, "alumina", "aluminium"), (2.5, "bauxite", "alumina")):
        for region in ("Australia", "China", "US"):
            for year in (2024, 2027):
                output = markets.loc[(made, region, year), "central_production_kt"]
                used = markets.loc[(raw, region, year), "central_consumption_kt"]
                assert used == pytest.approx(ratio * output, rel=1e-6, abs=1e-6), (raw, region, year)


def change(project: Path, name: str, old: str, new: str) -> Path:
    folder = project / "scenarios" / "worlds" / WORLD
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "    input: bauxite",
            "    input: [bauxite, aluminium]",
            r"input: one good is wanted: a good is made from one",
        ),
        (
            "    input: bauxite",
            "    input: aluminium",
            r"goods\.aluminium\.input: made from itself: aluminium from alumina from aluminium",
        ),
        ("    input: bauxite", "    input: alumina", r"alumina\.input: made from itself: alumina from alumina"),
        ("    input: bauxite\n", "", r"goods\.alumina: an input needs rules\.input_ratio, and only an input does"),
        ("  bauxite:\n", "  Guinea:\n", r"goods\.Guinea: the name is taken"),
        ("  bauxite:\n", "  freight:\n", r"goods\.freight: the name is taken"),
    ],
)
def test_chain_that_cannot_be_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = change(new_project(tmp_path), "world.yaml", old, new)
    with pytest.raises(DataError, match=message):
        read_world(folder)


def test_goods_that_share_an_input_need_it_together(tmp_path: Path) -> None:
    root = new_project(tmp_path)
    cement = """  cement:
    {label: Cement, unit: t, fleet: kilns, input: bauxite, tables: {production: cement.csv, trade: none.csv, prices:
    alumina_prices.csv}, rules: {export_limit: {value: 1, source: assumption}, highest_utilisation: {value: 1, source:
    assumption}, smallest_flow_kt: {value: 0.001, source: assumption}, input_ratio: {value: 1, source: assumption}}}
"""
    folder = change(root, "world.yaml", "  bauxite:\n", f"{cement}  bauxite:\n")
    (folder / "none.csv").write_text("exporter,importer,kt,value_kusd,source\n")
    head = "iso3,output_kt,source,capacity_kt,capacity_source,note\n"
    (folder / "cement.csv").write_text(f"{head}CHN,30,assumption,40,assumption,\n")
    with pytest.raises(
        DataError, match=r"cement and alumina in China take 430\.000 kt of bauxite, 400\.000 kt are used"
    ):
        build_world(folder)
    # with the bauxite for it at hand the chain of four goods stands
    change(root, "bauxite_production.csv", "CHN,20,assumption,25", "CHN,50,assumption,60")
    world = build_world(folder)
    assert world.chains() == (("aluminium", "cement", "bauxite", "alumina"),)


def test_input_dearer_than_its_product_is_named(tmp_path: Path) -> None:
    root = new_project(tmp_path)
    change(root, "bauxite_prices.csv", "reference,50", "reference,170")
    baseline = load_scenario("bauxite_chain_baseline", root)
    world = build_world(root / "scenarios" / "worlds" / WORLD)
    with pytest.raises(DataError, match=r"alumina/\w+/refineries: input costs 425 USD/t where a tonne earns 400 USD/t"):
        build_params(baseline, baseline, world, Draws(count=4, seed=1))
