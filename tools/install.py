"""Install pinned requirements into .venv; started by tools/setup, from the project's folder.

An environment counts as ready only when a copy of each requirements file lies in it, written last:
whatever was interrupted or has other pins is built anew. A lock lets a second command wait for the first.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

VENV = Path(".venv")
RUNTIME = "requirements.txt"
MORE = {
    "requirements-extras.txt": "optional commands",
    "requirements-fast.txt": "the compiled engine",
    "requirements-dev.txt": "tests and checks",
}
SIZES = {RUNTIME: 450, "requirements-extras.txt": 60, "requirements-fast.txt": 210, "requirements-dev.txt": 100}  # MB


def main(needs: list[str]) -> int:
    """Bring .venv to the state the files ask for; 0 when it is there."""
    with Path(".venv.lock").open("w") as lock:
        wait_for(lock)
        if all(installed(name) for name in needs) and same_python():
            return 0  # another command did it while this one waited
        try:
            install(needs, lock)
        except subprocess.CalledProcessError:
            sys.stderr.write("set-up: failed as told above; the next command starts it afresh\n")
            return 1
        except KeyboardInterrupt:
            sys.stderr.write("set-up: interrupted; the next command starts it afresh\n")
            return 130
    return 0


def install(needs: list[str], lock: IO[str]) -> None:
    """Add what is missing to a sound environment, or build one."""
    python = [str(VENV / "bin" / "python")]
    sound = all(installed(path.name.removeprefix("installed-")) for path in VENV.glob("installed-*"))
    if installed(RUNTIME) and same_python() and sound:
        wanted = " and ".join(sorted(MORE[name] for name in needs if not installed(name)))
        say(f"adding what {wanted} need, half a minute")
        stamp(RUNTIME).unlink()
    else:
        say(f"setting up, about a minute, {sum(SIZES[name] for name in needs)} MB")
        call([sys.executable, "-m", "venv", "--clear", str(VENV)], lock)
    options = ["-qq", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    for name in needs:
        call([*python, "-m", "pip", "install", *options, "-r", name], lock)
    for name in needs:
        shutil.copyfile(name, stamp(name))


def call(command: list[str], lock: IO[str]) -> None:
    """Run a command that keeps the lock for as long as it lives, even if this process is killed."""
    subprocess.run(command, check=True, pass_fds=[lock.fileno()])


def wait_for(lock: IO[str]) -> None:
    """Take the lock; say so where another command holds it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another command that is setting up")
        fcntl.flock(lock, fcntl.LOCK_EX)


def stamp(name: str) -> Path:
    """Copy of a requirements file that tells what was installed completely."""
    return VENV / f"installed-{name}"


def installed(name: str) -> bool:
    """Whether exactly these pins were installed to the end."""
    return stamp(name).is_file() and Path(name).is_file() and stamp(name).read_bytes() == Path(name).read_bytes()


def same_python() -> bool:
    """Whether the environment starts, and with the interpreter asked for."""
    try:
        command = [str(VENV / "bin" / "python"), "-c", "import sys; print(sys.version)"]
        there = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return False
    return not os.environ.get("PYTHON") or there == sys.version


def say(text: str) -> None:
    """Tell the person who waits."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
