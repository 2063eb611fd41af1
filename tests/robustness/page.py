"""The page that tells what was tried: each command writes its own tables anew and leaves the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "robustness.md"


def write_table(name: str, lines: Sequence[str], page: Path = PAGE) -> None:
    """Write what stands between ``<!-- table: name -->`` and ``<!-- end -->`` anew."""
    text = page.read_text(encoding="utf-8")
    block = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if len(block.findall(text)) != 1:
        raise ValueError(f"{page.name}: one place for the table {name!r} is wanted")
    told = "".join(f"{line}\n" for line in lines)
    page.write_text(block.sub(lambda match: match[1] + told + match[2], text), encoding="utf-8")
