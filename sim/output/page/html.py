"""What all pages share: the frame, its style and script, and tables; every text is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table; ``of`` is the number of the scenario it belongs to, where a page has several."""

    label: str
    numeric: bool = False
    of: int | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that can be sorted and searched; the first column names the row."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    note: str = ""


def page_bytes(template: str, **values: object) -> bytes:
    """A page from its template, in UTF-8; the same values give the same bytes.

    Style and script are named by their hashes: a browser runs and loads nothing else, whatever a text smuggles in.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = ((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    text = environment.get_template(template).render(
        style=Markup(style),  # noqa: S704 - files of this program
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        **values,
    )
    return f"{text}\n".encode()


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
