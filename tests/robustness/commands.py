"""Commands that campaigns disturb, in a small project, with what each leaves when nothing disturbs it.

Each command runs in a process of its own that is forked from this one, so that two hundred of them take minutes.
"""

from __future__ import annotations

import encodings.cp437  # noqa: F401 - names in archives; another user may not be able to load it
import os
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim import again, aim, app, cli, history, look, sweeping  # noqa: F401 - loaded once, before the forks
from sim.engine import engine_told, load
from sim.output.page import compare, run  # noqa: F401 - the same
from sim.output.plots import gallery, sharing  # noqa: F401 - the same
from tests.robustness.six import small_project

# as above: another user may not be able to read where the engine lies, and what tells its version
load()
engine_told()

EARLIER = "earlier"  # folder of results that commands are about to replace
NOT_BEGUN, RAISED = 99, 98  # exit codes of a process whose command had not begun, or let an exception through

_OTHER = ("--seed", "9")  # makes a result with other bytes
_PLAIN = "--no-figures"
_PAIR = tuple(
    ("run", "--scenario", each, "--draws", "4", _PLAIN, "--name", "beside")
    for each in ("tiny_offer", "tiny_every_measure")
)
_COMPARE = ("compare", "--scenarios", "tiny_offer@beside tiny_every_measure@beside")
_COMPARED = "_compare/tiny_offer@beside+tiny_every_measure@beside"
_SWEEP = ("sweep", "--sweep", "tiny_points", "--part", "2", _PLAIN)


@dataclass(frozen=True)
class Command:
    """A command that writes a folder of results.

    ``words`` are what is typed, ``folder`` is below results/, ``earlier`` the words that fill it otherwise, and
    ``needs`` are commands that have to run before.
    """

    words: tuple[str, ...]
    folder: str
    earlier: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...] = ()


def _seeded(words: tuple[str, ...], folder: str) -> Command:
    return Command(words, folder, (*words, *_OTHER))


# what is disturbed, by its name; another command is another line
COMMANDS = {
    "run": _seeded(("run", "--scenario", "tiny_offer", "--draws", "6", _PLAIN), "tiny_offer"),
    "run with figures": _seeded(("run", "--scenario", "tiny_shapes", "--draws", "2"), "tiny_shapes"),
    "sweep": _seeded((*_SWEEP, "--jobs", "1"), "_sweep/tiny_points"),
    "sweep on two cores": _seeded((*_SWEEP, "--jobs", "2", "--name", "two"), "_sweep/tiny_points@two"),
    # the earlier comparison is of runs with another seed, and has figures that the next one takes away
    "compare": Command((*_COMPARE, _PLAIN), _COMPARED, _COMPARE, _PAIR),
    "compare with figures": Command(_COMPARE, _COMPARED, (*_COMPARE, _PLAIN), _PAIR),
}


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said on its error stream."""

    code: int
    told: str


@dataclass(frozen=True)
class Found:
    """One thing that was tried with a command, and what should not have happened."""

    what: str
    command: str
    outcome: str
    fault: str = ""


class Project:
    """The small project, with the result of every command as it is when nothing disturbs it."""

    def __init__(self, root: Path, names: Sequence[str]) -> None:
        self.root = small_project(root, shipped=False)
        self.whole: dict[str, dict[str, bytes]] = {}
        self.earlier: dict[str, dict[str, bytes]] = {}
        self.seconds: dict[str, float] = {}
        for name in names:
            self._learn(name)

    def _learn(self, name: str) -> None:
        """Run a command undisturbed: first what an earlier result is, then the one that counts."""
        command = COMMANDS[name]
        for words in command.needs:
            self._done((*words, *_OTHER))
        self._done(command.earlier)
        self.earlier[name] = contents(self.folder(name))
        self._kept(name).parent.mkdir(exist_ok=True)
        self.folder(name).rename(self._kept(name))
        for words in command.needs:
            self._done(words)
        begun = time.monotonic()  # caches are full by now
        self._done(command.words)
        self.seconds[name] = time.monotonic() - begun
        self.whole[name] = contents(self.folder(name))
        shutil.rmtree(self.folder(name))
        if self.whole[name].get("manifest.json") == self.earlier[name]["manifest.json"]:
            raise RuntimeError(f"{name}: the earlier result is the same")

    def _done(self, words: Sequence[str]) -> None:
        ended = self.ended(self.start(words))
        if ended.code != 0:
            raise RuntimeError(f"{words}: exit code {ended.code}: {ended.told}")

    def _kept(self, name: str) -> Path:
        return self.root / EARLIER / name.replace(" ", "_")

    def folder(self, name: str) -> Path:
        """Where a command writes."""
        return self.root / "results" / COMMANDS[name].folder

    def begin(self, name: str, *, earlier: bool) -> None:
        """Nothing where a command writes, or an earlier result that it is about to replace."""
        shutil.rmtree(self.folder(name), ignore_errors=True)
        if earlier:
            shutil.copytree(self._kept(name), self.folder(name))

    def start(self, words: Sequence[str], before: Callable[[], object] | None = None) -> int:
        """Fork a process that runs a command, after ``before``; its number."""
        sys.stdout.flush()
        sys.stderr.flush()
        # an interrupt that comes before the command has begun must not raise in a copy of this program
        signals = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        with warnings.catch_warnings():
            # threads of others do not count here: what is forked loads nothing and ends without them
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
        if process:
            signal.pthread_sigmask(signal.SIG_SETMASK, signals)
            return process
        code = NOT_BEGUN
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
            signal.pthread_sigmask(signal.SIG_SETMASK, signals)
            code = RAISED
            code = cli.main(list(words))
        except BaseException:  # noqa: BLE001 - told, and found by its exit code
            traceback.print_exc()
        finally:
            sys.stderr.flush()
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
        return differing(contents(self.folder(name)), self.whole[name])


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def differing(found: dict[str, bytes], whole: dict[str, bytes]) -> str:
    """Which files are not those of an undisturbed run."""
    names = [name for name in sorted({*found, *whole}) if found.get(name) != whole.get(name)]
    return f"other bytes than an undisturbed run: {', '.join(names)}" if names else ""
