from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.checks import Check
from sim.errors import BalanceError, DataError, SimError
from sim.output import folder as folder_module
from sim.output import lock as lock_module
from sim.output.folder import ResultFolder, fault_of, is_complete
from sim.output.lock import FolderBusyError, FolderError, FolderLock
from sim.output.manifest import Manifest, manifest_bytes, read_manifest, sha256, without_jobs

FILES = {"summary.csv": b"year\n2024\n", "figures/us_price.svg": b"<svg/>"}
HOLDER = """
import sys, time
from pathlib import Path
from sim.output.lock import FolderLock
with FolderLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def manifest(**changes: object) -> Manifest:
    known = {
        "version": "0.1.0",
        "commit": "abc",
        "command": ["run", "sanctions_lifted", "--jobs", "8"],
        "seed": 1,
        "solved": 254,
        "infeasible": 1,
        "failed": 1,
        "checks": (Check(name="balance", worst=2e-10, allowed=1e-8),),
        "inputs": {"scenarios/baseline.yaml": sha256(b"title: x")},
    }
    return Manifest(**(known | changes))  # type: ignore[arg-type]


def write(path: Path, files: dict[str, bytes], **changes: object) -> None:
    with ResultFolder(path) as result:
        for name, content in files.items():
            result.write(name, content)
        result.finish(manifest(**changes))


def write_and_stop(path: Path, name: str) -> None:
    def stopped() -> None:
        with ResultFolder(path) as result:
            result.write(name, b"new")
            raise KeyboardInterrupt("stop")

    with pytest.raises(KeyboardInterrupt, match="stop"):
        stopped()


def names_in(path: Path) -> set[str]:
    return {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}


def test_finished_folder_is_complete_and_holds_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "run", FILES)
    assert is_complete(tmp_path / "run")
    assert names_in(tmp_path / "run") == {*FILES, "manifest.json"}
    assert (tmp_path / "run" / "figures" / "us_price.svg").read_bytes() == b"<svg/>"


def test_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, FILES)
    write(tmp_path / "b", FILES, command=["run", "sanctions_lifted", "--jobs=2"])
    for name in [*FILES, "manifest.json"]:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_folder_without_manifest_is_incomplete(tmp_path: Path) -> None:
    with ResultFolder(tmp_path / "run") as result:
        result.write("summary.csv", b"1")
    assert not is_complete(tmp_path / "run")
    assert "no manifest.json" in str(fault_of(tmp_path / "run"))


def test_changed_or_missing_output_makes_the_folder_incomplete(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "summary.csv").write_bytes(b"edited")
    assert "changed since the run" in str(fault_of(tmp_path))
    (tmp_path / "summary.csv").unlink()
    assert "cannot be read" in str(fault_of(tmp_path))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"format": 99}', b'{"format": 1, "outputs": {"a": NaN}}', b"\xff", b"[" * 100_000],
)
def test_damaged_manifest_makes_the_folder_incomplete(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, FILES)
    (tmp_path / "manifest.json").write_bytes(content)
    assert not is_complete(tmp_path)


def test_manifest_that_points_outside_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "run", FILES)
    (tmp_path / "secret").write_bytes(b"x")
    path = tmp_path / "run" / "manifest.json"
    content = json.loads(path.read_text())
    content["outputs"]["../secret"] = sha256(b"x")
    path.write_text(json.dumps(content))
    assert "no file of a result" in str(fault_of(tmp_path / "run"))


def test_failed_run_before_the_first_file_leaves_the_old_result_whole(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    with pytest.raises(SimError, match="no equilibrium"), ResultFolder(tmp_path):
        raise SimError("no equilibrium")
    assert is_complete(tmp_path)


def test_failed_run_before_the_first_file_leaves_no_new_folder(tmp_path: Path) -> None:
    with pytest.raises(SimError, match="no equilibrium"), ResultFolder(tmp_path / "run"):
        raise SimError("no equilibrium")
    assert not (tmp_path / "run").exists()


def test_crash_between_files_leaves_no_manifest(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    write_and_stop(tmp_path, "summary.csv")
    assert not is_complete(tmp_path)
    assert not (tmp_path / "manifest.json").exists()


def test_outdated_files_go_and_those_of_others_stay(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "figures/old.png": b"x", "old.csv": b"x"})
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path, FILES)
    assert names_in(tmp_path) == {*FILES, "manifest.json", "notes.txt"}


def test_outdated_files_go_even_after_a_crash_in_between(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "old.csv": b"x"})
    write_and_stop(tmp_path, "half.csv")
    (tmp_path / ".half.csv.part").write_bytes(b"left by the crash")
    write(tmp_path, {"summary.csv": b"1"})
    assert names_in(tmp_path) == {"summary.csv", "manifest.json"}
    assert not (tmp_path / "figures").exists()
    assert is_complete(tmp_path)


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/../b", "", "a//b", ".hidden", "a\\b", "a\nb", "manifest.json", ".lock", "."]
)
def test_names_outside_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with ResultFolder(tmp_path) as result, pytest.raises(DataError, match="no name for a file of a result"):
        result.write(name, b"x")


def test_full_disk_ends_in_one_sentence_without_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, FILES)

    def full(handle: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with ResultFolder(tmp_path) as result:
        result.write("summary.csv", b"2")
        monkeypatch.setattr(folder_module.os, "write", full)
        with pytest.raises(FolderError, match=r"markets\.csv: cannot be written: No space left on device"):
            result.write("markets.csv", b"3")
        monkeypatch.undo()
    assert not is_complete(tmp_path)
    assert not list(tmp_path.rglob("*.part"))


def test_fault_while_renaming_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, FILES)

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with ResultFolder(tmp_path) as result:
        result.write("markets.csv", b"3")
        monkeypatch.setattr(Path, "replace", refuse)
        with pytest.raises(FolderError, match="cannot be written: Permission denied"):
            result.write("summary.csv", b"new")
    assert (tmp_path / "summary.csv").read_bytes() == FILES["summary.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder_ends_in_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(FolderError, match="Permission denied"), ResultFolder(tmp_path):
            pass
    finally:
        tmp_path.chmod(0o700)


def test_read_only_file_system_ends_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(folder_module.os, "open", refuse)
    with pytest.raises(FolderError, match="cannot be written: Read-only file system"), ResultFolder(tmp_path):
        pass


def test_missing_parent_ends_in_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(FolderError, match=r"cannot be created: .*nowhere does not exist"),
        ResultFolder(tmp_path / "nowhere" / "run"),
    ):
        pass
    assert not (tmp_path / "nowhere").exists()


def test_file_in_place_of_the_folder_ends_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(FolderError, match="a file of that name is in the way"), ResultFolder(tmp_path / "run"):
        pass


def test_second_writer_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    with ResultFolder(tmp_path), pytest.raises(FolderBusyError) as caught, ResultFolder(tmp_path):
        pass
    told = str(caught.value)
    assert f"process {os.getpid()} on {socket.gethostname()} since 20" in told
    assert not (tmp_path / ".lock").exists()


def test_lock_file_left_by_a_crash_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / ".lock").write_text('{"pid": 1, "host": "gone", "start": "2020"}')
    write(tmp_path, FILES)
    assert is_complete(tmp_path)


def test_lock_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(FolderBusyError, match=f"process {process.pid} on "), FolderLock(tmp_path):
            pass
        process.kill()
        process.wait()
    assert (tmp_path / ".lock").exists()
    with FolderLock(tmp_path):
        assert str(os.getpid()) in (tmp_path / ".lock").read_text()


def refusing(code: int) -> Callable[..., None]:
    """A call of the system that always fails."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return refused


@pytest.mark.parametrize(
    ("holder", "call", "code", "told"),
    [
        (lock_module.os, "open", errno.EROFS, "cannot be written: Read-only file system"),
        (lock_module.os, "write", errno.ENOSPC, r"\.lock: cannot be written: No space left on device"),
        (lock_module.fcntl, "flock", errno.ENOLCK, "cannot be locked: No locks available"),
    ],
)
def test_lock_that_cannot_be_had_ends_in_one_sentence_and_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, holder: object, call: str, code: int, told: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(holder, call, refusing(code))
        with pytest.raises(FolderError, match=told), FolderLock(tmp_path):
            pass
    with FolderLock(tmp_path):
        assert (tmp_path / ".lock").exists()


def test_lock_that_its_holder_gives_up_meanwhile_is_taken_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flock = lock_module.fcntl.flock
    removed: list[Path] = []

    def late(handle: int, how: int) -> None:
        """The file goes between the opening of it and the lock on it, once."""
        if not removed:
            removed.append(tmp_path / ".lock")
            removed[0].unlink()
        flock(handle, how)

    monkeypatch.setattr(lock_module.fcntl, "flock", late)
    with FolderLock(tmp_path):
        assert str(os.getpid()) in (tmp_path / ".lock").read_text()
        with pytest.raises(FolderBusyError, match=f"process {os.getpid()} on "), FolderLock(tmp_path):
            pass
    assert removed


def test_holder_that_has_not_said_its_name_is_told_as_such(tmp_path: Path) -> None:
    with FolderLock(tmp_path):
        (tmp_path / ".lock").write_text("")
        with pytest.raises(FolderBusyError, match="another process, which has not said its name yet"):
            FolderLock(tmp_path).__enter__()


def test_lock_in_a_folder_gone_read_only_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched, FolderLock(tmp_path):
        patched.setattr(Path, "unlink", refusing(errno.EROFS))
    assert (tmp_path / ".lock").exists()
    with FolderLock(tmp_path):  # the file that stays binds nobody
        pass
    assert not (tmp_path / ".lock").exists()


def test_check_that_does_not_hold_is_never_finished(tmp_path: Path) -> None:
    with ResultFolder(tmp_path) as result:
        result.write("summary.csv", b"1")
        with pytest.raises(BalanceError, match="check 'balance': 1e-07 found, at most 1e-08 allowed"):
            result.finish(manifest(checks=(Check(name="balance", worst=1e-7, allowed=1e-8),)))
        with pytest.raises(BalanceError, match="check 'balance': nan found"):
            result.finish(manifest(checks=(Check(name="balance", worst=float("nan"), allowed=1e-8),)))
    assert not is_complete(tmp_path)


def test_manifest_tells_hashes_counts_margins_and_no_clock() -> None:
    content = json.loads(manifest_bytes(manifest(), {"summary.csv": sha256(b"1")}))
    assert content["outputs"] == {"summary.csv": sha256(b"1")}
    assert content["draws"] == {"solved": 254, "infeasible": 1, "failed": 1}
    assert content["checks"]["balance"] == {"worst": 2e-10, "allowed": 1e-8, "part_used": pytest.approx(0.02)}
    assert content["command"] == ["run", "sanctions_lifted"]
    assert set(content) == {
        *("format", "version", "commit", "command", "seed", "status", "draws", "checks", "inputs", "outputs")
    }


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (["run", "a", "--jobs", "4", "--seed", "1"], ["run", "a", "--seed", "1"]),
        (["run", "--jobs=4", "a"], ["run", "a"]),
        (["run", "a", "-j", "4"], ["run", "a"]),
        (["run", "a", "-j4", "JOBS=3"], ["run", "a"]),
        (["run", "a", "--set", "x=-j"], ["run", "a", "--set", "x=-j"]),
    ],
)
def test_command_is_told_without_its_workers(command: list[str], kept: list[str]) -> None:
    assert without_jobs(command) == kept


class Crash(BaseException):
    """The process ends here."""


def crash_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the n-th call that touches the disk end the process, and every later one with it."""
    calls = 0

    def counted(function: Callable[..., object]) -> Callable[..., object]:
        def inner(*args: object, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            if calls >= step:
                raise Crash
            return function(*args, **kwargs)

        return inner

    for holder, name in ((os, "open"), (os, "write"), (os, "fsync"), (Path, "replace"), (Path, "unlink")):
        monkeypatch.setattr(holder, name, counted(getattr(holder, name)))


def contents_of(path: Path) -> dict[str, bytes]:
    return {name: (path / name).read_bytes() for name in names_in(path)}


def test_crash_at_any_step_leaves_old_or_new_or_incomplete_and_the_next_run_mends_it(tmp_path: Path) -> None:
    old, new = {**FILES, "old.csv": b"x"}, {**FILES, "summary.csv": b"new"}
    write(tmp_path / "old", old)
    write(tmp_path / "new", new)
    expected = [contents_of(tmp_path / name) for name in ("old", "new")]
    finished = False
    for step in range(1, 200):
        run = tmp_path / f"run_{step}"
        write(run, old)
        with pytest.MonkeyPatch.context() as patched:
            crash_at(step, patched)
            try:
                write(run, new)
                finished = True
            except Crash:
                pass
        if is_complete(run):
            kept = contents_of(run)
            assert any(whole.items() <= kept.items() for whole in expected), step
        write(run, new)
        assert contents_of(run) == expected[1], step
        if finished:
            break
    assert step > 20
    assert finished


def test_manifest_names_the_draws_behind_the_percentiles_where_they_are_not_all(tmp_path: Path) -> None:
    write(tmp_path / "few", {})
    assert read_manifest(tmp_path / "few")["draws"] == {"solved": 254, "infeasible": 1, "failed": 1}
    write(tmp_path / "many", {}, table_draws=2048)
    assert read_manifest(tmp_path / "many")["draws"]["percentiles_of_the_first"] == 2048
