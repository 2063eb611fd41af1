"""Commands killed, starved of room and rights, met by others, and run in other surroundings: all of it together."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sim.output.folder import is_complete
from tests.robustness.commands import COMMANDS, Ended, Found, Project, contents, differing
from tests.robustness.kills import KILL, LATE, SHARES, kills
from tests.robustness.places import quick_place

ROOT = Path(__file__).parents[2]
NOBODY = 65534

_REMEMBERED = (  # a program of its own, where the start counts: variables of the environment
    "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); from sim import cli; "
    "cli.ROOT = Path(sys.argv[2]); sys.exit(cli.main(sys.argv[3:]))"
)


# ---- disks and rights


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[None]:
    """A disk of so many bytes at an empty folder; PermissionError where one may not mount."""
    _mounted("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place))
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """A folder that nobody may write to, not even root."""
    _mounted("--bind", str(place), str(place))
    try:
        _mounted("-o", "remount,ro,bind", str(place))
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _mounted(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PermissionError(done.stderr.strip())


def full_disks(project: Project, name: str) -> list[Found]:
    """A disk that fills up at different files, and is then made larger."""
    need = sum(len(content) for content in project.whole[name].values())
    folder, found = project.folder(name), []
    results = folder.parent
    for part in (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97):
        size = max(4096, int(part * need) // 4096 * 4096)
        with small_disk(results, size):
            ended = project.ended(project.start(COMMANDS[name].words))
            fault = refused(ended, "No space left on device", folder)
            if folder.exists() and is_complete(folder):
                fault = "a whole result on a full disk"
            _mounted("-o", f"remount,size={4 * need + 2**20}", str(results))
            fault = fault or project.made_again(name)
        found.append(Found("full disk", name, "told in a sentence, and finished with more room", fault))
    return found


def forbidden(project: Project, name: str) -> list[Found]:
    """Folders that cannot be written: a read-only disk, and another user."""
    found, folder = [], project.folder(name)
    project.begin(name, earlier=False)
    with read_only(folder.parent):
        ended = project.ended(project.start(COMMANDS[name].words))
        found.append(
            Found("read-only results", name, "told in a sentence", refused(ended, "Read-only file system", folder))
        )
    with read_only(project.root / "scenarios"):
        fault = project.made_again(name)
        found.append(Found("read-only scenarios", name, "the same bytes", fault))
    project.begin(name, earlier=False)
    shutil.rmtree(project.root / ".cache", ignore_errors=True)
    (project.root / ".cache").mkdir()
    with read_only(project.root / ".cache"):
        fault = project.made_again(name)
        found.append(Found("read-only cache", name, "the same bytes", fault))
    project.begin(name, earlier=False)

    def another_user() -> None:
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    ended = project.ended(project.start(COMMANDS[name].words, another_user))
    found.append(
        Found("results of another user", name, "told in a sentence", refused(ended, "Permission denied", folder))
    )
    return found


def refused(ended: Ended, why: str, where: Path) -> str:
    """What is wrong with a command that could not write: it has to say why, and where."""
    if ended.code != 1:
        return f"exit code {ended.code}: {ended.told}"
    said = [line for line in ended.told.splitlines() if "% done" not in line]  # a slow machine is told how far it is
    if len(said) != 1 or why not in said[0] or str(where) not in said[0]:
        return f"not one sentence with {why!r} and {where}: {ended.told}"
    return ""


# ---- others, and the surroundings


def two_at_once(project: Project, name: str, seed: int) -> Found:
    """Two of the same command, the second a moment later: one result, whole."""
    project.begin(name, earlier=False)
    first = project.start(COMMANDS[name].words)
    time.sleep(random.Random(f"two {seed}").random() * 0.3 * project.seconds[name])  # noqa: S311
    both = [project.ended(process) for process in (first, project.start(COMMANDS[name].words))]
    codes = sorted(ended.code for ended in both)
    busy = [ended.told for ended in both if ended.code == 1]
    fault = "" if codes in ([0, 0], [0, 1]) else f"exit codes {codes}: {both}"
    if any("being written by process" not in told for told in busy):
        fault = f"not told who is writing: {busy}"
    fault = fault or differing(contents(project.folder(name)), project.whole[name])
    return Found(
        "two at once", name, "one after the other" if codes == [0, 0] else "the second is told who writes", fault
    )


SURROUNDINGS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "locale C, one job": ({"LC_ALL": "C", "LANG": "C"}, ("--jobs", "1")),
    "Turkish locale, three jobs": ({"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}, ("--jobs", "3")),
    "German locale, clock of Kathmandu": ({"LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Kathmandu"}, ()),
    "four threads of the linear algebra": ({"OPENBLAS_NUM_THREADS": "4", "OMP_NUM_THREADS": "4"}, ("--jobs", "2")),
    "another order of hashes": ({"PYTHONHASHSEED": "4711"}, ()),
    "ASCII terminal": ({"PYTHONIOENCODING": "ascii", "COLUMNS": "20"}, ()),
}


def surrounded(project: Project, name: str) -> list[Found]:
    """The same command under other locales, clocks, threads: the same bytes."""
    found = []
    for what, (changes, words) in SURROUNDINGS.items():
        project.begin(name, earlier=False)
        arguments = [sys.executable, "-c", _REMEMBERED, str(ROOT), str(project.root), *COMMANDS[name].words, *words]
        done = subprocess.run(arguments, env=os.environ | changes, capture_output=True, text=True, check=False)
        fault = f"exit code {done.returncode}: {done.stderr}" if done.returncode else ""
        fault = fault or differing(contents(project.folder(name)), project.whole[name])
        found.append(Found(what, name, "the same bytes", fault))
    for what, moment in (("clock of 1970", 0.0), ("clock of 2106", 4.3e9)):

        def other_clock(moment: float = moment) -> None:
            time.time = lambda: moment

        project.begin(name, earlier=False)
        ended = project.ended(project.start(COMMANDS[name].words, other_clock))
        fault = f"exit code {ended.code}: {ended.told}" if ended.code else ""
        fault = fault or differing(contents(project.folder(name)), project.whole[name])
        found.append(Found(what, name, "the same bytes", fault))
    return found


# ---- all together


def campaign(
    wanted: int, pairs: int, tell: Callable[[Found], None], keep: Callable[[Sequence[Found]], None]
) -> list[Found]:
    """Everything above, ``wanted`` kills first; what cannot be tried on this machine is told as not run.

    ``tell`` hears of each, ``keep`` of all so far whenever a lot is done: a campaign that is broken off is not lost.
    """
    root = Path(tempfile.mkdtemp(prefix="crash_", dir=quick_place()))
    root.chmod(0o755)  # another user shall be able to read, and fail only where he writes
    try:
        project = Project(root, list(COMMANDS))
        found: list[Found] = []
        for name, share in SHARES.items():
            found += kills(project, name, round(wanted * share), tell)
            keep(found)
        todo: list[Callable[[], list[Found]]] = []
        for name in ("run", "sweep", "compare"):
            todo += [lambda n=name, s=seed: [two_at_once(project, n, s)] for seed in range(pairs)]  # type: ignore[misc]
            todo += [lambda n=name: full_disks(project, n), lambda n=name: forbidden(project, n)]  # type: ignore[misc]
        todo += [lambda n=name: surrounded(project, n) for name in ("run with figures", "sweep")]  # type: ignore[misc]
        for each in todo:
            try:
                made = each()
            except PermissionError as error:
                made = [Found("disks and rights", "any", f"not run: {error}")]
            for one in made:
                tell(one)
            found += made
            keep(found)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return found


def lines_of(found: Sequence[Found]) -> list[str]:
    """What a campaign found: how many kills hit, and a table."""
    hit = Counter(each.command for each in found if each.what == KILL and each.outcome != LATE)
    late = sum(each.outcome == LATE for each in found)
    shares = ", ".join(f"{n} of `{name}`" for name, n in hit.items())
    counted = Counter((each.what, each.command, each.outcome) for each in found)
    faults = Counter((each.what, each.command, each.outcome) for each in found if each.fault)
    rows = [f"| {' | '.join(key)} | {n} | {faults[key]} |" for key, n in counted.items()]
    return [
        f"Killed while they lived: {hit.total()} commands, {shares}. {late} more had ended before the kill came.",
        "",
        "| disturbed by | command | outcome | times | faults |",
        "|---|---|---|---|---|",
        *rows,
    ]
