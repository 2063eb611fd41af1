from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.checks import Check
from sim.errors import DataError
from sim.output.facts import FACTS_NAME, RunRecord, facts_bytes, read_facts
from sim.output.indicator_names import NAMES, indicator_name, shown_unit, shown_value
from sim.output.inputs_text import inputs_apart
from sim.output.page.drawings import Drawing, Drawings
from sim.output.page.run import MOST_ROWS, run_page
from sim.output.plots.prices import prices
from sim.output.plots.style import sheet, svg_bytes
from sim.output.plots.supply_shares import supply_shares
from tests import output_samples as samples

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}</style> & 'quote'"
ROOT = Path(__file__).parents[2]
CHECKS = (Check(name="money adds up", worst=2e-15, allowed=1e-8),)


class Page(HTMLParser):
    """Tags with their attributes, and the text, of a page."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style"):
            self.scripts.append(data)
        else:
            self.text += data

    def all_of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def record(**changes: object) -> RunRecord:
    told = RunRecord(
        facts=samples.facts(),
        labels=samples.LABELS,
        lead="The US would take some of it.",
        inputs={"switches.duty": ("off", "fr_2025", "scenarios/a.yaml:3"), "parameters.x": ("5", "usitc", "b.yaml:1")},
        baseline_inputs={"switches.duty": ("on", "fr_2025", "b.yaml:2"), "parameters.x": ("5", "usitc", "b.yaml:1")},
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def drawn(name: str, figure: Figure) -> Drawing:
    return Drawing(name=name, finding=str(figure.get_label()), svg=svg_bytes(figure))


@pytest.fixture(scope="module")
def drawings() -> tuple[Drawing, ...]:
    summary = samples.summary()
    of = {"good": "aluminium", "labels": samples.LABELS}
    return (
        drawn("us_supply_shares", supply_shares(summary, samples.facts(), destination="US", **of)),  # type: ignore[arg-type]
        drawn("us_price", prices(summary, samples.facts(), region="US", **of)),  # type: ignore[arg-type]
    )


def page_of(told: RunRecord, drawings: tuple[Drawing, ...] = (), summary: pd.DataFrame | None = None) -> bytes:
    answer = [["Title"], ["It would take 0.3 of", "the 2.0 Mt."], ["Who, kt", "  Russia   268"]]
    return run_page(told, answer, samples.summary() if summary is None else summary, drawings, CHECKS, 1)


def test_page_is_one_file_that_asks_for_nothing(drawings: tuple[Drawing, ...]) -> None:
    content = page_of(record(), drawings)
    page = Page(content)
    assert not any(address in content for address in (b"http:", b"https:", b"@import", b"<link", b"<img", b"<iframe"))
    assert not [value for _, attributes in page.tags for name, value in attributes.items() if name == "src"]
    links = [attributes.get("href") or "" for _, attributes in page.tags if "href" in attributes]
    assert links
    assert all(link.startswith("#") for link in links)
    assert len(content) < 1_000_000


def test_browser_is_told_to_run_only_what_the_page_was_made_with() -> None:
    page = Page(page_of(record()))
    policy = next(each["content"] or "" for each in page.all_of("meta") if "http-equiv" in each)
    hashes = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in page.scripts}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert not [
        1 for _, attributes in page.tags if "style" in attributes or any(n.startswith("on") for n in attributes)
    ]


def test_hostile_texts_come_out_as_texts() -> None:
    facts = samples.facts(title=HOSTILE, question=HOSTILE, stated=(HOSTILE,), scenario=HOSTILE)
    labels = {**samples.LABELS, "US": HOSTILE, "aluminium": HOSTILE}
    inputs = {HOSTILE: (HOSTILE, HOSTILE, HOSTILE)}
    figure = sheet(HOSTILE, [HOSTILE], HOSTILE, body=1.0).figure
    content = page_of(record(facts=facts, labels=labels, inputs=inputs), (drawn("hostile", figure),))
    page = Page(content)
    assert len(page.all_of("script")) == len(page.all_of("style")) == 1
    assert page.all_of("img") == []
    assert HOSTILE in page.text
    assert any(each.get("aria-label") == HOSTILE for each in page.all_of("svg"))


def test_figures_of_a_page_share_letters_and_no_name_stands_twice(drawings: tuple[Drawing, ...]) -> None:
    page = Page(page_of(record(), drawings))
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    used = {(each["href"] or "")[1:] for each in page.all_of("use")}
    assert used <= set(names)
    assert sum(len(each.svg) for each in drawings) > 2 * sum(len(Drawings().inline(each)) for each in drawings)


def test_a_letter_keeps_its_size_and_place(drawings: tuple[Drawing, ...]) -> None:
    figures = Drawings()
    inside = str(figures.inline(drawings[0]))
    whole = drawings[0].svg.decode()
    scales = re.findall(r"scale\([^)]*\)", whole[whole.index("</metadata>") :])
    assert sorted(set(re.findall(r"scale\([^)]*\)", inside + figures.shared))) == sorted(set(scales))
    assert inside.count("<use") == whole.count("<use")


def test_each_figure_is_named_by_its_finding(drawings: tuple[Drawing, ...]) -> None:
    page = Page(page_of(record(), drawings))
    named = [each["aria-label"] for each in page.all_of("svg") if each.get("role") == "img"]
    assert named == [each.finding for each in drawings]


def test_tables_hold_the_largest_changes_as_printed() -> None:
    page = Page(page_of(record()))
    summary = samples.summary()
    at_focus = summary[(summary["year"] == samples.FOCUS) & (summary["indicator"] == "supply_share")]
    largest = at_focus.loc[at_focus["difference"].abs().idxmax()]
    assert shown_value(float(largest["difference"]), "supply_share", "1", sign=True) in page.text
    assert page.text.count("Share of supply") == MOST_ROWS


def test_table_of_inputs_holds_what_differs_and_no_more() -> None:
    text = Page(page_of(record())).text
    assert "switches.duty" in text
    assert "scenarios/a.yaml:3" in text
    assert "parameters.x" not in text
    apart = inputs_apart({"a": {"x": ("1", "s", "f")}, "b": {"x": ("1", "t", "g")}, "c": {"y": ("", "", "")}})
    assert apart == ["x"]


def test_page_of_a_baseline_tells_levels() -> None:
    facts = samples.facts(scenario="baseline", title="As it is")
    text = Page(page_of(record(facts=facts), summary=samples.summary(0.0))).text
    assert "largest numbers in" in text
    assert "Change" not in text


def test_page_where_nothing_changes_says_so_by_having_no_rows() -> None:
    text = Page(page_of(record(inputs=record().baseline_inputs), summary=samples.summary(0.0))).text
    assert "largest changes" not in text
    assert "None." in text


def test_page_has_the_same_bytes_each_time(drawings: tuple[Drawing, ...]) -> None:
    assert page_of(record(), drawings) == page_of(record(), drawings)


def test_a_broken_figure_is_refused() -> None:
    with pytest.raises(DataError, match="figure bad: no SVG"):
        Drawings().inline(Drawing(name="bad", finding="", svg=b"<svg>"))
    with pytest.raises(DataError, match="nothing is called 'm1'"):
        Drawings().inline(
            Drawing(name="bad", finding="", svg=b'<svg viewBox="0 0 1 1"><g clip-path="url(#m1)"/></svg>')
        )


def test_facts_come_back_as_they_were(tmp_path: Path) -> None:
    for told in (record(), record(facts=samples.chain_facts(cautions=(("ore", "one basket"),)))):
        (tmp_path / FACTS_NAME).write_bytes(facts_bytes(told))
        back = read_facts(tmp_path)
        assert asdict(back) == asdict(told)
        assert back.facts == told.facts


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"facts": 3}', "[" * 100_000])
def test_facts_of_others_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FACTS_NAME).write_text(text)
    with pytest.raises(DataError, match=r"facts\.json: not what a run of this version writes"):
        read_facts(tmp_path)


def test_facts_with_an_unknown_field_are_refused(tmp_path: Path) -> None:
    content = json.loads(facts_bytes(record()))
    content["facts"]["surprise"] = 1
    (tmp_path / FACTS_NAME).write_text(json.dumps(content))
    with pytest.raises(DataError, match="not what a run of this version writes"):
        read_facts(tmp_path)


def test_every_indicator_of_the_documentation_has_a_name() -> None:
    page = (ROOT / "docs" / "indicators.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert len(told) > 30
    assert told <= set(NAMES)


def test_numbers_are_printed_by_their_indicator() -> None:
    assert (shown_value(0.0468, "supply_share", "1"), shown_unit("supply_share", "1")) == ("4.7", "%")
    assert (shown_value(0.2468, "concentration", "1"), shown_unit("concentration", "1")) == ("0.247", "")
    assert shown_value(-56.2, "delivered_price", "USD/t", sign=True) == "\N{MINUS SIGN}56"
    assert shown_value(2041.0, "import_share_falls_to_50_median_year", "year") == "2041"
    assert shown_value(float("nan"), "imports", "kt/yr") == "n/a"
    assert indicator_name("touched_supply_falls_to_65").label == (
        "Part in supply, at any stage: draws in which it falls to 65 %"
    )
