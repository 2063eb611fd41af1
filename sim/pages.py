"""The pages of docs/ that the program writes."""

from __future__ import annotations

import os
from pathlib import Path

from sim.app import CACHE, WORLDS, answer_of, baseline_of, labels_of, load_baseline
from sim.attributing import AttributionOptions, found_for
from sim.inputs.claims import read_claims
from sim.inputs.probes import read_probes
from sim.inputs.resolve import load_scenario
from sim.inputs.world import read_sources
from sim.output.assumptions_text import assumptions_page
from sim.output.attribution_page import attribution_entry
from sim.output.claims_text import claims_page
from sim.output.docs import made_from_line, notation_page, probes_table, sources_table, with_tables
from sim.output.library_text import library_entry
from sim.records.params import Bounds, Contracts, Demand, Params, Policy, Sourcing, Stockpiles, Technology, Wedge
from sim.records.probes import ProbePage
from sim.records.trajectory import Trajectory
from sim.records.world import World
from sim.study.assumptions import collect_evidence, past_scenarios, shipped_scenarios
from sim.study.claims import answer_claims
from sim.study.fingerprint import fingerprint
from sim.study.made_from import made_from
from sim.study.probes import answer_probes
from sim.study.run import run_scenario
from sim.study.world import build_world
from sim.version import VERSION

RECORDS = (World, Params, Technology, Demand, Sourcing, Wedge, Policy, Bounds, Contracts, Stockpiles, Trajectory)
CHECKED_PAGES = ("plausibility", "plausibility_rare_earths")
LIBRARY = "scenarios"
LIBRARY_DRAWS, LIBRARY_SEED = 64, 1  # a page of twenty scenarios in some minutes; bands to about a tenth of their width
ATTRIBUTION = "attribution"
ATTRIBUTED, ATTRIBUTION_SEED = ("sanctions_lifted", "joint_extraction_processing"), 1  # as the command has them
ONE_LINE = 1_000_000  # characters: a paragraph on one line


def write_docs(root: Path) -> tuple[Path, ...]:
    """Write the pages of docs/ that the program makes, and the tables of those that it checks; returns them."""
    quick = write_quick_docs(root)
    checked = tuple(root / "docs" / f"{name}.md" for name in CHECKED_PAGES)
    for path in checked:
        page = with_tables(path.read_text(encoding="utf-8"), plausibility_tables(root, path.stem))
        path.write_text(page, encoding="utf-8")
    library = root / "docs" / f"{LIBRARY}.md"
    blocks = {name: library_block(root, name) for name in compared_scenarios(root)}
    library.write_text(with_tables(library.read_text(encoding="utf-8"), blocks), encoding="utf-8")
    parts = root / "docs" / f"{ATTRIBUTION}.md"
    shares = {name: attribution_block(root, name) for name in ATTRIBUTED}
    parts.write_text(with_tables(parts.read_text(encoding="utf-8"), shares), encoding="utf-8")
    return *quick, *checked, library, parts


def compared_scenarios(root: Path) -> tuple[str, ...]:
    """The shipped scenarios that have a baseline beside them."""
    return tuple(each.name for each in shipped_scenarios(root) if baseline_of(each) != each.name)


def library_block(root: Path, name: str) -> str:
    """What the page of scenarios says of one of them, from a run."""
    scenario = load_scenario(name, root)
    baseline = load_baseline(scenario, root, "")
    world = build_world(root / WORLDS / scenario.world, root / CACHE)
    outcome = run_scenario(
        scenario,
        baseline,
        world,
        draws=LIBRARY_DRAWS,
        seed=LIBRARY_SEED,
        jobs=os.cpu_count() or 1,
        version=VERSION,
    )
    answer = answer_of(outcome, labels_of(world), ONE_LINE, "")
    return library_entry(scenario, answer, fingerprint(scenario, baseline), LIBRARY_DRAWS)


def attribution_block(root: Path, name: str) -> str:
    """What the page of attribution says of a scenario, from a run."""
    scenario = load_scenario(name, root)
    baseline = load_baseline(scenario, root, "")
    options = AttributionOptions(scenario=name, seed=ATTRIBUTION_SEED, jobs=os.cpu_count() or 1)
    found = found_for(root, scenario, baseline, options, VERSION)
    labels = labels_of(build_world(root / WORLDS / scenario.world, root / CACHE))
    return attribution_entry(found, labels, fingerprint(scenario, baseline))


def write_quick_docs(root: Path) -> tuple[Path, ...]:
    """Write the pages that take no runs; returns them."""
    pages = quick_pages(root)
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
    return tuple(pages)


def quick_pages(root: Path) -> dict[Path, str]:
    """The pages that take no runs, by path: notation, every number, and the documents' claims.

    Raises ScenarioError or DataError where a file of the scenarios, of the world or of the claims is at fault.
    """
    docs = root / "docs"
    scenarios = shipped_scenarios(root)
    evidence = collect_evidence(root, WORLDS, (*scenarios, *past_scenarios(root)))
    page = read_claims(docs / "claims.yaml", lambda world: read_sources(root / WORLDS / world / "sources.yaml"))
    folder = root / WORLDS / page.world
    claims = answer_claims(page, build_world(folder, root / CACHE), folder, scenarios)
    return {
        docs / "notation.md": notation_page(RECORDS),
        docs / "assumptions.md": assumptions_page(evidence),
        docs / "claims.md": claims_page(claims, {**evidence.sources, **page.sources}),
    }


def plausibility_tables(root: Path, name: str) -> dict[str, str]:
    """The tables of a checked page by name, from the runs that the questions of that name ask for."""
    page = probes_page(root, name)
    folder = root / WORLDS / page.world
    world = build_world(folder, root / CACHE)
    answered = answer_probes(
        page, lambda name, overrides: load_scenario(name, root, overrides), world, os.cpu_count() or 1
    )
    cited = [beside.source for table in page.tables for row in table.rows for beside in row.beside]
    known = {**read_sources(folder / "sources.yaml"), **page.sources}
    tables = {found.table.name: probes_table(found) for found in answered}
    mark = made_from(page, lambda name, overrides: load_scenario(name, root, overrides), world)
    return tables | {"sources": sources_table(cited, known), "made_from": made_from_line(mark)}


def probes_page(root: Path, name: str) -> ProbePage:
    """What docs/<name>.yaml asks, checked against the sources of its world."""
    return read_probes(
        root / "docs" / f"{name}.yaml", lambda world: read_sources(root / WORLDS / world / "sources.yaml")
    )
