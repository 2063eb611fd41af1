"""Finished runs side by side and on one page, from the command line to the browser."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from sim import cli
from sim.output.attribution_text import attribution_blocks
from sim.output.facts import StudyRecord
from sim.output.folder import is_complete
from sim.output.page.attribution import attribution_tables
from sim.output.page.drawings import Drawing
from sim.output.page.inputs import inputs_table
from sim.output.page.study import study_page
from sim.output.page.target import target_tables
from sim.output.plots.attribution import attribution
from sim.output.plots.style import svg_bytes
from sim.output.plots.target import response
from sim.output.target_text import target_blocks
from tests import browser
from tests.browser import Browser
from tests.output_samples import LABELS
from tests.unit import test_output_attribution as attribution_samples
from tests.unit import test_output_target as target_samples

ROOT = Path(__file__).parents[2]
SHORT = "years.last=2027; years.focus=2027"
SWEEP = """\
schema_version: 1
title: Offer by its size
scenarios: sanctions_lifted
draws: 0
vary:
  - {path: measures.russian_aluminium_offer.volume, label: Offer, values: [0.1 Mt/yr, 2 Mt/yr]}
outcomes: [delivered_price.aluminium.US.2027]
"""
PAIR = "sanctions_lifted sanctions_lifted@soft"
VARIABLES = ("SCENARIO", "SCENARIOS", "SWEEP", "DRAWS", "SEED", "JOBS", "SET", "NAME", "FIGURES", "SHARD", "PART")
AXE = "AXE"  # environment variable with the path of axe.min.js, from the npm package axe-core


def run(project: Path, *words: str) -> int:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cli, "ROOT", project)
        for variable in VARIABLES:
            patched.delenv(variable, raising=False)
        return cli.main(list(words))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs, two that may be compared and one of another seed; a comparison, a sweep and a shard of it."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    (folder / "results").mkdir()
    softer = f"{SHORT}; measures.russian_aluminium_offer.volume=1 Mt/yr"
    for words in (
        ("--set", SHORT, "--seed", "1"),
        ("--set", softer, "--seed", "1", "--name", "soft", "--no-figures"),
        ("--set", SHORT, "--seed", "2", "--name", "other", "--no-figures"),
    ):
        assert run(folder, "run", "--scenario", "sanctions_lifted", "--draws", "2", *words) == 0
    assert run(folder, "compare", "--scenarios", PAIR) == 0
    (folder / "scenarios" / "sweeps" / "offers.yaml").write_text(SWEEP)
    for more in ((), ("--shard", "1/2")):
        assert run(folder, "sweep", "--sweep", "offers", "--set", SHORT, "--jobs", "1", *more) == 0
    assert run(folder, "report") == 0
    return folder


def pages(project: Path) -> list[Path]:
    results = project / "results"
    return [
        results / "sanctions_lifted" / "report.html",
        results / "_compare" / "sanctions_lifted+sanctions_lifted@soft" / "report.html",
        results / "index.html",
        results / "_sweep" / "offers" / "report.html",
    ]


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Pages of a goal seek and of an attribution with a figure each, made from samples."""
    folder = tmp_path_factory.mktemp("studies")
    sought, shared = target_samples.found(), attribution_samples.found()
    made = {
        "target": (
            target_blocks(sought, LABELS, 88, check=("measures.plant.capacity=10 kt/yr", 0.5)),
            response(sought, LABELS),
            [*target_tables(sought, LABELS), inputs_table({}, {"a.b": ("1", "x", "y")}, also=("a.b",))],
        ),
        "attribution": (
            attribution_blocks(shared, LABELS, 88),
            attribution(shared, shared.outcomes[0], LABELS),
            attribution_tables(shared, LABELS),
        ),
    }
    for name, (blocks, figure, tables) in made.items():
        record = StudyRecord(facts=sought.facts, asks="What is asked?", lead="")
        drawing = Drawing(name=name, finding=str(figure.get_label()), svg=svg_bytes(figure))
        page = study_page(record, blocks, [drawing], tables, seed=1, degraded=True)
        (folder / f"{name}.html").write_bytes(page)
    return sorted(folder.iterdir())


def test_comparison_is_a_result_with_paired_differences(project: Path) -> None:
    folder = pages(project)[1].parent
    assert is_complete(folder)
    table = pd.read_csv(folder / "comparison.csv", keep_default_na=False)
    own = pd.read_csv(project / "results" / "sanctions_lifted@soft" / "summary.csv", keep_default_na=False)
    assert len(table) >= len(own)
    pick = "indicator == 'delivered_price' and region == 'US' and year == 2027"
    assert (
        table.query(pick)["sanctions_lifted@soft_difference_p95"].to_list()
        == own.query(pick)["difference_p95"].to_list()
    )
    long = pd.read_csv(folder / "iamc.csv")
    assert set(long["scenario"]) == {"sanctions_lifted", "sanctions_lifted@soft", "baseline"}
    assert not long.duplicated(["scenario", "region", "variable", "year"]).any()
    inputs = pd.read_csv(folder / "inputs.csv").set_index("input")
    assert inputs.loc["measures.russian_aluminium_offer.volume", "sanctions_lifted@soft"] == "1 Mt/yr"
    command = json.loads((folder / "manifest.json").read_text())["command"]
    assert command == ["compare", "--scenarios", PAIR]


def test_runs_on_other_draws_are_refused_by_name(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, "compare", "--scenarios", "sanctions_lifted sanctions_lifted@other") == 2
    said = capsys.readouterr().err
    assert "seed: 1 (sanctions_lifted); 2 (sanctions_lifted@other)" in said
    assert f'make run SCENARIO=sanctions_lifted NAME=other SET="{SHORT}" DRAWS=2 SEED=1' in said


def test_what_has_not_been_run_is_told_with_its_command(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, "compare", "--scenarios", "sanctions_lifted energy_first") == 2
    said = capsys.readouterr().err
    assert "no finished result of\n  energy_first: results/energy_first: no manifest.json" in said
    assert said.endswith("make run SCENARIO=energy_first DRAWS=2 SEED=1\n")


def test_scenario_that_does_not_exist_is_told_with_the_nearest_and_no_command(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "compare", "--scenarios", "sanctions_lifted sanction_lifted@soft energy_first enery_first") == 2
    said = capsys.readouterr().err
    assert "no scenario sanction_lifted; nearest is sanctions_lifted\n" in said
    assert "no scenario enery_first; nearest is energy_first\n" in said
    assert "no finished result of\n  energy_first: " in said
    assert said.count("make run SCENARIO=") == 1
    assert said.endswith("make run SCENARIO=energy_first DRAWS=2 SEED=1\n")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("", "compare needs SCENARIOS"),
        ("sanctions_lifted", "compare takes 2 to 8 results, 1 came"),
        ("sanctions_lifted sanctions_lifted", "compare takes 2 to 8 results, 1 came"),
        ("sanctions_lifted ../../etc", "'../../etc' is no name of a result"),
    ],
)
def test_names_that_cannot_be_compared_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str], names: str, told: str
) -> None:
    assert run(project, "compare", "--scenarios", names) == 2
    assert told in capsys.readouterr().err


def test_page_over_all_runs_lists_what_is_whole_and_what_is_not(project: Path) -> None:
    (project / "results" / "broken").mkdir(exist_ok=True)
    assert run(project, "report") == 0
    text = pages(project)[2].read_text(encoding="utf-8")
    assert "3 runs finished, 1 incomplete" in text
    assert 'href="sanctions_lifted%40soft/report.html"' in text
    assert 'href="_compare/sanctions_lifted%2Bsanctions_lifted%40soft/report.html"' in text
    assert "results/broken: no manifest.json, the result is incomplete" in text
    assert '<h2 id="studies-1-title">Comparisons</h2>' in text
    assert "What does each of these change, on the same draws?" in text
    assert '<h2 id="studies-2-title">Sweeps</h2>' in text
    assert 'href="_sweep/offers/report.html"' in text
    assert "How do these depend on Offer: the price of aluminium in the United States?" in text
    assert "central run only, no draws, seed 1; against baseline" in text
    assert "shard_1_of_2" not in text
    assert "Goal seeks" not in text


def test_study_without_a_page_of_this_version_is_told_with_the_reason(project: Path) -> None:
    whole = project / "results" / "_sweep" / "offers"
    old = project / "results" / "_sweep" / "old"
    shutil.copytree(whole, old)
    try:
        manifest = json.loads((old / "manifest.json").read_text())
        for name in ("report.html", "facts.json"):
            del manifest["outputs"][name]
        (old / "manifest.json").write_text(json.dumps(manifest))
        assert run(project, "report") == 0
        text = pages(project)[2].read_text(encoding="utf-8")
        assert "results/_sweep/old: made by a version that wrote no page; make it again" in text
    finally:
        shutil.rmtree(old)


# in a browser


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = browser.found()
    if program is None:
        pytest.skip(f"none of {', '.join(browser.NAMES)} is installed")
    with Browser(program, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.mark.parametrize("number", range(6), ids=["run", "comparison", "all runs", "sweep", "attribution", "target"])
def test_pages_open_without_complaint_or_request_and_fit_the_window(
    project: Path, studies: list[Path], window: Browser, number: int
) -> None:
    page = [*pages(project), *studies][number]
    for width in (1280, 400):
        window.complaints.clear()
        window.requests.clear()
        window.open(page, width)
        assert window.complaints == []
        assert set(window.requests) <= {page.as_uri()}
        assert window.ask("document.documentElement.scrollWidth") <= width
        assert window.ask(OVERLAPS) == []


# boxes of texts that overlap where both can be seen
OVERLAPS = """
(function () {
  var boxes = [];
  document.querySelectorAll("h1, h2, h3, p, pre, nav a, thead th, tbody tr, figure, footer").forEach(function (one) {
    var box = one.getBoundingClientRect();
    if (box.width && box.height) { boxes.push([one, box]); }
  });
  var found = [];
  boxes.forEach(function (a, i) {
    boxes.slice(i + 1).forEach(function (b) {
      if (a[0].contains(b[0])) { return; }
      var across = Math.min(a[1].right, b[1].right) - Math.max(a[1].left, b[1].left);
      var along = Math.min(a[1].bottom, b[1].bottom) - Math.max(a[1].top, b[1].top);
      if (across > 1 && along > 1) { found.push([a, b].map(function (x) { return x[0].textContent.slice(0, 50); })); }
    });
  });
  return found;
})()
"""


def test_tables_are_sorted_by_key(project: Path, window: Browser) -> None:
    window.open(pages(project)[0], 1280)
    column = (
        "Array.from(document.querySelectorAll('#table-1 tbody tr')).map(row => "
        "parseFloat(row.cells[6].textContent.replace(/,/g, '').replace('\\u2212', '-')))"
    )
    before = window.ask(column)
    window.ask("document.querySelectorAll('#table-1 thead button')[6].focus()")
    window.press("Enter")
    assert window.ask(column) == sorted(before, reverse=True) != before
    window.press(" ")
    assert window.ask(column) == sorted(before)
    assert window.ask("document.querySelectorAll('#table-1 thead th')[6].getAttribute('aria-sort')") == "ascending"


def test_parts_of_a_variance_are_sorted_as_numbers_and_bounds_come_last(studies: list[Path], window: Browser) -> None:
    window.open(studies[0], 1280)
    column = "Array.from(document.querySelectorAll('#table-inputs-0 tbody tr')).map(row => row.cells[2].textContent)"
    heads = "document.querySelectorAll('#table-inputs-0 thead button')[2]"
    window.ask(f"{heads}.click(); {heads}.click()")
    assert window.ask(column) == ["30 ± 5 %", "60 ± 5 %", "under 5 %"]


def test_search_leaves_the_rows_with_all_words(project: Path, window: Browser) -> None:
    window.open(pages(project)[0], 1280)
    window.ask(
        "(function () { var field = document.querySelector('#table-1').closest('section').querySelector('input');"
        "field.value = 'imports united'; field.dispatchEvent(new Event('input')); })()"
    )
    shown = window.ask(
        "Array.from(document.querySelectorAll('#table-1 tbody tr')).filter(r => !r.hidden).map(r => r.textContent)"
    )
    assert shown
    assert all("Imports" in row and "United" in row for row in shown)


def test_a_scenario_is_hidden_and_shown_by_key(project: Path, window: Browser) -> None:
    window.open(pages(project)[1], 1280)
    # names of scenarios may break at their underscores, also once the heads are buttons
    assert window.ask("document.querySelectorAll('#table-inputs thead button wbr').length") > 0
    count = "Array.from(document.querySelectorAll('.s1')).filter(e => e.getClientRects().length).length"
    shown = window.ask(count)
    assert window.ask("document.querySelectorAll('figure .s1').length") > 0
    window.ask("document.querySelectorAll('.toggles input')[1].focus()")
    window.press(" ")
    assert window.ask(count) == 0 < shown
    window.press(" ")
    assert window.ask(count) == shown


def test_every_link_and_control_is_reached_by_tab(project: Path, window: Browser) -> None:
    window.open(pages(project)[1], 1280)
    wanted = window.ask("document.querySelectorAll('nav a, .toggles input').length")
    reached = set()
    for _ in range(wanted + 2):
        window.press("Tab")
        reached.add(window.ask("document.activeElement.outerHTML.slice(0, 80)"))
    assert len([each for each in reached if "data-toggles" in each]) == 2
    assert len([each for each in reached if each.startswith('<a href="#')]) >= 3


@pytest.mark.campaign
@pytest.mark.parametrize("number", range(6), ids=["run", "comparison", "all runs", "sweep", "attribution", "target"])
def test_axe_finds_no_serious_fault(project: Path, studies: list[Path], window: Browser, number: int) -> None:
    path = os.environ.get(AXE)
    if not path:
        pytest.skip(f"{AXE} does not name axe.min.js")
    axe = Path(path).read_text(encoding="utf-8")
    found = "axe.run().then(r => r.violations.map(v => v.impact + ': ' + v.id + ' ' + v.nodes[0].html.slice(0, 120)))"
    for width in (1280, 400):
        window.open([*pages(project), *studies][number], width)
        window.ask(f"{axe}; 0")
        assert window.ask("axe.run().then(r => r.passes.length)") > 10
        assert [told for told in window.ask(found) if told.startswith(("serious", "critical"))] == []
        # what it should find, it finds
        window.ask("document.querySelector('html').removeAttribute('lang')")
        assert any("html-has-lang" in told for told in window.ask(found))
