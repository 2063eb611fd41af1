"""What a run or a study says of itself, beside its tables: for pages that look at results once they are done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sim.errors import DataError
from sim.output.inputs_text import Told
from sim.records.outcome import RunFacts, Subject, SwitchDraws

FACTS_NAME = "facts.json"


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The facts of a run, what regions and goods are called, its answer in a paragraph, and all its inputs."""

    facts: RunFacts
    labels: Mapping[str, str]
    lead: str
    inputs: Mapping[str, Told]
    baseline_inputs: Mapping[str, Told]


@dataclass(frozen=True, kw_only=True)
class StudyRecord:
    """The facts of a study of many runs, what it asks, and its answer in a paragraph."""

    facts: RunFacts
    asks: str
    lead: str


def facts_bytes(record: RunRecord | StudyRecord) -> bytes:
    """The record as JSON, sorted."""
    text = json.dumps(asdict(record), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def read_facts(folder: Path) -> RunRecord:
    """The record of a finished run; DataError where there is none or it is not one of ours."""
    with _content_of(folder) as content:
        return RunRecord(
            facts=_facts(content["facts"]),
            labels={str(name): str(label) for name, label in content["labels"].items()},
            lead=str(content["lead"]),
            inputs=_told(content["inputs"]),
            baseline_inputs=_told(content["baseline_inputs"]),
        )


def read_study(folder: Path) -> StudyRecord:
    """The record of a finished study; DataError where there is none or it is not one of ours."""
    with _content_of(folder) as content:
        return StudyRecord(
            facts=_facts(content["facts"]),
            asks=str(content["asks"]),
            lead=str(content["lead"]),
        )


@contextmanager
def _content_of(folder: Path) -> Iterator[Any]:
    """What the file holds; every fault of it, found now or by who reads on, is a DataError."""
    path = folder / FACTS_NAME
    try:
        yield json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise DataError(f"{path}: not what a run of this version writes") from None


def _facts(content: Mapping[str, Any]) -> RunFacts:
    """The facts with tuples where JSON has lists."""
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    subjects = tuple(Subject(**{**each, "goods": tuple(each["goods"])}) for each in content["subjects"])
    switched = tuple(SwitchDraws(**each) for each in content["switched"])
    cautions = tuple((good, text) for good, text in content["cautions"])
    plain |= {"subjects": subjects, "switched": switched, "cautions": cautions}
    return RunFacts(**plain)


def _told(content: Mapping[str, Any]) -> dict[str, Told]:
    return {str(path): (str(value), str(credit), str(place)) for path, (value, credit, place) in content.items()}
