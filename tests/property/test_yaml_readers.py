"""libyaml and PyYAML itself read the same from a text, whatever is done to it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.inputs import marks
from sim.inputs.faults import Faults
from sim.inputs.marks import ListNode, MappingNode, Node

FILES = Path(__file__).parents[1] / "data" / "robustness"
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(FILES.rglob("*.yaml"))]
# what YAML gives a meaning, and line breaks of all kinds
MARKS = [
    *"\n\t\r\x85:{}[],&*!|>'\"%@`#?-~é\\\u3000\ufeff",
    *("\n  ", "\n\n", "\r\n", "\n---\n", "\n...\n", "? ", "- ", ": ", ", ", "''", "!!str ", "&a ", "*a ", "? x", "?x"),
    *("a?", "|\n", "|-\n  a", ">\n  a\n", "%YAML 1.1\n", "<<: ", "{a?b}", "[a?]", "{a: ?}", "{? a}"),
]


def read(text: str, loader: type, monkeypatch: pytest.MonkeyPatch) -> tuple[object, str]:
    monkeypatch.setattr(marks, "_FAST", loader)
    marks._sound_tree.cache_clear()
    faults = Faults()
    node = marks.scan_text(text, "a.yaml", faults)
    return None if node is None else plain(node), faults.text()


def plain(node: Node) -> object:
    """The tree with its places; that of nothing, which differs by a blank, left out."""
    if isinstance(node, MappingNode):
        return [(plain(entry.key), plain(entry.value)) for entry in node.entries], node.place, node.flow
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items], node.place
    return node.text, node.plain, node.place if node.text else None


@pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="PyYAML was built without libyaml")
@settings(max_examples=300)
@given(data=st.data())
def test_both_readers_agree_on_spoilt_texts(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    start = data.draw(st.integers(0, len(text) - 1))
    text = text[text.rfind("\n", 0, start) + 1 :][: data.draw(st.integers(1, 400))]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from(MARKS)) + text[at + data.draw(st.integers(0, 1)) :]
    with pytest.MonkeyPatch.context() as patch:
        assert read(text, yaml.CSafeLoader, patch) == read(text, yaml.SafeLoader, patch)


def test_where_libyaml_is_laxer_pyyaml_has_the_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, word in (("a:\tb: 1\n", "tab"), ("{a: b?c}\n", "'?'")):
        _, told = read(text, yaml.CSafeLoader, monkeypatch)
        assert word in told
