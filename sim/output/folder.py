"""The folder of a result: written by one process, file by file, and whole only with its manifest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from sim.errors import DataError
from sim.output.lock import LOCK_NAME, FolderError, FolderLock
from sim.output.manifest import MANIFEST_NAME, Manifest, manifest_bytes, read_manifest, sha256

_EVERYBODY = 0o666  # read and write for all, less what the user's mask takes away

_JOURNAL_NAME = ".written"  # what this and unfinished earlier runs wrote, one name a line; gone once finished
_TEMPORARY_PREFIX, _TEMPORARY_SUFFIX = ".", ".part"


class ResultFolder:
    """Writes the files of one run; a context manager that holds the folder's lock.

    Nothing changes before the first ``write``, which makes an earlier result incomplete. ``finish`` removes what
    earlier runs left and this one did not write again, then makes the result valid. Files of other people stay: one
    that bears the name of a file of the result is a fault. Every fault of the file system is a FolderError in one
    sentence; the folder then has no manifest.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FolderLock(path)
        self._written: dict[str, str] = {}
        self._earlier: set[str] = set()
        self._begun = False
        self._created = False

    def __enter__(self) -> Self:
        with explained(self.path, "created"):
            self._created = not self.path.is_dir()
            self.path.mkdir(exist_ok=True)
        self._lock.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        if self._created and not self._begun:
            with suppress(OSError):  # a run that wrote nothing leaves no folder either
                self.path.rmdir()

    def write(self, name: str, content: bytes) -> None:
        """Write one file, ``name`` relative to the folder with ``/`` between parts; whole or not at all."""
        parts = _checked_name(name)
        self._begin()
        target = self.path.joinpath(*parts)
        if name not in self._earlier and name not in self._written and os.path.lexists(target):
            raise FolderError(f"{target}: stands there already, and no run has written it; move it away")
        with explained(target, "written"):
            self._note(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_file(target, content)
        self._written[name] = sha256(content)

    def finish(self, manifest: Manifest) -> None:
        """Remove outdated files, then write the manifest: from here on the result is complete."""
        content = manifest_bytes(manifest, self._written)
        self._begin()
        for name in sorted(self._earlier - self._written.keys()):
            self._remove(name)
        with explained(self.path / MANIFEST_NAME, "written"):
            replace_file(self.path / MANIFEST_NAME, content)
            (self.path / _JOURNAL_NAME).unlink(missing_ok=True)
            _flush_folder(self.path)

    def _begin(self) -> None:
        if self._begun:
            return
        self._earlier = self._names_of_earlier_runs()
        with explained(self.path, "written"):
            # the names go to the journal before the manifest that knows them is removed
            replace_file(
                self.path / _JOURNAL_NAME, "".join(f"{name}\n" for name in sorted(self._earlier)).encode("utf-8")
            )
            (self.path / MANIFEST_NAME).unlink(missing_ok=True)
            _flush_folder(self.path)
            for leftover in sorted(self.path.rglob(f"{_TEMPORARY_PREFIX}*{_TEMPORARY_SUFFIX}")):
                leftover.unlink(missing_ok=True)
        self._begun = True

    def _names_of_earlier_runs(self) -> set[str]:
        names: set[str] = set()
        with suppress(DataError):  # no manifest, or a damaged one: it cannot say what is ours
            names.update(read_manifest(self.path)["outputs"])
        with suppress(OSError, UnicodeDecodeError):
            names.update((self.path / _JOURNAL_NAME).read_text(encoding="utf-8").splitlines())
        return {name for name in names if _is_name(name)}

    def _note(self, name: str) -> None:
        handle = os.open(self.path / _JOURNAL_NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _EVERYBODY)
        try:
            _write_all(handle, f"{name}\n".encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def _remove(self, name: str) -> None:
        target = self.path / name
        with explained(target, "removed"):
            target.unlink(missing_ok=True)
            if target.parent != self.path and target.parent.is_dir() and not any(target.parent.iterdir()):
                target.parent.rmdir()


def others_in(folder: Path) -> tuple[str, ...]:
    """Files in the folder of a complete result that are not of it, by their names, in their order."""
    ours = {*read_manifest(folder)["outputs"], MANIFEST_NAME, LOCK_NAME, _JOURNAL_NAME}
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return tuple(sorted(name for name in found if name not in ours))


def remove_result(folder: Path) -> None:
    """Remove a result, its manifest first; files of other people stay, and so does the folder around them."""
    names = sorted(name for name in read_manifest(folder)["outputs"] if _is_name(name))
    with explained(folder, "removed"):
        for name in (MANIFEST_NAME, *names):
            (folder / name).unlink(missing_ok=True)
        for inner in sorted({folder / name for name in names}, reverse=True):
            with suppress(OSError):  # not empty
                inner.parent.rmdir()


def is_complete(folder: Path) -> bool:
    """True where the folder holds a valid manifest and every file it lists, unchanged."""
    return fault_of(folder) is None


def fault_of(folder: Path, only: str = "") -> str | None:
    """What makes a result, or only one file of it, incomplete, in a sentence; None where it is complete."""
    try:
        outputs = read_manifest(folder)["outputs"]
    except DataError as error:
        return str(error)
    for name, expected in sorted(outputs.items()):
        if only not in ("", name):
            continue
        if not _is_name(name):
            return f"{folder}: the manifest lists {name!r}, which is no file of a result"
        try:
            content = (folder / name).read_bytes()
        except OSError as error:
            return f"{folder / name}: listed in the manifest, but cannot be read: {error.strerror}"
        if sha256(content) != expected:
            return f"{folder / name}: changed since the run that wrote it"
    return None


def write_file(target: Path, content: bytes) -> None:
    """Write a file that belongs to no single result; whole or not at all."""
    with explained(target, "written"):
        replace_file(target, content)


def _checked_name(name: str) -> tuple[str, ...]:
    if not _is_name(name):
        raise DataError(f"{name!r}: no name for a file of a result; relative, without '..' or a leading dot wanted")
    return PurePosixPath(name).parts


def _is_name(name: str) -> bool:
    parts = name.split("/")
    return (
        name not in (MANIFEST_NAME, LOCK_NAME)
        and all(part and not part.startswith(".") for part in parts)
        and name.isprintable()
        and "\\" not in name
    )


def replace_file(target: Path, content: bytes) -> None:
    """Write a file whole or not at all: under a temporary name, flushed, then renamed."""
    temporary = target.with_name(f"{_TEMPORARY_PREFIX}{target.name}{_TEMPORARY_SUFFIX}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, _EVERYBODY)
        try:
            _write_all(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):  # the fault that brought us here is the one to tell
            temporary.unlink(missing_ok=True)
        raise
    _flush_folder(target.parent)


def _write_all(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def explained(path: Path, done: str) -> Iterator[None]:
    """Faults of the file system as a FolderError that says what could not be done."""
    try:
        yield
    except FileNotFoundError as error:
        why = str(error.strerror) if path.parent.exists() else f"{path.parent} does not exist"
        raise FolderError(f"{path}: cannot be {done}: {why}") from error
    except FileExistsError as error:
        raise FolderError(f"{path}: cannot be {done}: a file of that name is in the way") from error
    except OSError as error:
        raise FolderError(f"{path}: cannot be {done}: {error.strerror}; the result is incomplete") from error
