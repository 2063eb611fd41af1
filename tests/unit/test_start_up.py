"""What is loaded to print the help: nothing that is slow to load."""

from __future__ import annotations

import subprocess
import sys

SLOW = ("numpy", "pandas", "scipy", "matplotlib", "pydantic", "yaml", "jinja2", "rich", "numba")


def test_help_loads_nothing_slow() -> None:
    told = "import sys\nfrom sim import cli\ntry:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
    told += f"print([name for name in {SLOW} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert "usage: python -m sim" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
