"""Finished results as they lie in their folders, for pages and tables over several of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import DataError
from sim.output.facts import RunRecord, read_facts
from sim.output.folder import fault_of
from sim.output.manifest import read_manifest
from sim.output.tables import FLOWS, SUMMARY, Contract
from sim.quantity import Array

_SERIES, _NPY = "series/", ".npy"
_WORLDS = "scenarios/worlds/"  # begins the names of the files of a world among the inputs


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """A finished run: ``name`` is that of its folder, ``series`` its headline series (n, t), the central run first."""

    name: str
    record: RunRecord
    manifest: Mapping[str, Any]
    summary: pd.DataFrame
    series: Mapping[str, Array]

    @property
    def draws(self) -> int:
        """Number of draws, solved or not."""
        return self.record.facts.draws

    @property
    def seed(self) -> int:
        """Seed of the draws."""
        return int(self.manifest["seed"])

    @property
    def sampling(self) -> str:
        """How the draws were spread; empty for the usual way."""
        return self._option("--sampling")

    @property
    def overrides(self) -> str:
        """What SET said of the run; empty for nothing."""
        return self._option("--set")

    def _option(self, name: str) -> str:
        words = [str(word) for word in self.manifest["command"]]
        return words[words.index(name) + 1] if name in words[:-1] else ""

    @property
    def world_files(self) -> dict[str, str]:
        """Hashes of the files that the world stands in."""
        inputs: Mapping[str, str] = self.manifest["inputs"]
        return {name: mark for name, mark in inputs.items() if name.startswith(_WORLDS)}


def read_result(folder: Path) -> Result:
    """A result from its folder; DataError in a sentence where it is not whole."""
    fault = fault_of(folder)
    if fault is not None:
        raise DataError(fault)
    return Result(
        name=folder.name,
        record=read_facts(folder),
        manifest=read_manifest(folder),
        summary=read_summary(folder),
        series=_read_series(folder / "draws.npz"),
    )


def read_summary(folder: Path, columns: Sequence[str] = SUMMARY.columns) -> pd.DataFrame:
    """The summary, or some of its columns, as the run had it."""
    return _read_table(folder, SUMMARY, columns)


def read_flows(folder: Path) -> pd.DataFrame:
    """The flows as the run had them."""
    return _read_table(folder, FLOWS, FLOWS.columns)


def _read_table(folder: Path, contract: Contract, columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of a table; blanks of numbers are NaN, those of texts empty."""
    kinds = {name: str if name in contract.text else int if name in contract.whole else float for name in columns}
    blanks = {name: [""] for name in columns if name not in contract.text}
    path = folder / f"{contract.name}.csv"
    try:
        table = pd.read_csv(path, usecols=list(columns), dtype=kinds, keep_default_na=False, na_values=blanks)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    return table[list(columns)]


def _read_series(path: Path) -> dict[str, Array]:
    found = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if member.startswith(_SERIES):
                    content = io.BytesIO(archive.read(member))
                    name = member.removeprefix(_SERIES).removesuffix(_NPY)
                    found[name] = np.lib.format.read_array(content, allow_pickle=False)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    return found
