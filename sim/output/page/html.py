"""What all pages share: the frame, its style and script, and the blocks of an answer; every text is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from sim.output.textblock import headline_in

ANSWER = "answer.html"  # the template of the pages of runs and studies

_TEMPLATES = Path(__file__).parent / "templates"


def answer_parts(blocks: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Kind and text of each block of an answer: what is indented is a table and keeps its lines."""
    for lines in blocks:
        if lines and any(line.startswith("  ") for line in lines):
            yield "table", "\n".join(lines)
        elif headed := headline_in(lines):
            yield "heading", headed
        else:
            yield "text", " ".join(lines)


def page_bytes(template: str, **values: object) -> bytes:
    """A page from its template, in UTF-8; the same values give the same bytes.

    Style and script are named by their hashes: a browser runs and loads nothing else, whatever a text smuggles in.
    """
    style, script = ((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    text = template_of(template).render(
        style=Markup(style),  # noqa: S704 - files of this program
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        **values,
    )
    return f"{text}\n".encode()


@cache
def template_of(name: str) -> Template:
    """A template of the pages, which takes longer to be read than to be filled."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
