"""The commands for people who edit scenarios: list, show, diff, new, and what has no effect."""

from __future__ import annotations

import os
from pathlib import Path

from sim.app import CACHE, WORLDS, baseline_of, load_baseline, validate
from sim.errors import ScenarioError, SimError
from sim.inputs.chain import FOLDER, MOST_PARENTS, is_own_name
from sim.inputs.faults import shortened
from sim.inputs.places import places_of
from sim.inputs.resolve import list_scenarios, load_all, load_scenario
from sim.inputs.world import read_world
from sim.output.diff_text import diff_text
from sim.output.list_text import Listed, list_text
from sim.output.new_text import new_text
from sim.output.scenario_text import scenario_text
from sim.records.difference import Change
from sim.records.scenario import Scenario
from sim.records.world import World
from sim.study.difference import differences
from sim.study.effect import why_no_effect
from sim.study.rest import measures_at_rest
from sim.study.world import build_world

DEFAULT_PARENT = "baseline"
ALL = "all"  # what SCENARIO= means by it; no scenario can be called so


def listing(root: Path, width: int) -> str:
    """Every scenario with its title, its switches beside its baseline's, its faults and whether it has an effect."""
    found = load_all(root)
    titles = dict(list_scenarios(root)) if any(isinstance(one, str) for one in found.values()) else {}
    listed = [_listed(name, one, found, titles) for name, one in found.items()]
    if not listed:
        raise ScenarioError(f"no scenario in {FOLDER}/")
    return list_text(listed, width)


def _listed(name: str, one: Scenario | str, found: dict[str, Scenario | str], titles: dict[str, str]) -> Listed:
    if isinstance(one, str):
        title = titles.get(name, "")
        return Listed(name=name, title="" if title == one else title, fault=one)
    baseline = found.get(baseline_of(one))
    if baseline_of(one) == name or not isinstance(baseline, Scenario):
        return Listed(name=name, title=one.title, scenario=one)
    return Listed(
        name=name,
        title=one.title,
        scenario=one,
        switches=_switches(baseline, one),
        no_effect=why_no_effect(one, baseline),
    )


def _switches(baseline: Scenario, scenario: Scenario) -> tuple[Change, ...]:
    changes = differences(baseline, scenario)
    return tuple(change for change in changes if change.section == "switches" and not change.field)


def validated(root: Path, scenario_name: str, overrides: str) -> tuple[tuple[str, str], ...]:
    """Names of the scenarios without a fault, each with why it has no effect; that is empty where it has one."""
    names = validate(root, scenario_name, overrides)
    if scenario_name:
        return ((scenario_name, no_effect(root, load_scenario(scenario_name, root, overrides), overrides)),)
    found = load_all(root)
    told = []
    worlds: dict[str, World] = {}
    for name in names:
        one = found.get(name)  # those about the past are not listed
        baseline = found[baseline_of(one)] if isinstance(one, Scenario) else None
        why = ""
        if isinstance(one, Scenario) and isinstance(baseline, Scenario) and baseline.name != name:
            if one.world not in worlds:
                worlds[one.world] = _built(root, one)
            why = why_no_effect(one, baseline, worlds[one.world])
        told.append((name, why))
    return tuple(told)


def no_effect(root: Path, scenario: Scenario, overrides: str) -> str:
    """Why a scenario has no effect; empty where it has one, or is what others are compared with."""
    if baseline_of(scenario) == scenario.name:
        return ""
    return why_no_effect(scenario, load_baseline(scenario, root, overrides), _built(root, scenario))


def _built(root: Path, scenario: Scenario) -> World:
    return build_world(root / WORLDS / scenario.world, root / CACHE)


def show(root: Path, scenario_name: str, overrides: str, width: int) -> str:
    """Every value of a resolved scenario, with where it comes from.

    Raises ScenarioError with every fault of the scenario.
    """
    scenario = load_scenario(scenario_name, root, overrides)
    places = places_of(scenario_name, root, overrides)
    world = read_world(root / WORLDS / scenario.world)
    resting = measures_at_rest(scenario, _built(root, scenario))
    return scenario_text(scenario, world, places, _effect(root, scenario, overrides), resting, width)


def _effect(root: Path, scenario: Scenario, overrides: str) -> str:
    baseline = baseline_of(scenario)
    if baseline == scenario.name and not overrides:
        return "Results of other scenarios are compared with this one."
    if baseline == scenario.name:
        return "Compared with itself without what SET says of switches and measures."
    why = no_effect(root, scenario, overrides)
    told = f"Results are compared with {baseline}."
    return f"{told} NO EFFECT on them: {why}." if why else told


def diff(root: Path, first: str, second: str, width: int) -> str:
    """What the second scenario has otherwise than the first.

    Raises ScenarioError with the faults of either.
    """
    one, other = load_scenario(first, root), load_scenario(second, root)
    changes = differences(one, other, (places_of(first, root), places_of(second, root)))
    return diff_text(one, other, changes, read_world(root / WORLDS / other.world), width)


def new(root: Path, name: str, parent_name: str) -> str:
    """Write a file to start a scenario from and say what comes next; nothing that exists is touched.

    Raises
    ------
    ScenarioError
        Where the name cannot be one or is taken, or the parent is unknown, at fault or too deep in a chain.
    SimError
        Where the file cannot be written.
    """
    if not is_own_name(name) or name == ALL:
        raise ScenarioError(
            f"SCENARIO={shortened(name)!r}: a scenario is named with small letters, digits and _, beginning with a "
            f"letter, at most 64, and not '{ALL}'"
        )
    parent_name = parent_name or DEFAULT_PARENT
    path = root / FOLDER / f"{name}.yaml"
    shown = path.relative_to(root)
    if os.path.lexists(path):
        raise ScenarioError(f"{shown} is there already; nothing was written")
    parent = load_scenario(parent_name, root)
    if len(parent.chain) >= MOST_PARENTS:
        raise ScenarioError(f"{parent_name} is the last of {MOST_PARENTS} files in a chain, the most there can be")
    text = new_text(name, parent, read_world(root / WORLDS / parent.world))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ScenarioError(f"{shown} is there already; nothing was written") from None
    except OSError as fault:
        raise SimError(f"{shown} cannot be written: {fault.strerror}") from fault
    load_scenario(name, root)
    return (
        f"written: {shown}, which extends {parent_name} and changes nothing yet.\n"
        "Replace its title and question and state what differs; what stands behind a # shows how. Then:\n"
        f"  make validate SCENARIO={name}\n"
        f"  make diff A={parent_name} B={name}\n"
        f"  make run SCENARIO={name}"
    )
