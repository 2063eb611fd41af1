"""Sweeps and the atlas in a small project, with figures: what the command line makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from sim import cli
from sim.output.folder import is_complete
from tests.robustness.six import INVENTED, small_project

ATLAS = f"""\
schema_version: 1
title: Who loses when an exporter of nickel sells less
scenarios: {INVENTED}_baseline
draws: 2
disrupt: {{year: 2026, cuts: {{low: 50 %, high: 100 %, steps: 2}}, goods: [nickel]}}
"""
VARIABLES = ("SCENARIO", "SWEEP", "DRAWS", "SEED", "JOBS", "SET", "NAME", "FIGURES", "SHARD", "PART", "CLUSTER")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = small_project(tmp_path_factory.mktemp("small") / "project", shipped=False)
    (root / "scenarios" / "sweeps" / "nickel_atlas.yaml").write_text(ATLAS)
    return root


def swept(root: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(cli, "ROOT", root)
    return cli.main(["sweep", "--jobs", "1", *words])


def test_sweep_draws_a_figure_of_each_indicator_it_tells(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert swept(small, monkeypatch, "--sweep", "tiny_points", "--draws", "0") == 0
    folder = small / "results" / "_sweep" / "tiny_points"
    assert is_complete(folder)
    drawn = sorted(path.name for path in (folder / "figures").iterdir())
    assert drawn == [f"{name}.{end}" for name in ("1_import_share", "2_delivered_price") for end in ("png", "svg")]
    assert "Open results/_sweep/tiny_points/figures/1_import_share.png" in capsys.readouterr().out
    assert {f"figures/{name}" for name in drawn} <= set(json.loads((folder / "manifest.json").read_text())["outputs"])


def test_atlas_ranks_what_its_figure_shows(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert swept(small, monkeypatch, "--sweep", "nickel_atlas") == 0
    folder = small / "results" / "_sweep" / "nickel_atlas"
    assert is_complete(folder)
    assert (folder / "figures" / "losers_of_nickel.svg").stat().st_size > 0
    assert "figures/losers_of_nickel.png" in capsys.readouterr().out
    ranking = pd.read_csv(folder / "ranking.csv")
    losses = ranking["expected_surplus_lost_m_usd"].dropna()
    assert losses.iloc[0] > 0
    assert losses.is_monotonic_decreasing
    assert set(pd.read_csv(folder / "atlas.csv")["cut_percent"]) == {50.0, 100.0}


def test_atlas_is_of_one_scenario(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (small / "scenarios" / "sweeps" / "nobody.yaml").write_text(
        ATLAS.replace(f"{INVENTED}_baseline", f"[{INVENTED}_baseline, tiny_offer]")
    )
    assert swept(small, monkeypatch, "--sweep", "nobody") == 2
    assert f"a disruption is of one scenario, not of {INVENTED}_baseline, tiny_offer" in capsys.readouterr().err
