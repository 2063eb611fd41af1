"""The files of a world: names, bibliography and tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.errors import DataError, ScenarioError
from sim.inputs.csv import Table
from sim.inputs.statistics import COLUMNS, read_statistics
from sim.inputs.world import read_world, read_world_file, world_files
from tests.benchmark_samples import METALS_2024, change, copied_world

NAMES = [
    "US",
    "China",
    "Russia",
    "Ukraine",
    "Canada",
    "Japan",
    "Korea",
    "India",
    "Gulf",
    "Norway_Iceland",
    "EU",
    "Estonia",
    "UK",
    "Turkey",
    "Malaysia",
    "Indonesia",
    "Australia",
    "Myanmar",
    "Brazil",
    "Argentina",
    "South_Africa",
    "Mozambique",
    "Kazakhstan",
    "Vietnam",
    "Thailand",
    "Madagascar",
    "Nigeria",
    "Rest_of_World",
]


def test_regions_are_those_that_scenario_files_may_name() -> None:
    world = read_world(METALS_2024)
    assert [region.name for region in world.regions] == NAMES
    assert world.year == 2024


def test_every_country_belongs_to_exactly_one_region() -> None:
    world = read_world(METALS_2024)
    codes = [code for region in world.regions for code in region.iso3]
    listed = [row.code("iso3") for row in Table(METALS_2024 / "countries.csv", ("iso3", "name", "source"))]
    assert sorted(codes) == sorted(listed)
    assert len(set(codes)) == len(codes)


def test_estonia_stands_apart_and_the_union_is_a_group() -> None:
    world = read_world(METALS_2024)
    by_name = {region.name: region for region in world.regions}
    assert by_name["Estonia"].iso3 == ("EST",)
    assert len(by_name["EU"].iso3) == 26
    assert world.groups["European_Union"] == ("EU", "Estonia")


def test_documents_are_of_tier_document_and_nothing_else_is() -> None:
    sources = read_world(METALS_2024).sources
    assert {key for key, source in sources.items() if source.tier == "document"} == {"D0", "D1", "D2", "D3", "D4"}
    assert all(source.title for source in sources.values())


def test_baci_is_shipped_with_licence_and_attribution() -> None:
    licence = read_world(METALS_2024).sources["baci_hs92"].licence
    assert "Etalab" in licence
    assert "CEPII" in licence


def test_files_hold_no_machine_path() -> None:
    for path in METALS_2024.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/(work|tmp|root|home)/|pypi", text, re.IGNORECASE), path.name


def test_statistics_of_2024_have_the_known_sizes() -> None:
    good = read_statistics(METALS_2024, read_world(METALS_2024))[0]
    assert good.output.sum() == pytest.approx(73_322, abs=1)
    assert good.output[good.position("IDN")] == 500
    assert good.reference_price == 2419
    assert {asset.name: asset.output for asset in good.other_assets} == {"old_scrap": 1560}
    assert (good.trade[good.trade > 0] >= 0.05).all()


def test_rare_earths_of_2024_have_the_known_sizes() -> None:
    _, concentrate, oxide = read_statistics(METALS_2024, read_world(METALS_2024))
    assert concentrate.output.sum() == pytest.approx(384.0)
    assert oxide.output.sum() == pytest.approx(344.285, abs=0.001)
    assert (concentrate.reference_price, oxide.reference_price) == (4850, 14500)
    assert len(oxide.records) == len(concentrate.records) == 703
    assert sum(record.gross_kt for record in oxide.records) == pytest.approx(246.551, abs=0.001)
    (market,) = oxide.net_imports
    assert (market.imports, market.exports, market.reported) == (8.454, None, True)
    assert sum(part.share for part in market.origins) == pytest.approx(1)


def test_shares_of_the_market_with_its_own_totals_are_those_of_usgs() -> None:
    good = read_statistics(METALS_2024, read_world(METALS_2024))[0]
    (market,) = good.net_imports
    assert (market.imports, market.exports) == (4840, 1360)
    assert {part.origins: part.share for part in market.origins if part.share} == {
        ("CAN",): 0.56, ("ARE",): 0.08, ("BHR",): 0.04, ("CHN",): 0.03,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("year: 2024\n", "year: soon\n", r"^metals_2024/world\.yaml:4:7: year: Input should be a valid integer"),
        ("year: 2024\n", "year: 2024\nmotto: x\n", r"world\.yaml:\d+:\d+: motto: Extra inputs"),
        ("name: metals_2024", "name: metals_2025", "name 'metals_2025', the folder is called 'metals_2024'"),
        ("countries: [UKR]", "countries: [UKX]", r"regions\.Ukraine: UKX is not in countries\.csv"),
        ("countries: [UKR]", "countries: [RUS]", r"regions\.Ukraine: RUS belongs to Russia already"),
        ("countries: [UKR]", "countries: remainder", "Ukraine and Rest_of_World both take the remainder"),
        ("countries: remainder", "countries: [LBY]", "no region takes "),
        ("East_Asian_importers: [Japan,", "East_Asian_importers: [Nippon,", "no region 'Nippon'"),
        ("  East_Asian_importers:", "  all_foreign:", r"groups\.all_foreign: the name is taken"),
        ("    fleet: smelters", "    input: ore\n    fleet: smelters", r"goods\.aluminium\.input: no good 'ore'"),
        ("source: canada_ban_2023", "source: hearsay", "no source 'hearsay' in sources.yaml"),
        ("{value: 0.05,", "{value: .nan,", r"smallest_flow_kt\.value: Input should be a valid number"),
        ("{value: 0.05,", "{value: .inf,", r"smallest_flow_kt\.value: Input should be a valid number"),
        ("{value: 0.05,", "{value: nan,", r"smallest_flow_kt\.value: Input should be a finite number"),
        ("    reexports: as_reported", "    reexports: often", r"reexports: Input should be 'traced' or 'as_reported'"),
        ("      takes: listed\n", "", r"rare_earth_concentrate\.records\.takes: Field required"),
        ("      records: rare_earth_records.csv\n", "", r"rare_earth_oxide\.tables: either trade or records is wanted"),
        ("      trade: aluminium_trade.csv ", "      stages: aluminium_trade.csv ", r"tables: either trade or records"),
        ("source: re_feed_derived, note: 8.0", "source: hearsay, note: 8.0", "rare_earth_oxide: no source 'hearsay'"),
        ("imports_kt: 4840", "imports_kt: 1e999", r"imports_kt: Input should be a finite number"),
        ("{value: 0.05,", "{value: 99,", r"smallest_flow_kt\.value: Input should be less than or equal to 1"),
    ],
)
def test_faults_of_the_world_file_are_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = copied_world(tmp_path)
    change(folder / "world.yaml", old, new)
    with pytest.raises(DataError, match=message):
        read_world(folder)


def test_a_tier_that_does_not_exist_is_refused_with_its_place(tmp_path: Path) -> None:
    folder = copied_world(tmp_path)
    change(folder / "sources.yaml", "Our own assumption, tier: assumption", "Our own assumption, tier: hunch")
    with pytest.raises(
        DataError, match=r"^metals_2024/sources\.yaml:\d+:\d+: assumption\.tier: Input should be 'document'"
    ):
        read_world(folder)


def test_yaml_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    folder = copied_world(tmp_path)
    (folder / "world.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"world\.yaml:1"):
        read_world(folder)


@pytest.mark.parametrize(
    ("table", "line", "new", "message"),
    [
        ("trade", 1, "ARE,AUT,lots,1,baci_hs92", r"aluminium_trade\.csv:2: kt: 'lots' is no number"),
        ("trade", 1, "ARE,ARE,1,1,baci_hs92", r"trade\.csv:2: importer: ARE to ARE stands twice or is no trade"),
        ("trade", 1, "ARE,QQQ,1,1,baci_hs92", r"trade\.csv:2: importer: no region has the country QQQ"),
        ("production", 2, "ARE,1,usgs_mcs2026,1,usgs_mcs2026,", r"production\.csv:3: iso3: ARE stands twice"),
        ("production", 2, "ARG,1,hearsay,1,usgs_mcs2026,", r"production\.csv:3: source: no source 'hearsay'"),
        ("prices", 1, "USA,1,,,usgs_mcs2026,x", r"prices\.csv:1: countries: no row 'reference'"),
        ("prices", 2, "USA,0,,,usgs_mcs2026,x", r"prices\.csv:3: price_usd_t: above 0 wanted"),
        ("home_use", 1, "RUS,1100,high,1,,assumption,", r"home_use\.csv:2: low_kt: 'high' is no number"),
        ("import_origins", 1, "USA,CAN,56,2,assumption,", r"origins\.csv:2: share_pct: either a share or a weight"),
        ("import_origins", 1, "MEX,CAN,56,,assumption,", r"origins\.csv:2: importer: MEX is not under net_imports"),
        ("other_assets", 1, "old_scrap,USA,1,1.2,assumption,", r"assets\.csv:2: utilisation: 1\.2 is not above 0"),
        ("trade_facts", 1, "RUS,QQQ,1,assumption,", r"facts\.csv:2: destinations: no region has the country QQQ"),
        ("rare_earth_records", 1, "ARE,AUS,284690,0,3.2,baci_re", r"records\.csv:2: gross_t: above 0 wanted"),
        ("rare_earth_records", 2, "ARE,ARE,284690,1,3.2,baci_re", r"records\.csv:3: importer: ARE to ARE under 284690"),
        ("trade", 2, "AFG,FRA,1,x,baci_hs92", r"trade\.csv:3: importer: AFG to FRA stands twice or is no trade"),
        ("trade", 1, "ARE,AUT,1,-5,baci_hs92", r"trade\.csv:2: value_kusd: '-5' is no number of 0 or more"),
        ("trade", 1, "ARE,AUT,1,1e9,baci_hs92", r"trade\.csv:2: value_kusd: '1e9' is no number of 0 or more"),
        ("trade", 1, "NA,AUT,1,1,baci_hs92", r"trade\.csv:2: exporter: 'NA' is no country code"),
        ("prices", 2, "reference,1,,,usgs_mcs2026,x", r"prices\.csv:3: countries: reference stands twice"),
        ("prices", 3, "USA,1,,,usgs_mcs2026,x", r"prices\.csv:4: countries: USA stands twice, first in line 3"),
        ("prices", 2, "USA,5,6,7,usgs_mcs2026,x", r"prices\.csv:3: low_usd_t: 6 is above price_usd_t, 5"),
        ("prices", 2, "USA,5,,4,usgs_mcs2026,x", r"prices\.csv:3: price_usd_t: 5 is above high_usd_t, 4"),
        ("home_use", 1, "RUS,3,4,5,,assumption,", r"home_use\.csv:2: low_kt: 4 is above kt, 3"),
        ("home_use", 2, "RUS,3,,,,assumption,", r"home_use\.csv:3: iso3: RUS stands twice, first in line 2"),
        ("import_origins", 2, "USA,CAN,9,,assumption,", r"origins\.csv:3: origins: CAN to USA stands twice"),
        ("import_origins", 2, "USA,ARE,45,,assumption,", r"share_pct: the shares of USA are more than 100 %"),
        ("import_origins", 2, "USA,ARE,101,,assumption,", r"origins\.csv:3: share_pct: 101 is above 100 %"),
        ("trade_facts", 2, "RUS,FRA KOR,1,assumption,", r"facts\.csv:3: destinations: RUS to FRA stands twice, first"),
        ("rare_earth_oxide_home_use", 1, "USA,9,,,,assumption,,USA", r"use\.csv:2: remainder_to: USA itself; another"),
        ("rare_earth_oxide_home_use", 1, "USA,9,,,,assumption,,QQQ", r"use\.csv:2: remainder_to: no region has the c"),
        (
            "rare_earth_stages",
            2,
            "MMR,CHN,284690,,,,x,baci_re,",
            r"stages\.csv:3: code: MMR to CHN under 284690 stands twice, first in line 2",
        ),
        (
            "rare_earth_stages",
            1,
            "MMR,CHN,284690,,ore,,x,baci_re,",
            r"stages\.csv:2: content: empty, though the record",
        ),
        ("rare_earth_oxide_home_use", 1, "USA,9,,,,assumption,,C", r"use\.csv:2: remainder_to: 'C' is no country code"),
        (
            "rare_earth_oxide_production",
            0,
            "iso3,output_kt",
            r"production\.csv:1: source: columns iso3,output_kt, wanted iso3",
        ),
    ],
)
def test_faults_of_the_tables_are_told(tmp_path: Path, table: str, line: int, new: str, message: str) -> None:
    folder = copied_world(tmp_path)
    path = folder / f"{table if table.startswith('rare') else f'aluminium_{table}'}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[line] = new
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_statistics(folder, read_world(folder))


def test_range_with_one_end_only_is_read(tmp_path: Path) -> None:
    folder = copied_world(tmp_path)
    production = folder / "rare_earth_oxide_production.csv"
    text = production.read_text(encoding="utf-8").replace(",low_output_kt,high_output_kt,", ",low_output_kt,")
    rows = [re.sub(r"(,[\d.]*)(,[\d.]*)(,[\d.]*,[\d.]*)$", r"\1\3", row) for row in text.splitlines()[1:]]
    production.write_text("\n".join([text.splitlines()[0], *rows]) + "\n", encoding="utf-8")
    read_statistics(folder, read_world(folder))
    change(production, ",307.642,", ",407.642,")
    with pytest.raises(DataError, match=r"production\.csv:2: low_output_kt: 407\.642 is above output_kt, 323\.834"):
        read_statistics(folder, read_world(folder))


def test_faults_of_all_tables_are_told_at_once(tmp_path: Path) -> None:
    folder = copied_world(tmp_path)
    (folder / "aluminium_trade.csv").unlink()
    change(folder / "rare_earth_oxide_prices.csv", "reference,", "other,")
    change(folder / "aluminium_other_assets.csv", ",0.8,", ",8,")
    with pytest.raises(DataError, match="no such file") as caught:
        read_statistics(folder, read_world(folder))
    told = str(caught.value).splitlines()
    assert [line.split(": ", 2)[:2] for line in told] == [
        ["metals_2024/aluminium_trade.csv:1", "file"],
        ["metals_2024/aluminium_other_assets.csv:2", "utilisation"],
        ["metals_2024/rare_earth_oxide_prices.csv:2", "countries"],
        ["metals_2024/rare_earth_oxide_prices.csv:1", "countries"],
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ABW,Aruba,iso_3166", r"countries\.csv:3: iso3: ABW stands twice, first in line 2"),
        ("AFG,,iso_3166", r"countries\.csv:3: name: empty"),
        ("AFG,Afghanistan,iso_3165", r"countries\.csv:3: source: no source 'iso_3165'; nearest is iso_3166"),
    ],
)
def test_faults_of_the_countries_are_told(tmp_path: Path, line: str, message: str) -> None:
    folder = copied_world(tmp_path)
    change(folder / "countries.csv", "AFG,Afghanistan,iso_3166", line)
    with pytest.raises(DataError, match=message):
        read_world(folder)


def test_files_of_a_world_are_all_it_is_built_from() -> None:
    names = [path.name for path in world_files(METALS_2024)]
    assert names[:3] == ["world.yaml", "sources.yaml", "countries.csv"]
    tables = [path.name for path in METALS_2024.glob("*.csv") if not path.name.startswith("balanced_")]
    assert sorted(names[2:]) == sorted(tables)
    used = {kind for good in read_world_file(METALS_2024).goods.values() for kind, name in good.tables if name}
    assert used == set(COLUMNS)


def test_caution_of_a_good_is_read_and_others_have_none() -> None:
    cautions = {good.name: good.caution for good in read_world(METALS_2024).goods}
    assert cautions["rare_earth_oxide"].startswith("One basket of rare earths hides that the dependence sits in a few")
    assert not cautions["rare_earth_oxide"].endswith(".")
    assert "old scrap" in cautions["aluminium"]
    assert not cautions["rare_earth_concentrate"]
