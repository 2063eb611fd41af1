"""Figures within a page: SVG that reaches for nothing outside of it, letters and marks drawn once for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from markupsafe import Markup, escape

from sim.errors import DataError

_LEFT_OUT = {"metadata", "style", "title"}  # addresses of vocabularies, and a style that would hold for the page
_LINK = "{http://www.w3.org/1999/xlink}href"
_TARGET = re.compile(r"url\(#([^)]+)\)")
_MOVED = re.compile(r"translate\((\S+) (\S+)\)")
_LONG = re.compile(r"-?\d+\.\d{3,}")
_DECIMALS = 2  # of a point: a hundredth is thinner than any screen shows
_LENGTHS = ("d", "x", "y", "width", "height")  # a factor of ``transform`` keeps all its digits
_BLANKS = re.compile(r"\s+")
_TOGGLED = re.compile(r"(s\d+)(?:-.*)?")  # names of groups that a page shows or hides


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A figure of a run: name of its files, what it finds, and its SVG."""

    name: str
    finding: str
    svg: bytes


class Drawings:
    """Takes in one figure after the other; ``shared`` then holds what they draw from."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._parts: list[str] = []

    def inline(self, drawing: Drawing) -> Markup:
        """The figure as an element of the page, named by its finding.

        What figures refer to carries a name made from its content, so that one name means the same in all of them.
        """
        try:
            root = ET.fromstring(drawing.svg)  # noqa: S314 - written by this program
        except ET.ParseError as error:
            raise DataError(f"figure {drawing.name}: no SVG: {error}") from error
        for part in root.iter():
            if _tag(part) == "defs":
                for child in part:
                    self._share(child)
        inside = "".join(text for child in root for text in self._told(child))
        # what the style of the file says of all elements, where attributes of single ones may still differ
        drawn = 'stroke-linejoin="round" stroke-linecap="butt"'
        return Markup(  # noqa: S704 - every text in it is escaped
            f'<svg viewBox="{escape(root.get("viewBox"))}" role="img" aria-label="{escape(drawing.finding)}" {drawn}>'
            f"{inside}</svg>"
        )

    @property
    def shared(self) -> Markup:
        """Letters, marks and clips of all figures; stands before the first of them."""
        inside = "".join(self._parts)
        return Markup(f'<svg class="shared" width="0" height="0" aria-hidden="true">{inside}</svg>')  # noqa: S704

    def _share(self, child: ET.Element) -> None:
        name = child.get("id")
        if name is None or name in self._names or _tag(child) in _LEFT_OUT:
            return
        self._names[name] = f"d{len(self._names)}"
        self._parts.append("".join(self._told(child)))

    def _told(self, part: ET.Element) -> Iterator[str]:
        tag = _tag(part)
        if tag in _LEFT_OUT or tag == "defs":
            return
        told = "".join(f' {name}="{escape(value)}"' for name, value in self._attributes(part))
        inside = "".join(text for child in part for text in self._told(child))
        if inside or tag != "g":
            yield f"<{tag}{told}>{inside}</{tag}>" if inside else f"<{tag}{told}/>"

    def _attributes(self, part: ET.Element) -> Iterator[tuple[str, str]]:
        for name, value in part.attrib.items():
            if name == "id":
                yield from self._named(value)
            elif name == "style":
                yield from _styled(value)
            elif name == _LINK:
                yield "href", f"#{self._known(value.removeprefix('#'))}"
            elif name == "transform" and _tag(part) == "use" and (moved := _MOVED.fullmatch(value)):
                yield from zip("xy", (_short(moved[1]), _short(moved[2])), strict=True)
            elif name in _LENGTHS:
                yield name, _short(value)
            elif not name.startswith("{"):
                yield name, _TARGET.sub(lambda found: f"url(#{self._known(found[1])})", value)

    def _named(self, name: str) -> Iterator[tuple[str, str]]:
        """What is shared keeps a name, what can be hidden gets a class; nobody asks for other names."""
        if name in self._names:
            yield "id", self._names[name]
        elif toggled := _TOGGLED.fullmatch(name):
            yield "class", toggled[1]

    def _known(self, name: str) -> str:
        if name not in self._names:
            raise DataError(f"figure: nothing is called {name!r}")
        return self._names[name]


def finding_of(svg: bytes) -> str:
    """What a figure finds, from the title of its SVG; empty where it has none."""
    root = ET.fromstring(svg)  # noqa: S314 - written by this program
    return next((part.text or "" for part in root if _tag(part) == "title"), "")


def _tag(part: ET.Element) -> str:
    return part.tag.rpartition("}")[2]


def _styled(value: str) -> Iterator[tuple[str, str]]:
    """A style as attributes: a page that allows styles by their hash allows none on single elements."""
    for entry in value.split(";"):
        what, _, how = entry.partition(":")
        if how:
            yield what.strip(), how.strip()


def _short(value: str) -> str:
    """Numbers with no more decimals than can be seen, on one line."""
    return _BLANKS.sub(" ", _LONG.sub(_rounded, value)).strip()


def _rounded(found: re.Match[str]) -> str:
    return f"{round(float(found[0]), _DECIMALS) + 0.0:g}"
