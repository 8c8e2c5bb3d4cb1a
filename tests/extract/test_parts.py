from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from hcutal.errors import HcutalError
from hcutal.extract import parts, registry
from hcutal.extract.extractor import Array
from hcutal.extract.many import extract_many, prune
from hcutal.extract.parts import Growing, Parts
from hcutal.extract.registry import Recipe
from tests.extract.conftest import install
from tests.extract.steps import StepsExtractor

Make = Callable[..., Path]
COUNT = 20


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of an extractor that can begin in the midst, see tests/extract/steps.py; every batch is kept."""
    monkeypatch.setitem(registry.BUILT_IN, "steps", "tests.extract.steps:StepsExtractor")
    monkeypatch.setattr(parts, "SECONDS", 0.0)
    yield "steps"
    StepsExtractor.made.clear()
    StepsExtractor.stop, StepsExtractor.bad, StepsExtractor.reason = None, None, KeyboardInterrupt


@pytest.fixture
def film(recordings: Make) -> dict[str, Path]:
    return {"film": recordings(film=str(COUNT)) / "film.txt"}


def interrupted(recipe: Recipe, files: dict[str, Path], cache: Path, stop: int) -> None:
    """Extract until before snippet `stop`."""
    StepsExtractor.stop = stop
    with pytest.raises(KeyboardInterrupt):
        extract_many(recipe, files, cache)
    StepsExtractor.stop = None
    StepsExtractor.made.clear()


def content(recipe: Recipe, files: dict[str, Path], cache: Path) -> dict[str, bytes]:
    """The files of features of the film."""
    folder = extract_many(recipe, files, cache).folders["film"]
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def part_files(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.part"))


@pytest.mark.parametrize("stop", [1, 3, 4, 10, 18, 19])
def test_an_extraction_goes_on_where_it_was_interrupted(
    steps: str, film: dict[str, Path], tmp_path: Path, stop: int
) -> None:
    recipe = Recipe(steps, {})
    whole = content(recipe, film, tmp_path / "whole")
    interrupted(recipe, film, tmp_path / "cache", stop)
    assert content(recipe, film, tmp_path / "cache") == whole
    assert StepsExtractor.made == list(range(stop // 3 * 3, COUNT))
    assert [path.name for path in (tmp_path / "cache").glob("*/*")] == [
        path.name for path in (tmp_path / "whole").glob("*/*")
    ]


def test_it_is_interrupted_again_and_again(steps: str, film: dict[str, Path], tmp_path: Path) -> None:
    recipe, made = Recipe(steps, {}), []
    whole = content(recipe, film, tmp_path / "whole")
    for stop in range(1, COUNT):
        StepsExtractor.made.clear()
        StepsExtractor.stop = stop
        with pytest.raises(KeyboardInterrupt):
            extract_many(recipe, film, tmp_path / "cache")
        made += StepsExtractor.made
    StepsExtractor.made.clear()
    StepsExtractor.stop = None
    assert content(recipe, film, tmp_path / "cache") == whole
    # No snippet is made twice.
    assert made + StepsExtractor.made == list(range(COUNT))


def test_one_that_fails_in_the_midst_goes_on_as_well(
    steps: str, film: dict[str, Path], tmp_path: Path
) -> None:
    StepsExtractor.stop, StepsExtractor.reason = 10, MemoryError
    assert "MemoryError" in extract_many(Recipe(steps, {}), film, tmp_path / "cache").failed["film"]
    StepsExtractor.stop = None
    StepsExtractor.made.clear()
    extract_many(Recipe(steps, {}), film, tmp_path / "cache")
    assert StepsExtractor.made == list(range(9, COUNT))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def flipped(path: Path) -> None:
    found = bytearray(path.read_bytes())
    found[-1] ^= 1
    path.write_bytes(found)


def missing(path: Path) -> None:
    path.unlink()


def moved(path: Path) -> None:
    path.write_bytes((path.parent / "00000000.part").read_bytes())


@pytest.mark.parametrize("damage", [cut, emptied, zeroed, flipped, missing, moved])
def test_a_damaged_part_and_those_behind_it_are_made_again(
    steps: str, film: dict[str, Path], tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    recipe, cache = Recipe(steps, {}), tmp_path / "cache"
    whole = content(recipe, film, tmp_path / "whole")
    interrupted(recipe, film, cache, 15)
    names = [path.name for path in part_files(cache)]
    assert names == ["00000000.part", "00000003.part", "00000006.part", "00000009.part", "00000012.part"]
    damage(part_files(cache)[2])
    assert content(recipe, film, cache) == whole
    assert StepsExtractor.made == list(range(6, COUNT))
    assert part_files(cache) == []


@pytest.mark.parametrize(("values", "other"), [({"scale": 2.0}, {}), ({"batch": 5}, {"batch": 3})])
def test_parts_made_in_another_way_are_not_used(
    steps: str, film: dict[str, Path], tmp_path: Path, values: dict[str, float], other: dict[str, float]
) -> None:
    whole = content(Recipe(steps, values), film, tmp_path / "whole")
    interrupted(Recipe(steps, other), film, tmp_path / "cache", 15)
    assert content(Recipe(steps, values), film, tmp_path / "cache") == whole
    assert StepsExtractor.made == list(range(COUNT))


def test_parts_of_other_code_or_threads_are_not_used(
    steps: str, film: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(steps, {})
    interrupted(recipe, film, tmp_path / "threads", 15)
    extract_many(recipe, film, tmp_path / "threads", threads=2)
    assert StepsExtractor.made == list(range(COUNT))
    interrupted(recipe, film, tmp_path / "code", 15)
    monkeypatch.setattr(registry, "_code_digest", lambda kind: "other")
    extract_many(recipe, film, tmp_path / "code")
    assert StepsExtractor.made == list(range(COUNT))


def test_parts_of_a_recording_that_was_exchanged_are_not_used(
    steps: str, film: dict[str, Path], recordings: Make, tmp_path: Path
) -> None:
    recipe, cache = Recipe(steps, {}), tmp_path / "cache"
    interrupted(recipe, film, cache, 15)
    recordings(film="17")
    found = extract_many(recipe, film, cache)
    assert StepsExtractor.made == list(range(17))
    assert np.load(found.folders["film"] / "a.npy").shape == (17, 2)
    # Those of the old one go when the stage has ended.
    assert len(part_files(cache)) == 5
    prune(cache, found.folders.values())
    assert part_files(cache) == []


def test_values_that_are_not_finite_end_it_and_are_not_kept(
    steps: str, film: dict[str, Path], tmp_path: Path
) -> None:
    StepsExtractor.bad = 7
    failed = extract_many(Recipe(steps, {}), film, tmp_path / "cache").failed
    assert "NaN or infinite" in failed["film"]
    assert [path.name for path in part_files(tmp_path / "cache")] == ["00000000.part", "00000003.part"]


def test_a_recording_without_snippets_is_refused(steps: str, recordings: Make, tmp_path: Path) -> None:
    files = {"none": recordings(none="0") / "none.txt"}
    assert (
        "none.txt: no snippet; expected one"
        in extract_many(Recipe(steps, {}), files, tmp_path).failed["none"]
    )


def test_the_bar_moves_inside_of_a_recording(
    steps: str, film: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[float] = []
    monkeypatch.setattr("hcutal.extract.many.WorkBar.reach", lambda bar, done, *more: shown.append(done))
    interrupted(Recipe(steps, {}), film, tmp_path, 8)
    assert shown == [0, 0.15, 0.3]
    extract_many(Recipe(steps, {}), film, tmp_path)
    assert shown[3:] == [0.3, 0.45, 0.6, 0.75, 0.9, 1, 1]


def test_several_workers_go_on_in_the_midst_and_say_how_far_they_are(
    film: dict[str, Path], recordings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "site", "steps-elsewhere = tests.extract.steps:StepsExtractor", monkeypatch)
    monkeypatch.setattr(parts, "SECONDS", 0.0)
    files = {**film, "other": recordings(other="7") / "other.txt"}
    recipe = Recipe("steps-elsewhere", {})
    whole = content(recipe, files, tmp_path / "whole")
    interrupted(recipe, files, tmp_path / "cache", 15)
    shown: list[float] = []
    monkeypatch.setattr("hcutal.extract.many.WorkBar.reach", lambda bar, done, *more: shown.append(done))
    found = extract_many(recipe, files, tmp_path / "cache", workers=2)
    assert {path.name: path.read_bytes() for path in found.folders["film"].iterdir()} == whole
    assert list(found.folders) == ["film", "other"]
    assert shown == sorted(shown)
    assert shown[-1] == 2
    StepsExtractor.made.clear()


def test_parts_that_join_are_read_and_others_removed(tmp_path: Path) -> None:
    kept = Parts(tmp_path / "film", "this")
    rows: dict[str, Array] = {
        "a": np.arange(6, dtype=np.float32).reshape(3, 2),
        "b": np.ones((3, 1), dtype=np.float16),
    }
    for start in (0, 3, 9):
        kept.write(start, rows)
    assert list(Parts(tmp_path / "film", "that").read()) == []
    assert not any((tmp_path / "film").iterdir())
    for start in (0, 3, 9):
        kept.write(start, rows)
    found = list(kept.read())
    assert [list(part) for part in found] == [["a", "b"]] * 2
    for name, array in found[1].items():
        np.testing.assert_array_equal(array, rows[name])
        assert array.dtype == rows[name].dtype
    assert sorted(path.name for path in (tmp_path / "film").iterdir()) == ["00000000.part", "00000003.part"]
    kept.remove()
    assert list(kept.read()) == []


def test_snippets_of_another_form_are_refused() -> None:
    found = Growing()
    found.add({"a": np.zeros((2, 3), dtype=np.float32)})
    for other in (
        {"a": np.zeros((2, 4), dtype=np.float32)},
        {"a": np.zeros((2, 3), dtype=np.float16)},
        {"b": np.zeros((2, 3), dtype=np.float32)},
    ):
        with pytest.raises(HcutalError, match=r"snippets from 2 on: .*; expected .*'a'"):
            found.add(other)
    with pytest.raises(HcutalError, match=r"of \[1, 2\] snippets"):
        Growing().add({"a": np.zeros((1, 1), dtype=np.float32), "b": np.zeros((2, 1), dtype=np.float32)})
    assert len(found) == 2
