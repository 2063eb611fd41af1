"""Commands that are killed, starved and disturbed: what they leave behind, and what the same command makes of it.

Each command runs in a process of its own that is forked from this one, so that two hundred of them take minutes.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sim import again, aim, app, cli, history  # noqa: F401 - loaded once, before the forks
from sim.output.folder import fault_of, is_complete
from sim.output.plots import gallery  # noqa: F401 - the same
from tests.robustness.places import quick_place
from tests.robustness.six import small_project

ROOT = Path(__file__).parents[2]
NOBODY = 65534
TRIES = 8  # to kill a command before it ends
WHILE_WRITING = 0.6  # of the kills
A_FILE = 0.004  # seconds: about what it takes to write one

_REMEMBERED = (  # a program of its own, where the start counts: variables of the environment
    "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); from sim import cli; "
    "cli.ROOT = Path(sys.argv[2]); sys.exit(cli.main(sys.argv[3:]))"
)


@dataclass(frozen=True)
class Command:
    """A command that writes a folder of results: its words, and the folder below results/."""

    words: tuple[str, ...]
    folder: str


# what is killed, by its name; another command is another line
COMMANDS = {
    "run": Command(("run", "--scenario", "tiny_offer", "--draws", "6", "--no-figures"), "tiny_offer"),
    "run with figures": Command(("run", "--scenario", "tiny_shapes", "--draws", "2"), "tiny_shapes"),
}
SHARES = {"run": 0.9, "run with figures": 0.1}  # of the kills


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said on its error stream."""

    code: int
    told: str


@dataclass(frozen=True)
class Found:
    """One thing that was tried, and what should not have happened."""

    what: str
    outcome: str
    fault: str = ""


class Project:
    """The small project, with the result of every command as it is when nothing disturbs it."""

    def __init__(self, root: Path, names: Sequence[str]) -> None:
        self.root = small_project(root, shipped=False)
        self.whole: dict[str, dict[str, bytes]] = {}
        self.seconds: dict[str, float] = {}
        for name in names:
            for _ in range(2):  # the first one also fills the cache
                begun = time.monotonic()
                ended = self.ended(self.start(COMMANDS[name].words))
                self.seconds[name] = time.monotonic() - begun
                if ended.code != 0:
                    raise RuntimeError(f"{name}: exit code {ended.code}: {ended.told}")
            self.whole[name] = contents(self.folder(name))
            shutil.rmtree(self.folder(name))

    def folder(self, name: str) -> Path:
        """Where a command writes."""
        return self.root / "results" / COMMANDS[name].folder

    def start(self, words: Sequence[str], before: Callable[[], object] | None = None) -> int:
        """Fork a process that runs a command, after ``before``; its number."""
        sys.stdout.flush()
        sys.stderr.flush()
        with warnings.catch_warnings():
            # threads of others do not count here: what is forked loads nothing and ends without them
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
        if process:
            return process
        code = 99
        try:
            with (self.root / f"said_{os.getpid()}").open("w") as said:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                os.dup2(said.fileno(), 2)
            sys.stderr = os.fdopen(2, "w", closefd=False)
            sys.stdout = os.fdopen(1, "w", closefd=False)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            cli.ROOT = self.root
            if before is not None:
                before()
            code = cli.main(list(words))
            sys.stderr.flush()
        finally:
            os._exit(code)

    def ended(self, process: int) -> Ended:
        """Wait for a process."""
        _, status = os.waitpid(process, 0)
        said = self.root / f"said_{process}"
        told = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
        said.unlink(missing_ok=True)
        return Ended(os.waitstatus_to_exitcode(status), told)

    def made_again(self, name: str) -> str:
        """What is wrong with the result of the same command, run again without being disturbed."""
        ended = self.ended(self.start(COMMANDS[name].words))
        if ended.code != 0:
            return f"run again: exit code {ended.code}: {ended.told}"
        return differing(self.folder(name), self.whole[name])


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def differing(folder: Path, whole: dict[str, bytes]) -> str:
    """Which files are not those of an undisturbed run."""
    found = contents(folder)
    names = [name for name in sorted({*found, *whole}) if found.get(name) != whole.get(name)]
    return f"other bytes than an undisturbed run: {', '.join(names)}" if names else ""


# ---- kills


def killed(project: Project, name: str, seed: int) -> Found:
    """Kill a command at a moment of the seed, more often than not while it writes, and run it again.

    Before, the folder is empty or holds a result of another seed, which the command is about to replace. A command that
    has ended before it could be killed does not count: it is begun again and killed earlier.
    """
    rng = random.Random(f"kill {name} {seed}")  # noqa: S311 - nothing is kept secret with it
    folder = project.folder(name)
    for attempt in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if rng.random() < 0.5:
            project.ended(project.start([*COMMANDS[name].words, "--seed", "9"]))
        old = contents(folder) if folder.exists() else None
        process = project.start(COMMANDS[name].words)
        if rng.random() < WHILE_WRITING:
            _wait_for(process, folder, rng.randrange(len(project.whole[name])) >> attempt)
            time.sleep(rng.random() * A_FILE)
        else:
            time.sleep(rng.random() * project.seconds[name] / 2**attempt)
        if _alive(process):
            os.kill(process, rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)))
            project.ended(process)
            outcome, fault = _left(folder, old, project.whole[name])
            other = project.made_again(name)
            shutil.rmtree(folder, ignore_errors=True)
            return Found("kill", outcome, "; ".join(part for part in (fault, other) if part))
        project.ended(process)
    return Found("kill", "had always ended before")


def _wait_for(process: int, folder: Path, files: int) -> None:
    """Wait until a command has begun to write its ``files``-th file, by its journal, or has ended."""
    journal = folder / ".written"
    while _alive(process):
        try:
            if journal.read_bytes().count(b"\n") > files:
                return
        except OSError:
            pass  # not there yet
        time.sleep(A_FILE / 10)


def _alive(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def _left(folder: Path, old: dict[str, bytes] | None, whole: dict[str, bytes]) -> tuple[str, str]:
    """What a killed process left, and what it should not have."""
    if not folder.exists():
        return "no folder", ""
    if not is_complete(folder):
        return "unfinished, and says so", "" if "manifest" in str(fault_of(folder)) else str(fault_of(folder))
    # the lock, the journal and what had a temporary name count as nothing: the next run takes them over
    found = {name: content for name, content in contents(folder).items() if not Path(name).name.startswith(".")}
    if found == whole:
        return "whole: killed after the end", ""
    if old is not None and found == old:
        return "the earlier result, whole", ""
    return "BROKEN", "passes for complete and is neither the old nor the new result"


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
    results, found = project.root / "results", []
    for part in (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97):
        size = max(4096, int(part * need) // 4096 * 4096)
        with small_disk(results, size):
            ended = project.ended(project.start(COMMANDS[name].words))
            fault = refused(ended, "No space left on device")
            if project.folder(name).exists() and is_complete(project.folder(name)):
                fault = "a whole result on a full disk"
            _mounted("-o", f"remount,size={4 * need + 2**20}", str(results))
            fault = fault or project.made_again(name)
        found.append(Found("full disk", "told in a sentence, and finished with more room", fault))
    return found


def forbidden(project: Project, name: str) -> list[Found]:
    """Folders that cannot be written: a read-only disk, and another user."""
    found = []
    with read_only(project.root / "results"):
        ended = project.ended(project.start(COMMANDS[name].words))
        found.append(Found("read-only results", "told in a sentence", refused(ended, "Read-only file system")))
    with read_only(project.root / "scenarios"):
        fault = project.made_again(name)
        found.append(Found("read-only scenarios", "the same bytes", fault))
    shutil.rmtree(project.root / ".cache", ignore_errors=True)
    (project.root / ".cache").mkdir()
    with read_only(project.root / ".cache"):
        fault = project.made_again(name)
        found.append(Found("read-only cache", "the same bytes", fault))
    shutil.rmtree(project.folder(name))

    def another_user() -> None:
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    ended = project.ended(project.start(COMMANDS[name].words, another_user))
    found.append(Found("results of another user", "told in a sentence", refused(ended, "Permission denied")))
    return found


def refused(ended: Ended, why: str) -> str:
    """What is wrong with a command that could not write."""
    if ended.code != 1:
        return f"exit code {ended.code}: {ended.told}"
    if why not in ended.told or "Traceback" in ended.told or len(ended.told.splitlines()) != 1:
        return f"not one sentence with {why!r}: {ended.told}"
    return ""


# ---- others, and the surroundings


def two_at_once(project: Project, name: str, seed: int) -> Found:
    """Two of the same command, the second a moment later: one result, whole."""
    first = project.start(COMMANDS[name].words)
    time.sleep(random.Random(f"two {seed}").random() * 0.3 * project.seconds[name])  # noqa: S311
    both = [project.ended(process) for process in (first, project.start(COMMANDS[name].words))]
    codes = sorted(ended.code for ended in both)
    busy = [ended.told for ended in both if ended.code == 1]
    fault = "" if codes in ([0, 0], [0, 1]) else f"exit codes {codes}: {both}"
    if any("being written by process" not in told for told in busy):
        fault = f"not told who is writing: {busy}"
    fault = fault or differing(project.folder(name), project.whole[name])
    shutil.rmtree(project.folder(name))
    return Found("two at once", "one after the other" if codes == [0, 0] else "the second is told who writes", fault)


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
        arguments = [sys.executable, "-c", _REMEMBERED, str(ROOT), str(project.root), *COMMANDS[name].words, *words]
        done = subprocess.run(arguments, env=os.environ | changes, capture_output=True, text=True, check=False)
        fault = f"exit code {done.returncode}: {done.stderr}" if done.returncode else ""
        found.append(Found(what, "the same bytes", fault or differing(project.folder(name), project.whole[name])))
        shutil.rmtree(project.folder(name), ignore_errors=True)
    for what, moment in (("clock of 1970", 0.0), ("clock of 2106", 4.3e9)):

        def other_clock(moment: float = moment) -> None:
            time.time = lambda: moment

        ended = project.ended(project.start(COMMANDS[name].words, other_clock))
        fault = f"exit code {ended.code}: {ended.told}" if ended.code else ""
        found.append(Found(what, "the same bytes", fault or differing(project.folder(name), project.whole[name])))
        shutil.rmtree(project.folder(name), ignore_errors=True)
    return found


# ---- all together


def campaign(kills: int, pairs: int, tell: Callable[[Found], None]) -> list[Found]:
    """Everything above; what cannot be tried on this machine is told as not run."""
    found: list[Found] = []
    root = Path(tempfile.mkdtemp(prefix="crash_", dir=quick_place()))
    try:
        project = Project(root, list(COMMANDS))
        todo: list[Callable[[], list[Found]]] = []
        for name, share in SHARES.items():
            todo += [lambda n=name, s=seed: [killed(project, n, s)] for seed in range(round(kills * share))]  # type: ignore[misc]
        todo += [lambda s=seed: [two_at_once(project, "run", s)] for seed in range(pairs)]  # type: ignore[misc]
        todo += [lambda: full_disks(project, "run"), lambda: forbidden(project, "run")]
        todo += [lambda: surrounded(project, "run with figures")]
        for each in todo:
            try:
                made = each()
            except PermissionError as error:
                made = [Found("disks and rights", f"not run: {error}")]
            for one in made:
                tell(one)
            found += made
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return found


def lines_of(found: Sequence[Found]) -> list[str]:
    """What a campaign found, as a table."""
    counted = Counter((each.what, each.outcome) for each in found)
    faults = Counter((each.what, each.outcome) for each in found if each.fault)
    rows = [f"| {what} | {outcome} | {n} | {faults[what, outcome]} |" for (what, outcome), n in counted.items()]
    return ["| disturbed by | outcome | times | faults |", "|---|---|---|---|", *rows]
