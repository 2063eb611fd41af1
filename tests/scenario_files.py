"""A tiny world and small projects of scenario files, for tests of the reader."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.inputs.resolve import load_scenario
from sim.records.scenario import Scenario
from sim.records.world import Good, Region, Source, WorldDefinition

EXAMPLES = Path(__file__).parent / "data" / "scenarios_example" / "scenarios"
TIERS = {
    "D0": "document",
    "D4": "document",
    "ofac_2024": "literature",
    "proclamation_10522": "literature",
    "fr_2025_06": "statistic",
    "usitc_2023_implied": "derived",
    "iea_2025": "literature",
    "lynas_ramp": "derived",
}
REGIONS = {
    "US": ("USA",),
    "Russia": ("RUS",),
    "EU": ("DEU", "FRA"),
    "Australia": ("AUS",),
    "Argentina": ("ARG",),
    "China": ("CHN",),
}
TINY = WorldDefinition(
    name="metals_2024",
    year=2024,
    regions=tuple(Region(name=name, label=name, iso3=codes) for name, codes in REGIONS.items()),
    goods=(
        Good(name="aluminium", label="Aluminium", unit="Al content"),
        Good(name="rare_earth_concentrate", label="Concentrate", unit="REO"),
        Good(name="rare_earth_oxide", label="Oxide", unit="REO", input="rare_earth_concentrate"),
    ),
    groups={"sanctioning": ("US", "EU")},
    sources={key: Source(key=key, title=key, tier=tier) for key, tier in TIERS.items()},
)

# a measure on one route, to be finished by a test
CAP = "{kind: cap, good: aluminium, origin: Russia, destination: US, "


def tiny_world(_folder: Path) -> WorldDefinition:
    """The world of the tests, whatever folder is asked for."""
    return TINY


def write_project(root: Path, files: dict[str, str | bytes]) -> Path:
    """The example scenarios and ``files`` (names below scenarios/) as a project at ``root``."""
    folder = root / "scenarios"
    shutil.copytree(EXAMPLES, folder)
    (folder / "worlds" / "metals_2024").mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def load(root: Path, name: str, files: dict[str, str | bytes], overrides: str = "") -> Scenario:
    """A scenario of a project that is written first."""
    return load_scenario(name, write_project(root, files), overrides, read_world=tiny_world)


def faults_of(root: Path, name: str, files: dict[str, str | bytes], overrides: str = "") -> list[str]:
    """The faults alone, without their lines and carets; the scenario must not load."""
    with pytest.raises(ScenarioError, match=r"\S") as caught:
        load(root, name, files, overrides)
    return [line for line in str(caught.value).split("\n") if not line.startswith("    ")]


def heir(text: str) -> dict[str, str | bytes]:
    """One file ``x.yaml`` that extends the baseline; its own text begins in line 2."""
    return {"x.yaml": f"extends: baseline\n{text}"}


def measures(*lines: str) -> dict[str, str | bytes]:
    """An heir with measures; the first stands in line 3."""
    return heir("measures:\n" + "".join(f"  {line}\n" for line in lines))
