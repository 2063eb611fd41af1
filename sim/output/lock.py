"""One writer per folder: a lock that names its holder and dies with him."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sim.errors import SimError

_LOCK_BYTES = 4096  # of the lock file: it holds one short line

_EVERYBODY = 0o666  # read and write for all, less what the user's mask takes away

LOCK_NAME = ".lock"


class FolderError(SimError):
    """A folder or file that cannot be written; the message says which and why."""


class FolderBusyError(FolderError):
    """Another process writes the folder; the message says who, where and since when."""


class FolderLock:
    """Exclusive lock on an existing folder, as a context manager.

    The kernel holds the lock and drops it when the process ends, however it ends: a lock file that a crash left
    behind holds nobody up. Its content only tells whom to ask.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / LOCK_NAME
        self._handle: int | None = None

    def __enter__(self) -> Self:
        self._handle = self._acquire()
        try:
            os.ftruncate(self._handle, 0)
            os.write(self._handle, _holder().encode("utf-8"))
        except OSError as error:
            self.release()
            raise FolderError(f"{self._path}: cannot be written: {error.strerror}") from error
        except BaseException:
            self.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Remove the lock file and let go; nothing happens where the lock is not held."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            pass  # a folder gone read-only keeps the file, which binds nobody
        finally:
            os.close(handle)

    def _acquire(self) -> int:
        while True:
            try:
                handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _EVERYBODY)
            except OSError as error:
                raise FolderError(f"{self._folder}: cannot be written: {error.strerror}") from error
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held_by = _told(handle)
                os.close(handle)
                raise FolderBusyError(f"{self._folder}: being written by {held_by}; wait until it has ended") from None
            except OSError as error:
                os.close(handle)
                raise FolderError(f"{self._folder}: cannot be locked: {error.strerror}") from error
            if self._is_current(handle):
                return handle
            # the holder before us removed the file between our open and our lock
            os.close(handle)

    def _is_current(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False


def _holder() -> str:
    start = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "start": start})


def _told(handle: int) -> str:
    try:
        holder = json.loads(os.read(handle, _LOCK_BYTES))
        return f"process {holder['pid']} on {holder['host']} since {holder['start']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process, which has not said its name yet"
