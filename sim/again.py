"""A result made again from what its folder holds, and laid beside it: is it the same, and if not, what differs?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.app import RESOLVED, RESOLVED_BASELINE, RESULTS, WORLDS, RunOptions, commit_of, run_pair
from sim.engine import engine_told
from sim.errors import DataError, ScenarioError
from sim.inputs.faults import known_or_nearest, shortened
from sim.inputs.resolved import read_resolved
from sim.output.compared import differences
from sim.output.folder import fault_of, others_in, remove_result
from sim.output.manifest import MANIFEST_NAME, read_manifest, sha256
from sim.records.sampling import MOST_DRAWS, MOST_SEED, PLAIN, SAMPLINGS
from sim.records.scenario import Scenario
from sim.study.progress import Report

PLACE = "_reproduce"
_FOLDERS = f"*/{MANIFEST_NAME}", f"_*/*/{MANIFEST_NAME}"


@dataclass(frozen=True, kw_only=True)
class Reproduced:
    """What came of it: what has changed around the result since, and how the one made again differs."""

    folder: Path
    again: Path | None  # where the other one is, if it differs
    files: int
    changed: tuple[str, ...]
    differences: tuple[str, ...]


def results(root: Path, version: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every result with a manifest, and what is to be known of it; nothing where it is whole and up to date."""
    return [(name, known_of(root, root / RESULTS / name, version)) for name in _names(root)]


def known_of(root: Path, folder: Path, version: str) -> tuple[str, ...]:
    """What makes a result incomplete, stale or foreign, in sentences."""
    fault = fault_of(folder)
    if fault:
        return (fault,)
    others = others_in(folder)
    foreign = (f"also holds what no run wrote: {', '.join(others)}",) if others else ()
    return (*_changed(root, read_manifest(folder), version), *foreign)


def reproduce(root: Path, run: str, jobs: int, version: str, width: int, report: Report) -> Reproduced:
    """Solve the stored scenario and baseline again and compare the hashes of all files.

    The copy stands in results/_reproduce/ and stays there where it differs.

    Raises ScenarioError where there is no such result, DataError where it cannot be made again from its folder.
    """
    folder = _folder(root, run)
    manifest = read_manifest(folder)
    options = _options(manifest, jobs)
    scenario, baseline = (_stored(folder, name, manifest["outputs"]) for name in (RESOLVED, RESOLVED_BASELINE))
    for each in (scenario, baseline):
        _check_files(root, each)
    again = root / RESULTS / PLACE / folder.name
    again.parent.mkdir(exist_ok=True)
    run_pair(root, scenario, baseline, again, options, list(manifest["command"]), version, width, report)
    made = read_manifest(again)
    told = differences(folder, manifest["outputs"], again, made["outputs"])
    damaged = fault_of(folder)
    changed = _changed(root, manifest, version)
    if not told:
        remove_result(again)
        if not any(again.parent.iterdir()):
            again.parent.rmdir()
    return Reproduced(
        folder=folder,
        again=again if told else None,
        files=len(made["outputs"]),
        changed=changed if damaged is None else (damaged, *changed),
        differences=tuple(told),
    )


def _names(root: Path) -> list[str]:
    place = root / RESULTS
    found = {path.parent.relative_to(place).as_posix() for glob in _FOLDERS for path in place.glob(glob)}
    inside = place.resolve()
    return sorted(name for name in found if (place / name).resolve().is_relative_to(inside))


def _folder(root: Path, run: str) -> Path:
    """The folder of a result by its name, with or without results/ before it."""
    name = run.strip().strip("/").removeprefix(f"{RESULTS}/")
    known = _names(root)
    if name not in known:
        raise ScenarioError(f"RUN: no result {shortened(run)} with a manifest{known_or_nearest(name, known)}")
    return root / RESULTS / name


def _options(manifest: Mapping[str, Any], jobs: int) -> RunOptions:
    """The options of the run, from the command in its manifest."""
    command = manifest.get("command")
    words = [str(word) for word in command] if isinstance(command, list) else []
    if words[:1] != ["run"]:
        raise DataError(f"made by {shortened(' '.join(words)) or 'nothing'}: only what `run` wrote can be made again")
    figures = "--no-figures" not in words
    named = _named([word for word in words[1:] if word not in ("--no-figures", "--excel")])
    draws, seed = (_whole(named.get(name, ""), most) for name, most in (("--draws", MOST_DRAWS), ("--seed", MOST_SEED)))
    sampling = named.get("--sampling", PLAIN)
    if draws is None or seed is None or sampling not in SAMPLINGS:
        raise DataError("the manifest tells no command that this version knows")
    return RunOptions(
        draws=draws,
        seed=seed,
        jobs=jobs,
        overrides="",  # already in the resolved scenario
        name="",
        figures=figures,
        sampling=sampling,
        excel="--excel" in words,
    )


def _named(words: Sequence[str]) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2], strict=False))


def _whole(text: str, most: int) -> int | None:
    known = re.fullmatch(r"[0-9]{1,19}", text, re.ASCII) is not None and int(text) <= most
    return int(text) if known else None


def _stored(folder: Path, name: str, outputs: Mapping[str, str]) -> Scenario:
    """A scenario that the folder holds, unchanged since the run."""
    if name not in outputs:
        raise DataError(f"{folder.name}: no {name}: made by a version that did not store it")
    fault = fault_of(folder, only=name)
    if fault:
        raise DataError(f"{fault}: it cannot be made again")
    return read_resolved(folder / name)


def _check_files(root: Path, scenario: Scenario) -> None:
    """The world and the files that a stored scenario names have to stand in the project."""
    missing = [name for name in (*scenario.files, f"{WORLDS}/{scenario.world}/world.yaml") if not _inside(root, name)]
    if missing:
        raise DataError(f"{scenario.name}: no file {', '.join(missing)} in the project any more")


def _inside(root: Path, name: str) -> bool:
    path = root / name
    return path.is_file() and path.resolve().is_relative_to((root / "scenarios").resolve())


def _changed(root: Path, manifest: Mapping[str, Any], version: str) -> tuple[str, ...]:
    """What is another one than when the result was made: program, commit, files."""
    told = []
    if manifest.get("version") != version:
        told.append(f"made by version {shortened(str(manifest.get('version')))}, this is {version}")
    if manifest.get("engine", engine_told()) != engine_told():  # a comparison solves nothing
        told.append(f"solved by {shortened(str(manifest['engine']))}, this is {engine_told()}")
    commit = commit_of(root)
    if commit and manifest.get("commit") != commit:
        told.append(f"made at commit {shortened(str(manifest.get('commit')))}, this is {commit}")
    inputs = manifest.get("inputs")
    for name, expected in sorted(inputs.items()) if isinstance(inputs, dict) else ():
        if not _inside(root, name):
            told.append(f"{shortened(name)}: gone since")
        elif sha256((root / name).read_bytes()) != expected:
            told.append(f"{name}: changed since")
    return tuple(told)
