"""Mutations of scenario files and tables that a person, a disk or a stranger might make; each from one seed."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence

from tests.robustness.tree import Items, Mapping, Scalar, Tree, written

UNITS = (
    *(
        "%",
        "%/yr",
        "kt/yr",
        "Mt/yr",
        "t/yr",
        "kt",
        "Mt",
        "t",
        "USD/t",
        "USD/kg",
        "USD",
        "M USD",
        "bn USD",
        "years",
        "t/t",
    ),
    *("", "EUR/t", "kt /yr", "kt/year", "KT/yr", "pp", "%%", "kt/yr/yr", "lb", "kt/yr kt/yr", "µt", "‰"),
)
NUMBERS = (
    *(
        "0",
        "-1",
        "1",
        "-0",
        "0.0",
        "1e3",
        "1e308",
        "1e309",
        "-1e308",
        "1e-308",
        "5e-324",
        ".5",
        "5.",
        "+3",
        "007",
        "0x10",
    ),
    *("1_000", "1,000", "1.000,5", "1 000", ".nan", ".inf", "-.inf", "NaN", "inf", "1e", "--3", "٣", "½", "9" * 400),
    *(
        "2025",
        "2026",
        "2027",
        "2028",
        "2024",
        "1999",
        "9999",
        "10000",
        "0.1",
        "0.999999999",
        "1.0000000001",
        "100",
        "50",
    ),
)
WORDS = (
    *(
        "",
        "~",
        "null",
        "true",
        "false",
        "on",
        "off",
        "yes",
        "NO",
        "removed",
        "remainder",
        "all",
        "all_foreign",
        "World",
    ),
    *("2026-02-30", "2026-13-01", "0000-01-01", "2026-03-15", "9999-12-31", "2026-3-5", "15.03.2026", "'", '"', "\\"),
    *(
        "../baseline",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "..",
        ".",
        "$(touch x)",
        "`id`",
        "{{7*7}}",
        "%s%n",
        "<script>x</script>",
    ),
    *(
        "!!python/object/apply:os.system [id]",
        "*a",
        "&a b",
        "<<",
        "\u202e",
        "\u2028",
        "é",
        "🚢",
        "x" * 5000,
        "assumption",
        "D0",
    ),
)
BYTES = (b"\0", b"\xff", b"\xef\xbb\xbf", b"\r\n", b"\r", b"\t", b"\x1b", b"\xc3", b"\xed\xa0\x80", b"\xe2\x80\xa8")
DEEP = 60

Change = Callable[[Tree, random.Random, Sequence[Tree]], None]


def mutated_scenario(tree: Tree, others: Sequence[Tree], seed: int) -> bytes:
    """The file of a tree after one to three mutations; ``others`` are files that parts may be taken from."""
    rng = random.Random(seed)  # noqa: S311 - nothing is kept secret with it
    changed = copy.deepcopy(tree)
    for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
        rng.choices(TREE_CHANGES, weights=TREE_WEIGHTS)[0](changed, rng, others)
    data = written(changed).encode("utf-8", "surrogatepass")
    return spoilt(data, rng) if rng.random() < 0.08 else data


# ---- bytes


def spoilt(data: bytes, rng: random.Random) -> bytes:
    """What a disk, an editor or a bad copy makes of a file."""
    at = rng.randrange(len(data) + 1)
    to = min(len(data), at + rng.choice((1, 2, 10, 200)))
    kind = rng.randrange(8)
    if kind == 0 and at < len(data):
        return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + data[to:]
    if kind == 2:
        return data[:at] + data[at:to] * rng.choice((2, 3, 50)) + data[to:]
    if kind == 3:
        return data[:at]
    if kind == 4:
        return data.replace(b"\n", b"\r\n")
    if kind == 5:
        return b"\xef\xbb\xbf" + data
    if kind == 6:
        return data.decode("utf-8", "replace").encode("utf-16")
    return data[:at] + rng.choice(BYTES) + data[at:]


# ---- trees


def _mappings(tree: Tree) -> Iterator[Mapping]:
    if isinstance(tree, Mapping):
        if tree.entries:
            yield tree
        for _, value in tree.entries:
            yield from _mappings(value)
    elif isinstance(tree, Items):
        for item in tree.items:
            yield from _mappings(item)


def _place(tree: Tree, rng: random.Random) -> tuple[Mapping, int] | None:
    found = [(mapping, i) for mapping in _mappings(tree) for i in range(len(mapping.entries))]
    return rng.choice(found) if found else None


def _scalar_place(tree: Tree, rng: random.Random) -> Scalar | None:
    found: list[Scalar] = []
    for mapping in _mappings(tree):
        for _, value in mapping.entries:
            found += [value] if isinstance(value, Scalar) else []
            if isinstance(value, Items):
                found += [item for item in value.items if isinstance(item, Scalar)]
    return rng.choice(found) if found else None


def _numeric(tree: Tree, rng: random.Random) -> Scalar | None:
    found = [
        value
        for mapping in _mappings(tree)
        for _, value in mapping.entries
        if isinstance(value, Scalar) and value.text[:1].lstrip("-").isdigit()
    ]
    return rng.choice(found) if found else None


def change_number(tree: Tree, rng: random.Random, others: Sequence[Tree]) -> None:
    """Another number, mostly near, with the unit as it was."""
    scalar = _numeric(tree, rng)
    if scalar is None:
        return
    digits, _, unit = scalar.text.partition(" ")
    try:
        near = float(digits) * rng.choice((0.0, 0.01, 0.5, 0.9, 0.99, 1.01, 1.1, 2, 10, 1000, -1))
        number = f"{near:.6g}" if rng.random() < 0.9 else rng.choice(NUMBERS)
    except ValueError:
        number = rng.choice(NUMBERS)
    number = str(int(digits) + rng.choice((-1, 1))) if digits.isdecimal() and not unit and len(digits) < 9 else number
    scalar.text = f"{number} {unit}".strip()


def change_unit(tree: Tree, rng: random.Random, others: Sequence[Tree]) -> None:
    """Another unit, or none."""
    scalar = _numeric(tree, rng)
    if scalar is not None:
        scalar.text = f"{scalar.text.partition(' ')[0]} {rng.choice(UNITS)}".strip()


def change_word(tree: Tree, rng: random.Random, others: Sequence[Tree]) -> None:
    """Any value becomes one that is odd, or one that stands elsewhere."""
    scalar = _scalar_place(tree, rng)
    other = _scalar_place(rng.choice(others), rng) if others and rng.random() < 0.5 else None
    if scalar is not None:
        scalar.text = other.text if other is not None else rng.choice((*WORDS, *NUMBERS))
        scalar.plain = rng.random() < 0.9


def change_key(tree: Tree, rng: random.Random, others: Sequence[Tree]) -> None:
    """A key misspelt, or one that stands elsewhere."""
    place = _place(tree, rng)
    if place is None:
        return
    mapping, i = place
    key, value = mapping.entries[i]
    other = _place(rng.choice(others), rng) if others else None
    taken = other[0].entries[other[1]][0] if other is not None and rng.random() < 0.5 else ""
    at = rng.randrange(len(key) + 1)
    misspelt = rng.choice(
        (key[:at] + key[at + 1 :], key[:at] + "x" + key[at:], key.upper(), f"{key} ", rng.choice(WORDS))
    )
    mapping.entries[i] = (taken or misspelt, value)


def drop_entry(tree: Tree, rng: random.Random, others: Sequence[Tree]) -> None:
    """A line that is missing."""
    place = _place(tree, rng)
    if place is not None:
        del place[0].entries[place[1]]


def repeat_entry(tree: Tree, rng: random.Random, others: Sequence[Tree]) -> None:
    """A line that stands twice, the second time perhaps under another name."""
    place = _place(tree, rng)
    if place is not None:
        key, value = place[0].entries[place[1]]
        name = key if rng.random() < 0.4 else f"{key}_2"
        place[0].entries.insert(rng.randrange(len(place[0].entries) + 1), (name, copy.deepcopy(value)))


def take_part(tree: Tree, rng: random.Random, others: Sequence[Tree]) -> None:
    """A part of another file under the same key, or somewhere it does not belong."""
    place, other = _place(tree, rng), _place(rng.choice(others), rng) if others else None
    if place is None or other is None:
        return
    entry = copy.deepcopy(other[0].entries[other[1]])
    if rng.random() < 0.5:
        place[0].entries.append(entry)
    else:
        place[0].entries[place[1]] = (place[0].entries[place[1]][0], entry[1])


def wrap(tree: Tree, rng: random.Random, others: Sequence[Tree]) -> None:
    """A value one level deeper, in a list or a mapping, sometimes very deep."""
    place = _place(tree, rng)
    if place is None:
        return
    key, value = place[0].entries[place[1]]
    for _ in range(DEEP if rng.random() < 0.1 else 1):
        value = (
            Items([value])
            if rng.random() < 0.5
            else Mapping([(rng.choice(("value", "by_year", "default", "x")), value)])
        )
    place[0].entries[place[1]] = (key, value)


def unwrap(tree: Tree, rng: random.Random, others: Sequence[Tree]) -> None:
    """A mapping or list replaced by one of its parts, or by nothing."""
    place = _place(tree, rng)
    if place is None:
        return
    key, value = place[0].entries[place[1]]
    parts = [inner for _, inner in value.entries] if isinstance(value, Mapping) else getattr(value, "items", [])
    place[0].entries[place[1]] = (key, rng.choice(parts) if parts else rng.choice((Mapping(), Items(), Scalar("~"))))


def swap(tree: Tree, rng: random.Random, others: Sequence[Tree]) -> None:
    """Two values in each other's place."""
    first, second = _place(tree, rng), _place(tree, rng)
    if first is None or second is None:
        return
    (a, i), (b, j) = first, second
    if _holds(a.entries[i][1], b) or _holds(b.entries[j][1], a):
        return  # a value inside the other
    (key, one), (name, other) = a.entries[i], b.entries[j]
    a.entries[i], b.entries[j] = (key, other), (name, one)


def _holds(tree: Tree, mapping: Mapping) -> bool:
    return any(inner is mapping for inner in _mappings(tree))


def many(tree: Tree, rng: random.Random, others: Sequence[Tree]) -> None:
    """A part repeated until the file is large."""
    place = _place(tree, rng)
    if place is not None:
        key, value = place[0].entries[place[1]]
        place[0].entries += [(f"{key}_{i}", value) for i in range(rng.choice((20, 300)))]


TREE_CHANGES: tuple[Change, ...] = (
    *(change_number, change_unit, change_word, change_key, drop_entry, repeat_entry, take_part),
    *(wrap, unwrap, swap, many),
)
TREE_WEIGHTS = (45, 6, 8, 6, 10, 10, 6, 3, 3, 6, 1)
