from collections.abc import Callable
from pathlib import Path

import pytest

from hcutal.data.store import FeatureStore
from hcutal.errors import HcutalError
from hcutal.extract.extend import extend_store
from hcutal.extract.registry import Recipe
from tests.extract.conftest import asked

Make = Callable[..., Path]


def test_a_store_grows(counting: str, recordings: Make, tmp_path: Path) -> None:
    folder, target = recordings(one="2", two="3"), tmp_path / "out"
    recipe = Recipe(counting, {})
    extend_store(recipe, [folder / "one.txt"], target)
    recordings(three="bad")
    found = extend_store(Recipe(counting, {"batch": 9}), [folder], target)
    assert list(found.folders) == ["two"]
    assert list(found.failed) == ["three"]
    recordings(two="4")
    extend_store(recipe, [folder], target)
    assert FeatureStore(target).meta.lengths == {"one": 2, "two": 4}
    assert asked(folder) == {"one": 1, "two": 2}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "recordings"]


def test_features_of_another_kind_are_not_mixed_in(counting: str, recordings: Make, tmp_path: Path) -> None:
    folder, target = recordings(one="2"), tmp_path / "out"
    extend_store(Recipe(counting, {}), [folder], target)
    with pytest.raises(HcutalError, match=r"out: its features were made by .*expected .*another folder"):
        extend_store(Recipe(counting, {"scale": 2.0}), [folder], target)
    (tmp_path / "other").mkdir()
    with pytest.raises(HcutalError, match=r"other: exists already and holds no features.json"):
        extend_store(Recipe(counting, {}), [folder], tmp_path / "other")


def test_nothing_is_left_where_all_fail(counting: str, recordings: Make, tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"no recording could be extracted:(.|\n)*holds 'bad'"):
        extend_store(Recipe(counting, {}), [recordings(one="bad")], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_of_the_same_name(counting: str, recordings: Make, tmp_path: Path) -> None:
    folder = recordings(one="2")
    (tmp_path / "one.txt").write_text("3")
    with pytest.raises(HcutalError, match="is called one as well; rename one of them"):
        extend_store(Recipe(counting, {}), [folder, tmp_path / "one.txt"], tmp_path / "out")
