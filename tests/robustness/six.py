"""A small project for campaigns: the shipped scenarios cut down to a world of six regions, and one of every measure."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from sim.errors import SimError
from sim.inputs.resolve import load_scenario
from sim.new_world import new_world
from tests.robustness.tree import Items, Mapping, Scalar, Tree, read_tree, written

ROOT = Path(__file__).parents[2]
WORLD = "metals_2024"
REGIONS = ("US", "China", "Russia", "Ukraine", "EU", "Rest_of_World")
FIRST, LAST = 2025, 2028  # years of the small project: two are solved, all of them in a full run
_REGION_KEYS = ("origin", "destination", "region", "except", "holder", "buyers", "rent_to", "transfers_to")

INVENTED = "nickel_2024"  # the world that `make new-world` writes: two stages, here with a sixth region
TINY_FOLDER = "tiny_"  # begins the names of the scenarios about it

TINY_FILES = ROOT / "tests" / "data" / "robustness"


def small_project(root: Path, *, shipped: bool = True) -> Path:
    """Write the project to an empty folder: scenarios that load, results that are empty."""
    (root / "scenarios" / "mixins").mkdir(parents=True)
    (root / "scenarios" / "worlds").mkdir()
    (root / "results").mkdir()
    if shipped:
        _shipped(root)
    _tiny(root)
    return root


def _shipped(root: Path) -> None:
    """Write the shipped scenarios and their world, cut down."""
    folder = root / "scenarios"
    world = folder / "worlds" / WORLD
    shutil.copytree(ROOT / "scenarios" / "worlds" / WORLD, world)
    (world / "world.yaml").write_text(_six_regions(), encoding="utf-8")
    known = {*REGIONS, *_groups()}
    for path in sorted((ROOT / "scenarios").glob("*.yaml")) + sorted((ROOT / "scenarios" / "mixins").glob("*.yaml")):
        tree = _without_others(read_tree(path), _all_regions() - known)
        assert isinstance(tree, Mapping)
        if path.stem == "baseline":
            years = Mapping([("first", Scalar(str(FIRST))), ("last", Scalar(str(LAST)))])
            tree.entries = [(key, years if key == "years" else value) for key, value in tree.entries]
        elif (stated := tree.get("years")) is not None:
            tree.drop("years")
            assert isinstance(stated, Mapping)
        (folder / path.relative_to(ROOT / "scenarios")).write_text(written(tree), encoding="utf-8")
    _mend(root)


def _tiny(root: Path) -> None:
    """Write the invented world, both of its stages, and scenarios about it."""
    new_world(root, INVENTED)
    folder = root / "scenarios"
    world = folder / "worlds" / INVENTED
    for path in (world / "world.yaml", folder / f"{INVENTED}_baseline.yaml"):
        text = re.sub(r"^#(?! \S)", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        text = text.replace("  Japan: {", "  Russia: {label: Russia, countries: [RUS]}\n  Japan: {")
        years = f"years: {{first: {FIRST}, last: {LAST}, focus: {LAST}}}"
        text = re.sub(r"^years: .*$", years, text, flags=re.MULTILINE)
        text = re.sub(r"^# yaml-language-server.*\n", "", text)
        if path.parent == folder:
            text += "switches:\n  us_duty: {state: on, meaning: The duty, source: invented}\n"
        path.write_text(text, encoding="utf-8")
    with (world / f"{INVENTED[:6]}_production.csv").open("a", encoding="utf-8") as stream:
        stream.write("RUS,100,invented,120,invented,Invented\n")
    with (world / f"{INVENTED[:6]}_trade.csv").open("a", encoding="utf-8") as stream:
        stream.write("RUS,DEU,30,300000,invented\nRUS,CHN,20,200000,invented\n")
    with (world / f"{INVENTED[:6]}_ore_production.csv").open("a", encoding="utf-8") as stream:
        stream.write("RUS,130,invented,150,invented,Invented\n")
    shutil.copytree(TINY_FILES, folder, dirs_exist_ok=True)


def _world_tree() -> Mapping:
    tree = read_tree(ROOT / "scenarios" / "worlds" / WORLD / "world.yaml")
    assert isinstance(tree, Mapping)
    return tree


def _section(name: str) -> Mapping:
    section = _world_tree().get(name)
    assert isinstance(section, Mapping)
    return section


def _all_regions() -> set[str]:
    return {name for name, _ in _section("regions").entries} | {name for name, _ in _section("groups").entries}


def _groups() -> dict[str, list[str]]:
    found = {}
    for name, members in _section("groups").entries:
        assert isinstance(members, Items)
        inside = [item.text for item in members.items if isinstance(item, Scalar) and item.text in REGIONS]
        if inside:
            found[name] = inside
    return found


def _six_regions() -> str:
    """world.yaml with the regions that stay; Estonia belongs to the EU, all others to the rest."""
    tree = _world_tree()
    regions: list[tuple[str, Tree]] = []
    for name, region in _section("regions").entries:
        if name in REGIONS:
            if name == "EU":
                assert isinstance(region, Mapping)
                countries = region.get("countries")
                assert isinstance(countries, Items)
                countries.items.append(Scalar("EST"))
            regions.append((name, region))
    groups = Mapping([(name, Items([Scalar(member) for member in members])) for name, members in _groups().items()])
    changed = {"regions": Mapping(regions), "groups": groups}
    return written(Mapping([(key, changed.get(key, value)) for key, value in tree.entries]))


def _without_others(tree: Tree, others: Iterable[str]) -> Tree | None:
    """The tree less what is about other regions; None where nothing is left."""
    gone = set(others)
    if isinstance(tree, Scalar):
        return tree
    if isinstance(tree, Items):
        kept = [item for item in tree.items if not (isinstance(item, Scalar) and item.text in gone)]
        return Items(kept) if kept else None
    entries = []
    for key, value in tree.entries:
        if key in gone or (key in _REGION_KEYS and isinstance(value, Scalar) and value.text in gone):
            if key in _REGION_KEYS:
                return None  # a measure about another region
            continue
        inner = _without_others(value, gone)
        if inner is not None:
            entries.append((key, inner))
        elif key in _REGION_KEYS and key != "except":
            return None
    return Mapping(entries) if entries or not tree.entries else None


def _mend(root: Path) -> None:
    """Take away, measure by measure, what has lost its sense with six regions; scenarios beyond help go."""
    folder = root / "scenarios"
    for path in sorted(folder.glob("*.yaml")):
        for _ in range(200):
            try:
                load_scenario(path.stem, root)
                break
            except SimError as error:
                if not _mended(root, str(error)):
                    path.unlink()
                    break
        else:
            path.unlink()


def _mended(root: Path, message: str) -> bool:
    """Take away the entries that the faults are about; False where they are about none."""
    done = False
    for line in message.splitlines():
        parts = line.split(": ")
        if line.startswith(" ") or len(parts) < 2:
            continue
        place, steps = parts[0].split(":"), parts[1].split(".")
        if len(steps) < 2 or steps[0] not in ("measures", "parameters", "switches"):
            continue
        path = root / place[0]
        tree = read_tree(path) if path.is_file() else None
        section = tree.get(steps[0]) if isinstance(tree, Mapping) else None
        for step in steps[1 : 2 if steps[0] != "parameters" else -1]:
            if steps[0] == "parameters" and isinstance(section, Mapping):
                section = section.get(step)
        last = steps[1] if steps[0] != "parameters" else steps[-1]
        if isinstance(section, Mapping) and section.get(last) is not None and tree is not None:
            section.drop(last)
            path.write_text(written(tree), encoding="utf-8")
            done = True
    return done
