"""What a run holds in memory is bounded by its blocks and tables, and hardly grows with the draws."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KIBIBYTES = 1024
LIMIT = 2 * 1024**3  # bytes: a small laptop has room for it beside all else
A_DRAW = 8_000  # bytes: what is kept of a draw, three times over while it is joined and written


def peak(project: Path, draws: int) -> int:
    """Most memory that a run of the shipped offer over all its years ever holds. [bytes]"""
    words = ["run", "--scenario", "sanctions_lifted", "--draws", str(draws), "--no-figures", "--name", f"d{draws}"]
    program = "import sys; from pathlib import Path; from sim import cli; cli.ROOT = Path(sys.argv[1]); "
    program += "sys.exit(cli.main(sys.argv[2:]))"
    given = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(project), *words], cwd=ROOT, env=given, stdout=subprocess.DEVNULL
    ) as run:
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == 0
    return used.ru_maxrss * KIBIBYTES


@pytest.mark.campaign  # thousands of draws
def test_draws_behind_no_table_take_next_to_no_memory(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    (tmp_path / "results").mkdir()
    some, more = peak(tmp_path, 3_000), peak(tmp_path, 6_000)
    assert max(some, more) < LIMIT
    assert more - some < 3_000 * A_DRAW
