"""The last file of a result: what was run, what came of it, and the hashes that prove it whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.checks import Check
from sim.errors import BalanceError, DataError

MANIFEST_NAME = "manifest.json"
FORMAT = 1
COMPLETE, DEGRADED = "complete", "degraded"
_JOBS_OPTIONS = ("--jobs", "-j")


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a run says of itself; ``inputs`` maps a file (relative to the project) to its SHA-256.

    ``engine`` solved it, where anything was solved; ``table_draws`` is how many draws the percentiles of indicators and
    flows are of, where these are not all.
    """

    version: str
    commit: str
    command: Sequence[str]
    seed: int
    solved: int
    infeasible: int
    failed: int
    engine: str = ""
    table_draws: int | None = None
    status: str = COMPLETE
    checks: Sequence[Check] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)


def sha256(content: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(content).hexdigest()


def without_jobs(command: Sequence[str]) -> list[str]:
    """The command less what only says how many workers run it, which changes no number."""
    kept: list[str] = []
    skip = False
    for word in command:
        if skip:
            skip = False
        elif word in _JOBS_OPTIONS:
            skip = True
        elif not (word.startswith(("--jobs=", "JOBS=")) or (word.startswith("-j") and word[2:].isdigit())):
            kept.append(word)
    return kept


def manifest_bytes(manifest: Manifest, outputs: Mapping[str, str]) -> bytes:
    """The manifest as JSON, sorted, with the hashes of the outputs; no clock in it.

    Raises BalanceError where a check does not hold: such a result is never finished.
    """
    for check in manifest.checks:
        if not check.holds:
            raise BalanceError(f"check {check.name!r}: {check.worst:g} found, at most {check.allowed:g} allowed")
    content = {
        "format": FORMAT,
        "version": manifest.version,
        "commit": manifest.commit,
        "command": without_jobs(manifest.command),
        **({"engine": manifest.engine} if manifest.engine else {}),
        "seed": manifest.seed,
        "status": manifest.status,
        "draws": {
            "solved": manifest.solved,
            "infeasible": manifest.infeasible,
            "failed": manifest.failed,
            **({} if manifest.table_draws is None else {"percentiles_of_the_first": manifest.table_draws}),
        },
        "checks": {check.name: _margin(check) for check in manifest.checks},
        "inputs": dict(manifest.inputs),
        "outputs": dict(outputs),
    }
    return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def _margin(check: Check) -> dict[str, float | None]:
    # a check of something that cannot deviate (allowed 0) has no margin
    margin = check.worst / check.allowed if check.allowed else None
    return {"worst": check.worst, "allowed": check.allowed, "part_used": margin}


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder; DataError in a sentence where there is none or it is not one of ours."""
    path = folder / MANIFEST_NAME
    try:
        content = json.loads(path.read_bytes(), parse_constant=_no_constant)
    except FileNotFoundError:
        raise DataError(f"{folder}: no {MANIFEST_NAME}, the result is incomplete") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        raise DataError(f"{path}: no valid manifest, the result is incomplete") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT or not _is_hashes(content.get("outputs")):
        raise DataError(f"{path}: not a manifest of format {FORMAT}, the result is incomplete")
    return content


def _is_hashes(outputs: object) -> bool:
    return isinstance(outputs, dict) and all(isinstance(value, str) for value in outputs.values())


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} has no place in a manifest")
