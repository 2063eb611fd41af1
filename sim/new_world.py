"""The command for people who add a metal: a folder of statistics and a baseline to start from."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from sim.app import WORLDS
from sim.errors import ScenarioError, SimError
from sim.inputs.chain import FOLDER, is_own_name
from sim.inputs.faults import shortened
from sim.inputs.world_schema import FIRST_YEAR, LAST_YEAR

STARTING_FILES = Path(__file__).parent / "starting_world"
BASELINE = "baseline.yaml"
COMMON = ("world.yaml", "sources.yaml", "countries.csv")  # all other files are tables and begin with the good's name

LONGEST = 36  # characters: with _ore behind it the name still fits where names of goods stand
DEFAULT_YEAR = 2024  # of the world that is shipped
LAST_AFTER, FOCUS_AFTER = 10, 6  # years after the base year: as far as announced projects reach, and their middle
# what YAML, or a place in the files where a good may stand, takes for something else
RESERVED = ("all", "all_foreign", "default", "false", "no", "null", "off", "on", "remainder", "true", "world", "yes")

_DATED = re.compile(r"(?P<good>[a-z][a-z0-9_]*?)_(?P<year>[0-9]{4})")


def new_world(root: Path, name: str) -> str:
    """Write scenarios/worlds/<name>/ and scenarios/<name>_baseline.yaml and say what comes next.

    A name that ends in a year, as in copper_2023, gives the base year; the rest of it names the good. Nothing that
    exists is touched, and nothing is left behind where not all can be written.

    Raises
    ------
    ScenarioError
        Where the name cannot be one, or the folder or the file is there already.
    SimError
        Where a file cannot be written.
    """
    _check(name)
    good, year = _good_and_year(name)
    folder = root / WORLDS / name
    baseline = root / FOLDER / f"{name}_{BASELINE}"
    for path in (folder, baseline):
        if os.path.lexists(path):
            raise ScenarioError(f"{path.relative_to(root)} is there already; nothing was written")
    for above in (folder.parent, baseline.parent):
        if not above.is_dir() or not above.resolve().is_relative_to(root.resolve()):
            raise ScenarioError(f"{above.relative_to(root)} is no folder of this project; nothing was written")
    texts = {
        folder / (path.name if path.name in COMMON else f"{good}_{path.name}"): _filled(path, name, good, year)
        for path in sorted(STARTING_FILES.iterdir())
        if path.suffix in (".yaml", ".csv") and path.name != BASELINE
    }
    texts[baseline] = _filled(STARTING_FILES / BASELINE, name, good, year)
    _write(root, folder, texts)
    return (
        f"written: {folder.relative_to(root)}/ ({len(texts) - 1} files) and {baseline.relative_to(root)}.\n"
        f"The good is called {good}, the base year is {year}. Every figure is invented: replace them, with their\n"
        "sources, as docs/new_metal.md says. The files work as they stand:\n"
        f"  make world WORLD={name}\n"
        f"  make validate SCENARIO={name}_baseline\n"
        f"  make run SCENARIO={name}_baseline DRAWS=16"
    )


def _check(name: str) -> None:
    if not is_own_name(name) or len(name) > LONGEST or {name, _good_and_year(name)[0]} & set(RESERVED):
        raise ScenarioError(
            f"WORLD={shortened(name)!r}: a world is named with small letters, digits and _, beginning with a letter, "
            f"at most {LONGEST}, and not {', '.join(RESERVED)}; e.g. copper, or copper_2023 for a base year"
        )


def _good_and_year(name: str) -> tuple[str, int]:
    dated = _DATED.fullmatch(name)
    if dated and FIRST_YEAR <= int(dated["year"]) <= LAST_YEAR:
        return dated["good"], int(dated["year"])
    return name, DEFAULT_YEAR


def _filled(path: Path, name: str, good: str, year: int) -> str:
    """A starting file with the names and years of the new world."""
    words = {
        "MY_WORLD": name,
        "MY_METAL": good,
        "MY_LABEL": good.replace("_", " ").capitalize(),
        "BASE_YEAR": str(year),
        "FIRST_YEAR": str(year + 1),
        "LAST_YEAR": str(year + LAST_AFTER),
        "FOCUS_YEAR": str(year + FOCUS_AFTER),
    }
    return re.sub("|".join(words), lambda found: words[found[0]], path.read_text(encoding="utf-8"))


def _write(root: Path, folder: Path, texts: dict[Path, str]) -> None:
    """All files or none; the folder must be new."""
    begun: list[Path] = []
    path = folder
    try:
        folder.mkdir()
        begun.append(folder)
        for path, text in texts.items():
            with path.open("x", encoding="utf-8") as file:
                begun.append(path)
                file.write(text)
    except OSError as fault:
        for written in begun:
            if written == folder:
                shutil.rmtree(folder, ignore_errors=True)
            else:
                written.unlink(missing_ok=True)
        shown = path.relative_to(root)
        if isinstance(fault, FileExistsError):
            raise ScenarioError(f"{shown} is there already; nothing was written") from None
        raise SimError(f"{shown} cannot be written: {fault.strerror}; nothing was kept") from fault
