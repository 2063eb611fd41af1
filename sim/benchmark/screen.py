"""Records in gross weight under several trade codes into trade in one good, in tonnes of content."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.errors import DataError
from sim.quantity import TONNES_PER_KT
from sim.records.statistics import GoodStatistics, Screening, Stage, TradeRecord


def screen_records(statistics: GoodStatistics) -> tuple[GoodStatistics, tuple[str, ...]]:
    """Statistics with trade out of their records, and what became of each record that is not simply taken.

    A record with a unit value below the lowest is dropped. One that a stage names belongs to the good of that
    stage, with its content; of the others the first class that fits its code and unit value gives the content.
    Statistics without records are returned as they are. Raises DataError where a record fits no class.
    """
    rules = statistics.screening
    if rules is None:
        return statistics, ()
    trade = np.zeros_like(statistics.trade)
    notes = []
    dropped = 0.0
    for record in statistics.records:
        stage = stage_of(record, rules)
        bad = record.unit_value < rules.lowest_unit_value
        listed = stage is not None and stage.good == statistics.good
        taken = not bad and (listed if rules.takes_listed else stage is None)
        if taken:
            content = stage.content if stage is not None else content_of(record, rules)
            here = statistics.position(record.exporter), statistics.position(record.importer)
            trade[here] += record.gross_kt * content
        elif not rules.takes_listed:
            dropped += record.gross_kt
            why = f"under {rules.lowest_unit_value:g} USD/kg" if bad or stage is None else stage.reason
            notes.append(
                f"record left out: {record.exporter} to {record.importer}, {record.code},"
                f" {record.gross_kt * TONNES_PER_KT:,.1f} t gross at {record.unit_value:.3f} USD/kg: {why}"
            )
    if not rules.takes_listed:
        notes.append(f"records left out: {len(notes)}, {dropped * TONNES_PER_KT:,.0f} t gross in all")
    notes.append(f"trade out of records in gross weight: {trade.sum():.3f} kt of content")
    return replace(statistics, trade=trade), tuple(notes)


def stage_of(record: TradeRecord, rules: Screening) -> Stage | None:
    """The first stage that names a record's countries and code and lies above its unit value."""
    for stage in rules.stages:
        named = record.exporter in stage.exporters and record.importer in stage.importers
        if named and record.code == stage.code and record.unit_value < stage.below:
            return stage
    return None


def content_of(record: TradeRecord, rules: Screening) -> float:
    """Tonnes of content per tonne of gross weight."""
    for entry in rules.contents:
        if record.code in entry.codes and record.unit_value >= entry.from_unit_value:
            return entry.content
    raise DataError(
        f"{record.exporter} to {record.importer}: no content is stated for code {record.code}"
        f" at {record.unit_value:.3f} USD/kg"
    )
