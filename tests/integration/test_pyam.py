"""iamc.csv held to pyam, which stands in an environment of its own: its pins do not go with ours."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

PYAM = "PYAM"  # environment variable with a Python that has pyam-iamc 3.3.0, ixmp4 0.14.0, sqlalchemy below 2.1
RESULTS = Path(__file__).parents[2] / "results"
# loads each file, adds its regions up to the world, and draws a variable
CHECK = """
import sys, warnings
warnings.filterwarnings("ignore")
import matplotlib
matplotlib.use("Agg")
import numpy as np, pyam
for path in sys.argv[1:]:
    frame, checked = pyam.IamDataFrame(path), 0
    for variable in frame.variable:
        one = frame.filter(variable=variable)
        if "World" not in one.region or variable.startswith("Price") or variable[-4:-2] == "|p":
            continue
        total = one.filter(region="World", keep=False).aggregate_region(variable, region="World").timeseries()
        told = one.filter(region="World").timeseries()
        np.testing.assert_allclose(total.to_numpy(), told.to_numpy(), rtol=1e-6, err_msg=f"{path}: {variable}")
        checked += 1
    assert checked >= 5, path
    axes = frame.filter(variable=next(v for v in frame.variable if v.startswith("Price|Market"))).plot(color="region")
    assert axes.lines, path
    print(path, checked)
"""


@pytest.mark.campaign
def test_pyam_loads_adds_up_and_draws_every_result() -> None:
    python = os.environ.get(PYAM)
    if not python:
        pytest.skip(f"{PYAM} names no Python with pyam")
    files = sorted(str(path) for path in RESULTS.glob("*/iamc.csv"))
    if not files:
        pytest.skip("no result yet: make run SCENARIO=all DRAWS=8 FIGURES=no")
    done = subprocess.run([python, "-c", CHECK, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(files)
