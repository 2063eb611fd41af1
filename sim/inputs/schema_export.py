"""Write the JSON Schema of scenario files, mixins and sweeps, for editors: ``python -m sim.inputs.schema_export``."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from sim.inputs.schema import MixinFile, ScenarioFile, json_schema
from sim.inputs.sweep_schema import SweepEntry

FOLDER = Path("schema")
FILES: dict[str, type[BaseModel]] = {
    "scenario.schema.json": ScenarioFile,
    "mixin.schema.json": MixinFile,
    "sweep.schema.json": SweepEntry,
}


def schema_texts() -> dict[str, str]:
    """Name and content of each schema file."""
    return {
        name: json.dumps(json_schema(model), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        for name, model in FILES.items()
    }


def write_schemas(folder: Path = FOLDER) -> None:
    """Write every schema file into the folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_texts().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas()
