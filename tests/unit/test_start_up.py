"""What is loaded to print the help: nothing that is slow to load."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sim.engine import CHOICE

SLOW = ("numpy", "pandas", "scipy", "matplotlib", "pydantic", "yaml", "jinja2", "rich", "numba")


def test_help_loads_nothing_slow() -> None:
    told = "import sys\nfrom sim import cli\ntry:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
    told += f"print([name for name in {SLOW} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert "usage: python -m sim" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_engine_that_is_none_is_told_once_and_not_by_the_workers() -> None:
    words = [sys.executable, "-m", "sim", "run", "--scenario", "sanctions_lifted", "--name", "never", "--jobs", "2"]
    root, surroundings = Path(__file__).parents[2], os.environ | {CHOICE: "fortran"}
    done = subprocess.run(words, cwd=root, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "ENGINE: no engine 'fortran'; there are numpy and numba"
    assert "Traceback" not in done.stderr
    assert not (root / "results" / "sanctions_lifted@never").exists()
