"""Figures in small, for pages that lie in the repository."""

from __future__ import annotations

import io

from PIL import Image

_WIDTH = 1020  # dots: text of 8 points is still read
_COLOURS = 256  # as many as a palette holds; by octree, which keeps the colours of thin lines


def small_png(content: bytes) -> bytes:
    """A PNG no wider than a page shows it, with few colours: a third of the bytes; the same each time."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    height = round(picture.height * _WIDTH / picture.width)
    reduced = picture.resize((_WIDTH, height), Image.Resampling.LANCZOS)
    few = reduced.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, format="PNG", optimize=True)
    return out.getvalue()
