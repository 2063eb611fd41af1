"""The gallery in docs/ against its figures and the scenarios they come from."""

from __future__ import annotations

import io
import re
from pathlib import Path

from PIL import Image

from sim.output.plots.small import small_png
from sim.showcase import FOLDER, PAGE, README_FIGURE, SHOWN, made_from

ROOT = Path(__file__).parents[2]
LARGEST = 120_000  # bytes of a figure in the repository


def test_gallery_shows_every_figure_of_its_folder_and_no_other() -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    shown = re.findall(rf"\]\({Path(FOLDER).name}/([^)]+)\)", page)
    assert sorted(shown) == sorted(path.name for path in (ROOT / FOLDER).iterdir())
    assert len(shown) == len(SHOWN)


def test_gallery_is_made_from_the_scenarios_as_they_stand() -> None:
    # where this fails a scenario was changed since: `make gallery` draws its figures anew
    assert (ROOT / PAGE).read_text(encoding="utf-8").endswith(made_from(ROOT))


def test_figures_of_the_gallery_are_small() -> None:
    sizes = [path.stat().st_size for path in (*(ROOT / FOLDER).iterdir(), ROOT / README_FIGURE)]
    assert max(sizes) < LARGEST


def test_each_figure_has_its_finding_as_alternative_text() -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    told = re.findall(r"!\[([^\]]*)\]", page)
    assert all(len(text) > 30 and re.search(r"\d", text) for text in told)


def test_small_figure_is_the_same_each_time_and_fewer_bytes() -> None:
    picture = Image.linear_gradient("L").convert("RGB").resize((1530, 850))
    out = io.BytesIO()
    picture.save(out, format="PNG")
    small = small_png(out.getvalue())
    assert small == small_png(out.getvalue())
    assert Image.open(io.BytesIO(small)).size == (1020, 567)
