"""What `compare` and `report` do: read finished results and lay them side by side."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pandas as pd

from sim.app import ATTRIBUTIONS, COMPARISONS, GOALS, PAGE, RESULTS, SHARD, SWEEPS, commit_of, draw_into
from sim.errors import DataError, ScenarioError
from sim.inputs.faults import known_or_nearest, shortened
from sim.inputs.resolve import list_scenarios
from sim.output.comparison import (
    PAIRS,
    common_years,
    compared,
    compared_contract,
    differing_inputs,
    inputs_contract,
    one_baseline,
    pairs,
    run_again,
    themes,
    why_not,
    year_told,
)
from sim.output.facts import FACTS_NAME, StudyRecord, facts_bytes, read_facts, read_study
from sim.output.folder import ResultFolder, fault_of, write_file
from sim.output.iamc import LONG, iamc_of_baseline, iamc_table
from sim.output.manifest import COMPLETE, DEGRADED, Manifest, read_manifest, sha256
from sim.output.page.drawings import Drawing
from sim.output.results import Result, read_flows, read_result, read_summary
from sim.output.tables import csv_bytes
from sim.output.textblock import paragraph, table
from sim.output.wording import capital, counts, label_of, listed, the
from sim.provenance import weakest_first
from sim.records.outcome import RunFacts

if TYPE_CHECKING:
    from sim.output.page.index import StudyEntry

# kinds of results that are no single run, and what they are headed with on the page over all
STUDIES = ((COMPARISONS, "Comparisons"), (SWEEPS, "Sweeps"), (GOALS, "Goal seeks"), (ATTRIBUTIONS, "Attributions"))
_LEAST, _MOST = 2, 8  # results side by side: one has nothing beside it, more have no colours of their own
_LONGEST = 120  # characters of the name of a folder: file systems take 255 bytes
_MARK = 8  # hexadecimal digits of what stands for names that are cut off
_NAME = re.compile(r"[a-z][a-z0-9_]*(@[A-Za-z0-9][A-Za-z0-9_.-]*)?")


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A comparison that was written: where, and the answer in words."""

    folder: Path
    answer: str


def compare(
    root: Path, names: Sequence[str], *, figures: bool, version: str, width: int, usual: tuple[int, int]
) -> Looked:
    """Lay finished results side by side; a ScenarioError says which are missing or must not be compared.

    ``usual`` are draws and seed of a run that says nothing of them.
    """
    results = _read(root, list(dict.fromkeys(names)), usual)
    fault = why_not(results)
    if fault:
        raise ScenarioError(fault)
    facts = _facts_of(results)
    labels = {name: label for result in reversed(results) for name, label in result.record.labels.items()}
    apart, side_by_side = differing_inputs(results), compared(results)
    folder = root / RESULTS / COMPARISONS / _folder_name([result.name for result in results])
    folder.parent.mkdir(exist_ok=True)
    from sim.output.page.compare import compare_page  # jinja2 is slow to load

    with ResultFolder(folder) as out:
        out.write("inputs.csv", csv_bytes(apart, inputs_contract(apart)))
        out.write("comparison.csv", csv_bytes(side_by_side, compared_contract(side_by_side)))
        out.write("pairs.csv", csv_bytes(pairs(results), PAIRS))
        out.write("iamc.csv", csv_bytes(_iamc(root, results), LONG))
        drawings, colours = _draw(out, results, facts, labels) if figures else ([], [""] * len(results))
        out.write(FACTS_NAME, facts_bytes(_record(results, facts, labels, side_by_side)))
        out.write(PAGE, compare_page(results, facts, labels, side_by_side, apart, drawings, colours))
        out.finish(_manifest(root, results, facts, figures=figures, version=version))
    shown = str((folder / PAGE).relative_to(root))
    return Looked(folder=folder, answer=_answer(results, facts, labels, side_by_side, shown, width))


def _read(root: Path, names: list[str], usual: tuple[int, int]) -> list[Result]:
    """The results by the names of their folders; says which to run where some are not there or not whole."""
    if not _LEAST <= len(names) <= _MOST:
        raise ScenarioError(f'compare takes {_LEAST} to {_MOST} results, {len(names)} came: SCENARIOS="a b"')
    found, faults = {}, {}
    for name in names:
        if not _NAME.fullmatch(name):
            raise ScenarioError(f"SCENARIOS: {shortened(name)!r} is no name of a result: a scenario, or scenario@NAME")
        try:
            found[name] = read_result(root / RESULTS / name)
        except DataError as error:
            faults[name] = str(error).replace(f"{root}/", "")
    if faults:
        like = next(iter(found.values()), None)
        draws, seed, sampling = (like.draws, like.seed, like.sampling) if like else (*usual, "")
        known = [name for name, _ in list_scenarios(root)]
        unknown = [name for name in faults if name.partition("@")[0] not in known]
        lines = [f"no scenario {told}{known_or_nearest(told, known)}" for told in _scenarios_of(unknown)]
        if there := [name for name in faults if name not in unknown]:
            lines += ["no finished result of", *(f"  {name}: {faults[name]}" for name in there), "To make them:"]
            lines += [f"  {run_again(name, draws, seed, sampling)}" for name in there]
        raise ScenarioError("\n".join(lines))
    return [found[name] for name in names]


def _scenarios_of(names: Sequence[str]) -> list[str]:
    """The scenarios that results are of, by the names of their folders, each once."""
    return list(dict.fromkeys(name.partition("@")[0] for name in names))


def _facts_of(results: Sequence[Result]) -> RunFacts:
    """The facts of the first, with what is stated, the tiers, cautions and failures of all."""
    told = [result.record.facts for result in results]
    return replace(
        told[0],
        years=common_years(results),
        focus=year_told(results),
        solved=min(facts.solved for facts in told),
        infeasible=max(facts.infeasible for facts in told),
        failed=max(facts.failed for facts in told),
        tiers=weakest_first(tier for facts in told for tier in facts.tiers),
        stated=tuple(dict.fromkeys(text for facts in told for text in facts.stated)),
        cautions=tuple(dict.fromkeys(caution for facts in told for caution in facts.cautions)),
    )


def _folder_name(names: Sequence[str]) -> str:
    whole = "+".join(names)
    return whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}+{sha256(whole.encode())[:_MARK]}"


def _draw(
    out: ResultFolder, results: Sequence[Result], facts: RunFacts, labels: dict[str, str]
) -> tuple[list[Drawing], list[str]]:
    """Draw and write the figures; the colours are those of the scenarios in them."""
    from sim.output.plots.gallery import beside, drawn  # matplotlib is slow to load
    from sim.output.plots.scenarios import Together

    names = tuple(result.name for result in results)
    together = Together(names=names, facts=facts, one_baseline=one_baseline(results), labels=labels)
    summaries = {result.name: result.summary for result in results}
    drawings = draw_into(out, drawn(beside(summaries, together, themes(results))))
    return drawings, [together.colour(name) for name in names]


def _iamc(root: Path, results: Sequence[Result]) -> pd.DataFrame:
    """All runs in the format of iamc.csv, each under the name of its folder, with the baseline where they share one."""
    tables = []
    for result in results:
        flows = read_flows(root / RESULTS / result.name)
        labels, facts = result.record.labels, replace(result.record.facts, scenario=result.name)
        tables.append(iamc_table(result.summary, flows, facts, labels))
        if one_baseline(results) and facts.baseline not in [each.name for each in results]:
            tables.append(iamc_of_baseline(result.summary, flows, facts, labels))
    # what several runs say of their baseline is the same
    return pd.concat(tables, ignore_index=True).drop_duplicates(list(LONG.key))


def _manifest(root: Path, results: Sequence[Result], facts: RunFacts, *, figures: bool, version: str) -> Manifest:
    """The manifest of a comparison: its inputs are the manifests of the results."""
    names = [result.name for result in results]
    marks = {
        f"{RESULTS}/{name}/manifest.json": hashlib.sha256(
            (root / RESULTS / name / "manifest.json").read_bytes()
        ).hexdigest()
        for name in names
    }
    degraded = any(result.manifest["status"] != COMPLETE for result in results)
    return Manifest(
        version=version,
        commit=commit_of(root),
        command=["compare", "--scenarios", " ".join(names), *([] if figures else ["--no-figures"])],
        seed=results[0].seed,
        solved=facts.solved,
        infeasible=facts.infeasible,
        failed=facts.failed,
        status=DEGRADED if degraded else COMPLETE,
        inputs=marks,
    )


def _answer(
    results: Sequence[Result],
    facts: RunFacts,
    labels: dict[str, str],
    side_by_side: pd.DataFrame,
    page: str,
    width: int,
) -> str:
    """What differs most, in a table for each market, and where to look."""
    names = [result.name for result in results]
    against = facts.baseline if one_baseline(results) else "the baseline of each"
    blocks = [paragraph(f"{listed(names)} against {against}, {facts.focus}", width)]
    for good, market, lines in _told(results, facts, labels, side_by_side):
        title = f"{capital(label_of(good, labels))} in {the(label_of(market, labels))} (change against the baseline)"
        blocks.append(table(title, ("", *names, ""), [[*line, ""] for line in lines], width, total=False))
    blocks.append(paragraph(f"{capital(counts(facts))}, the same in all.", width))
    blocks.append([f"Open {page}"])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _told(
    results: Sequence[Result], facts: RunFacts, labels: dict[str, str], side_by_side: pd.DataFrame
) -> Iterator[tuple[str, str, list[list[str]]]]:
    """Good, market and lines of what differs most there: what is told, then each run's number with its change."""
    from sim.output.indicator_names import shown_value

    names = [result.name for result in results]
    rows_of = side_by_side[side_by_side["year"] == facts.focus].set_index(["indicator", "good", "region", "partner"])
    for good, market, partner in themes(results):
        lines = []
        for what, key in (
            ("Price, USD/t", ("delivered_price", good, market, "")),
            (f"Share of {label_of(partner, labels)}, %", ("supply_share", good, market, partner)),
        ):
            if key not in rows_of.index:
                continue
            row = rows_of.loc[[key]].iloc[0]
            cells = []
            for name in names:
                level, change = float(row[f"{name}_central"]), float(row[f"{name}_difference"])
                told = shown_value(level, key[0], str(row["unit"]))
                moved = shown_value(change, key[0], str(row["unit"]), sign=True)
                cells.append("" if np.isnan(level) else f"{told} ({moved})")  # a run that leaves the good out
            lines.append([what, *cells])
        yield good, market, lines


def _record(
    results: Sequence[Result], facts: RunFacts, labels: dict[str, str], side_by_side: pd.DataFrame
) -> StudyRecord:
    """What the page over all results says of a comparison: the first market in which something differs."""
    told = ""
    for good, market, lines in _told(results, facts, labels, side_by_side):
        place = f"{capital(label_of(good, labels))} in {the(label_of(market, labels))} in {facts.focus}"
        parts = [
            f"{what}: {', '.join(f'{cell} in {each.name}' for each, cell in zip(results, cells, strict=True) if cell)}"
            for what, *cells in lines
        ]
        told = f"{place} (change against the baseline). {'; '.join(parts)}."
        break
    return StudyRecord(
        facts=replace(facts, title="; ".join(result.record.facts.title for result in results)),
        asks="What does each of these change, on the same draws?",
        lead=told or "Nothing differs from the baseline.",
    )


def report(root: Path) -> str:
    """Write results/index.html over all runs; returns what was found and where the page is."""
    from sim.output.page.index import COLUMNS, Entry, index_page

    base = root / RESULTS
    entries = []
    for folder in sorted(base.iterdir()) if base.is_dir() else []:
        if not folder.is_dir() or folder.name.startswith(("_", ".")):
            continue
        fault = fault_of(folder)
        link = f"{quote(folder.name)}/{PAGE}"
        try:
            if fault is not None:
                raise DataError(fault)
            manifest = read_manifest(folder)
            entry = Entry(
                name=folder.name,
                link=link,
                record=read_facts(folder),
                status=str(manifest["status"]),
                seed=int(manifest["seed"]),
                summary=read_summary(folder, COLUMNS),
            )
        except DataError as error:
            entry = Entry(name=folder.name, link=link, fault=str(error).replace(f"{root}/", ""))
        entries.append(entry)
    studies = {heading: _studies(root, base / place) for place, heading in STUDIES}
    places = [place for place, _ in STUDIES]
    pages = sorted(path for path in base.glob(f"_*/*/{PAGE}") if path.parts[-3] not in places)
    others = [
        (str(path.parent.relative_to(base)), quote(str(path.relative_to(base))))
        for path in pages
        if fault_of(path.parent) is None
    ]
    write_file(base / "index.html", index_page(entries, studies, others))
    every = [entry for found in studies.values() for entry in found]
    runs = sum(entry.record is not None for entry in entries)
    known = sum(entry.record is not None for entry in every)
    missing = len(entries) - runs + len(every) - known
    more = f", {known} comparisons and studies" if known else ""
    broken = f", {missing} incomplete" if missing else ""
    return f"{runs} runs{more}{broken}.\nOpen {RESULTS}/index.html"


def _studies(root: Path, place: Path) -> list[StudyEntry]:
    """The studies of a kind by name; a shard of a sweep is none: it is a part of one to come."""
    from sim.output.page.index import StudyEntry

    entries = []
    for folder in sorted(place.iterdir()) if place.is_dir() else []:
        if not folder.is_dir() or folder.name.startswith(".") or SHARD in folder.name:
            continue
        fault = fault_of(folder)
        link = f"{place.name}/{quote(folder.name)}/{PAGE}"
        try:
            if fault is not None:
                raise DataError(fault)
            manifest = read_manifest(folder)
            if PAGE not in manifest["outputs"]:
                raise DataError(f"{folder}: made by a version that wrote no page; make it again")
            entry = StudyEntry(
                name=folder.name,
                link=link,
                record=read_study(folder),
                status=str(manifest["status"]),
                seed=int(manifest["seed"]),
            )
        except DataError as error:
            entry = StudyEntry(name=folder.name, link=link, fault=str(error).replace(f"{root}/", ""))
        entries.append(entry)
    return entries
