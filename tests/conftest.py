"""What holds for every test: arithmetic that goes wrong raises, and drawn cases can be drawn again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
import pytest

from sim.engine import CHOICE, NUMPY

if TYPE_CHECKING:
    from collections.abc import Iterator

# where others must get the same verdict, the cases are derived from the test itself
hypothesis.settings.register_profile("ci", derandomize=True, database=None, deadline=None, print_blob=True)
hypothesis.settings.register_profile("local", deadline=None)
# the pages of docs/ are made by the reference; `make test` tries the other engine, too
os.environ.setdefault(CHOICE, NUMPY)

hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def _arithmetic_raises() -> Iterator[None]:
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        yield
