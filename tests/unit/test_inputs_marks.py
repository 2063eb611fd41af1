from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sim.errors import ScenarioError
from sim.inputs.faults import Faults
from sim.inputs.marks import ListNode, MappingNode, Node, ScalarNode, read_yaml, scan_text

if TYPE_CHECKING:
    from pathlib import Path


def tree_of(text: str) -> Node:
    faults = Faults()
    node = scan_text(text, "a.yaml", faults)
    assert faults.text() == ""
    assert node is not None
    return node


def faults_of(text: str) -> list[str]:
    faults = Faults()
    scan_text(text, "a.yaml", faults)
    return [line for line in faults.text().split("\n") if not line.startswith("    ")]


def test_each_node_knows_where_it_stands():
    root = tree_of("a: 1\nb:\n  - x\n  - {c: two words}\n")
    assert isinstance(root, MappingNode)
    entry = root.entry("b")
    assert entry is not None
    assert str(entry.key.place) == "a.yaml:2:1"
    assert isinstance(entry.value, ListNode)
    assert str(entry.value.items[0].place) == "a.yaml:3:5"
    inner = entry.value.items[1]
    assert isinstance(inner, MappingNode)
    assert str(inner.get("c").place) == "a.yaml:4:9"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("NO", "str"),
        ("on", "str"),
        ("yes", "str"),
        ("true", "bool"),
        ("'true'", "str"),
        ("~", "null"),
        ("null", "null"),
        ("", "null"),
        ("0x10", "int"),
        ("010", "int"),
        ("2_026", "str"),
        ("1:30", "str"),
        ("2026-03-15", "str"),
        ("1e3", "float"),
        (".inf", "float"),
        (".NaN", "float"),
        ("9" * 400, "int"),
    ],
)
def test_plain_scalars_are_what_yaml_1_2_says(text: str, kind: str):
    node = tree_of(f"a: {text}").get("a")  # type: ignore[union-attr]
    assert isinstance(node, ScalarNode)
    assert node.kind == kind


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: 1\nb: 2\na: 3", "a.yaml:3:1: a: key stands twice, first in line 1"),
        ("a:\n  b: {c: 1, c: 2}", "a.yaml:2:13: a.b.c: key stands twice, first in line 2"),
        ("a: &x 1", "a.yaml:1:4: a: anchors (&x) are not accepted"),
        ("a: *x", "a.yaml:1:4: a: aliases (*x) are not accepted; write the value out"),
        ("a:\n  <<: {b: 1}", "a.yaml:2:3: a: merge keys (<<) are not accepted; use extends or mixins"),
        ("a: !!int 3", "a.yaml:1:4: a: tags (tag:yaml.org,2002:int) are not accepted"),
        ("a: !x 3", "a.yaml:1:4: a: tags (!x) are not accepted"),
        ("%YAML 1.1\n---\na: 1", "a.yaml:1:1: YAML directives are not accepted; files are YAML 1.2"),
        ("a: 1\n---\nb: 2", "a.yaml:2:1: a second document begins here; a file holds one"),
        ("? [a]\n: b", "a.yaml:1:3: a key is a plain name, not a list"),
        ("? {a: b}\n: c", "a.yaml:1:3: a key is a plain name, not a mapping"),
        ("a:\tb", "a.yaml:1:3: not YAML: a tab; indent with spaces"),
        ("a:\n\tb: 1", "a.yaml:2:1: not YAML: a tab; indent with spaces"),
        ('a: "\\UFFFFFFFF"', "a.yaml:1:7: not YAML: a character or escape that cannot be read"),
        ('a: "\\ud800"', "a.yaml:1:4: a: character U+D800 is not accepted"),
        ('a: "\\e[31m"', "a.yaml:1:4: a: character U+001B is not accepted"),
        ("a: \x1b[31m", "a.yaml:1:4: character U+001B is not accepted"),
        ("a: b\u2028c: d", "a.yaml:1:5: character U+2028 is not accepted"),
        ("a: b\x85c: d", "a.yaml:1:5: character U+0085 is not accepted"),
        ("a: \u202eb", "a.yaml:1:4: character U+202E is not accepted"),
    ],
)
def test_what_yaml_would_let_pass_is_refused(text: str, wanted: str):
    assert faults_of(text) == [wanted]


def test_all_refusals_of_a_file_come_together():
    assert len(faults_of("a: &x 1\nb: *x\na: !t 3\n")) == 4


def test_a_syntax_error_names_its_place():
    unclosed = "while parsing a flow sequence, expected ',' or ']', but got '<stream end>'"
    assert faults_of("a: 1\nb: [1\n") == [f"a.yaml:3:1: not YAML: {unclosed}, begun in line 2"]
    assert faults_of("a: b: c")[0].startswith("a.yaml:1:5: not YAML: mapping values are not allowed here")


def test_twenty_levels_are_accepted_and_one_more_is_not():
    assert isinstance(tree_of("[" * 20 + "a" + "]" * 20), ListNode)
    assert faults_of("[" * 21 + "a" + "]" * 21) == [f"a.yaml:1:21: {'[0]' * 20}: nested deeper than 20 levels"]


def test_a_fault_shows_its_line_with_a_caret():
    faults = Faults()
    scan_text("title: a\nb: *x\n", "a.yaml", faults)
    assert faults.text().split("\n")[1:] == ["    b: *x", "       ^"]


def test_a_long_line_is_shown_around_its_caret():
    faults = Faults()
    scan_text("a: [" + "x, " * 500 + "*y]", "a.yaml", faults)
    _, shown, caret = faults.text().split("\n")
    assert len(shown) < 120
    assert shown[caret.index("^")] == "*"


def test_byte_order_mark_and_windows_line_ends_change_no_place(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: *x\r\n")
    with pytest.raises(ScenarioError, match=r"^a\.yaml:2:4: b: aliases"):
        read_yaml(path, "a.yaml")
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: x\r\n")
    root = read_yaml(path, "a.yaml")
    assert isinstance(root, MappingNode)
    assert root.names == ("a", "b")


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"a: b\nc: \xfcber\n", r"^a\.yaml:2:4: byte 0xfc is not UTF-8"),
        ("a: b".encode("utf-16"), r"^a\.yaml:1:1: byte 0xff is not UTF-8"),
        (b"\xef\xbb\xbfa: \xff", r"^a\.yaml:1:4: byte 0xff is not UTF-8"),
        (b"a: \x00", r"^a\.yaml:1:4: character U\+0000"),
        (b"a: " + b"x" * 65536, r"^a\.yaml:1:1: the file is larger than 64 KiB"),
    ],
)
def test_bytes_that_are_no_text_of_ours_are_refused(tmp_path: Path, data: bytes, wanted: str):
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    with pytest.raises(ScenarioError, match=wanted):
        read_yaml(path, "a.yaml")


def test_a_file_of_exactly_64_kib_is_read(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: " + b"x" * 65533)
    assert isinstance(read_yaml(path, "a.yaml"), MappingNode)


def test_what_is_no_file_is_refused(tmp_path: Path):
    with pytest.raises(ScenarioError, match=r"^b\.yaml:1:1: no such file"):
        read_yaml(tmp_path / "b.yaml", "b.yaml")
    with pytest.raises(ScenarioError, match=r"^d:1:1: no such file"):
        read_yaml(tmp_path, "d")
    os.mkfifo(tmp_path / "pipe.yaml")  # reading it would never end
    with pytest.raises(ScenarioError, match=r"^pipe\.yaml:1:1: no such file"):
        read_yaml(tmp_path / "pipe.yaml", "pipe.yaml")


@pytest.mark.parametrize(
    "text",
    ["[" * 60000, "{" * 60000, "- " * 30000, "? " * 30000, "{" + "a," * 30000 + "}", "&a " * 20000, "a: 1\n" * 12000],
    ids=["lists", "mappings", "dashes", "keys", "nulls", "anchors", "repeats"],
)
def test_bombs_end_in_few_words(text: str):
    faults = Faults()
    scan_text(text, "a.yaml", faults)
    assert 0 < len(faults.text()) < 50_000
