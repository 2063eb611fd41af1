from __future__ import annotations

from pathlib import Path

from sim.sweep_plan import SOURCES, source_hash
from tests.unit.test_architecture import imports_of, target_of

SIM = Path(__file__).parents[2] / "sim"


def test_every_file_that_a_part_is_solved_by_is_part_of_its_mark() -> None:
    paths = {path.relative_to(SIM).as_posix() for path in SIM.rglob("*.py")}
    reached, waiting = set(), ["study/workers.py", "study/points.py", "study/atlas.py", "study/sweep.py"]
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            targets = (target_of(name, paths) for _, name in imports_of((SIM / path).read_text(), path))
            waiting += [each for each in targets if each is not None and each != "__init__.py"]
    outside = {path for path in reached if path.split("/")[0] not in SOURCES}
    assert len(reached) > 50
    assert outside == set()


def test_mark_moves_with_the_equations_and_not_with_the_words(tmp_path: Path) -> None:
    for name in ("core/supply.py", "output/wording.py", *(name for name in SOURCES if name.endswith(".py"))):
        path = tmp_path / "sim" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n")
    before = source_hash(tmp_path)
    (tmp_path / "sim" / "output" / "wording.py").write_text("other words\n")
    assert source_hash(tmp_path) == before
    (tmp_path / "sim" / "core" / "supply.py").write_text("another equation\n")
    assert source_hash(tmp_path) != before
