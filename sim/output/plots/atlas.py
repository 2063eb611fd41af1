"""Who would lose most by which disruption: a bar for each exporter and importer, with what it does to price and use."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from sim.output.atlas_text import cut_words, disruption_words, told_rows
from sim.output.plots.measures import GAP, GRID_SHOWS, HAIR_LINE, MARGIN, NAME_GAP, SMALL_SIZE, WIDTH, YEAR_ROOM
from sim.output.plots.palette import INK, RULE, SCENARIO
from sim.output.plots.panel import number_ticks
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import line_height, shortened
from sim.output.wording import MINUS, capital, good_of, label_of, money, percent, the
from sim.records.outcome import RunFacts
from sim.study.atlas import Atlas

_ROW, _BAR = 0.3, 0.62  # inches of a row, and its part that the bar fills
_NAMES, _NUMBERS = 3.1, 1.9  # inches for who and from whom, and for price and use
_OFF = 4.0  # points between the end of a bar and its numbers
_PERCENT = 100.0


@styled
def losers(atlas: Atlas, facts: RunFacts, *, good: str, year: int, labels: Mapping[str, str]) -> Figure:
    """Expected loss of buyers' surplus over all cuts of a good's exporters, the largest on top. [M USD/yr]"""
    rows = told_rows(atlas, good)
    first = rows.iloc[0]
    metal = good_of(good, labels)
    finding = (
        f"Buyers of {metal} in {the(label_of(str(first['importer']), labels))} lose most, "
        f"when {cut_words(first['exporter'], first['good_cut_off'], good, labels)} are cut off"
    )
    what = (
        f"Loss of buyers' surplus of {metal} in {year}, M USD, by importer and cut-off exporter: mean over the draws "
        "and over all cuts, each as likely; beside it the same of price and use."
    )
    height = _ROW * len(rows)
    below = YEAR_ROOM + line_height()
    page = report(capital(finding), facts, what, good=good, body=headed(height, below=below))
    panel = page.axes(_NAMES, below, WIDTH - 2 * MARGIN - _NAMES - _NUMBERS - GAP, height)
    places = np.arange(len(rows))[::-1]
    values = rows["expected_surplus_lost_m_usd"].to_numpy(dtype=float)
    panel.grid(axis="x", color=RULE, alpha=GRID_SHOWS, linewidth=HAIR_LINE)
    panel.set_axisbelow(True)
    panel.barh(places, values, height=_BAR, color=SCENARIO)
    names = []
    for place, (_, row) in zip(places, rows.iterrows(), strict=True):
        who = label_of(str(row["importer"]), labels)
        text = f"{who} without {disruption_words(row['exporter'], row['good_cut_off'], good, labels)}"
        names.append("\n".join(shortened(text, _NAMES - NAME_GAP, 2, size=SMALL_SIZE)))
        price = percent(float(row["expected_price_percent"]) / _PERCENT, sign=True).replace("-", MINUS)
        lost = percent(float(row["expected_lost_percent"]) / _PERCENT)
        panel.annotate(
            f"{money(float(row['expected_surplus_lost_m_usd']))}; price {price} %, use {MINUS}{lost} %",
            (float(row["expected_surplus_lost_m_usd"]), place), (_OFF, 0), textcoords="offset points", va="center",
            size=SMALL_SIZE, color=INK, annotation_clip=False,
        )  # fmt: skip
    panel.set_yticks(places, names)
    panel.tick_params(axis="y", length=0, labelsize=SMALL_SIZE)
    number_ticks(panel.xaxis)
    heading(panel, ["Expected loss of buyers' surplus, M USD"])
    return page.figure
