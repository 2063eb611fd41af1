"""Commands killed at random moments: what they leave behind, and what the same command makes of it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from sim.output.folder import fault_of
from sim.output.parts import PREFIX
from tests.robustness.commands import COMMANDS, NOT_BEGUN, Ended, Found, Project, contents, differing

SHARES = {  # of the kills; figures take long to draw, and processes to start
    "run": 0.36,
    "run with figures": 0.03,
    "sweep": 0.33,
    "sweep on two cores": 0.03,
    "compare": 0.22,
    "compare with figures": 0.03,
}
KILL, LATE = "kill", "had ended before the kill: does not count"
WHILE_WRITING = 0.6  # of the kills
OVER_EARLIER = 0.5  # of the kills
WITHOUT_CACHE = 0.1  # of the kills
A_FILE = 0.004  # seconds: about what it takes to write one
MOST = 20  # kills tried for one that counts

_MANIFEST, _JOURNAL = "manifest.json", ".written"
_SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
_INTERRUPTED = 130  # exit code of a command that was told to stop


def kills(project: Project, name: str, wanted: int, tell: Callable[[Found], None]) -> list[Found]:
    """Kill a command, seed after seed, until ``wanted`` kills have hit a live process."""
    found: list[Found] = []
    for seed in count():
        if sum(each.outcome != LATE for each in found) == wanted:
            return found
        if seed == MOST * wanted:
            raise RuntimeError(f"{name}: too few of {seed} kills came in time")
        found.append(killed(project, name, seed))
        tell(found[-1])
    return found


def killed(project: Project, name: str, seed: int) -> Found:
    """Kill a command at a moment of the seed, more often than not while it writes, and run it again.

    Before, its folder is empty or holds a result of another seed, which the command is about to replace. A kill counts
    where the command ended by it.
    """
    rng = random.Random(f"kill {name} {seed}")  # noqa: S311 - nothing is kept secret with it
    folder, whole = project.folder(name), project.whole[name]
    earlier = project.earlier[name] if rng.random() < OVER_EARLIER else None
    project.begin(name, earlier=earlier is not None)
    if rng.random() < WITHOUT_CACHE:
        shutil.rmtree(project.root / ".cache", ignore_errors=True)  # a comparison does without
    process = project.start(COMMANDS[name].words)
    if rng.random() < WHILE_WRITING:
        _wait_for(process, folder, rng.randrange(len(whole)), earlier, whole)
        time.sleep(rng.random() * A_FILE)
    else:
        time.sleep(rng.random() * project.seconds[name])
    by = rng.choice(_SIGNALS)
    os.kill(process, by)  # nobody has waited for it, so the number is still its own
    ended = project.ended(process)
    if ended.code in (0, NOT_BEGUN):
        fault = differing(contents(folder), whole) if ended.code == 0 else ""
        return Found(KILL, name, LATE, fault)
    outcome, fault = left(folder, earlier, whole)
    parts = _parts(folder, whole)
    again = project.made_again(name)
    anew = [part for part, written in parts.items() if _parts(folder, whole).get(part) != written]
    faults = (fault, _farewell(ended, by), again, f"solved again: {', '.join(anew)}" if anew else "")
    shutil.rmtree(folder, ignore_errors=True)
    told = "; ".join(filter(None, faults))
    return Found(KILL, name, outcome, told and f"seed {seed}: {told}")


def _wait_for(
    process: int, folder: Path, steps: int, earlier: dict[str, bytes] | None, whole: dict[str, bytes]
) -> None:
    """Wait until a command has done more than so many steps of its writing, or has ended.

    A step is a part that is kept, the beginning of the result, and each file that its journal tells of.
    """
    journal = folder / _JOURNAL
    known = len(_visible(earlier)) - 1 if earlier else 0  # the journal begins with what is to be replaced
    while _alive(process):
        done = len(_parts(folder, whole))
        with suppress(OSError):  # not there yet
            done += 1 + max(journal.read_bytes().count(b"\n") - known, 0)
        if done > steps:
            return
        time.sleep(A_FILE / 10)


def _alive(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def _parts(folder: Path, whole: dict[str, bytes]) -> dict[str, int]:
    """The parts of a sweep that are there, and when each was written."""
    named = [name for name in whole if name.startswith(PREFIX)]
    return {name: (folder / name).stat().st_mtime_ns for name in named if (folder / name).exists()}


def _visible(found: dict[str, bytes]) -> dict[str, bytes]:
    """What makes a result: the lock, the journal, temporary names and parts are taken over or away by the next run."""
    return {
        name: content
        for name, content in found.items()
        if not Path(name).name.startswith(".") and not name.startswith(PREFIX)
    }


def left(folder: Path, earlier: dict[str, bytes] | None, whole: dict[str, bytes]) -> tuple[str, str]:
    """What a killed process left, and what it should not have.

    Whatever has a manifest, sound or not, has to be the old or the new result to the byte; what the program itself
    takes for complete is held against that.
    """
    if not folder.exists():
        return "no folder", ""
    found = contents(folder)
    half = [
        name for name, content in found.items() if name in whole and name.startswith(PREFIX) and content != whole[name]
    ]
    fault = f"parts that are not whole: {', '.join(half)}" if half else ""
    kept = ", parts kept" if _parts(folder, whole) else ""
    there, told = _visible(found), fault_of(folder)
    if _MANIFEST not in there:
        says = told is not None and f"no {_MANIFEST}" in told
        return f"unfinished, and says so{kept}", fault or ("" if says else f"unfinished, and the program says {told!r}")
    for what, result in ((f"the earlier result, whole{kept}", earlier), ("the new result, whole", whole)):
        if result is not None and there == _visible(result):
            return what, fault or ("" if told is None else f"whole, and the program says {told!r}")
    than = [
        f"{what}: {differing(there, _visible(result))}" for what, result in (("new", whole), ("old", earlier or {}))
    ]
    return "BROKEN", f"passes for complete and is neither the old nor the new result ({'; '.join(than)})"


def _farewell(ended: Ended, by: signal.Signals) -> str:
    """What is wrong with how a command ended by a signal."""
    wanted = (_INTERRUPTED,) if by == signal.SIGINT else (-by,)
    if ended.code not in wanted or "Traceback" in ended.told or "Exception" in ended.told:
        return f"exit code {ended.code} after {by.name}: {ended.told}"
    return ""
