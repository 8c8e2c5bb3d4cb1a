import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hcutal.errors import HcutalError
from hcutal.extract import registry
from hcutal.extract.make_store import make_store
from hcutal.extract.many import extract_many, prune
from hcutal.extract.registry import Recipe
from hcutal.extract.side_by_side import DIED
from tests.extract.conftest import asked, install

Make = Callable[..., Path]


def files_of(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.txt"))}


def test_what_was_extracted_is_not_extracted_again(counting: str, recordings: Make, tmp_path: Path) -> None:
    folder, cache = recordings(one="3", two="5"), tmp_path / "cache"
    first = extract_many(Recipe(counting, {}), files_of(folder), cache)
    assert np.load(first.folders["two"] / "a.npy").shape == (5, 3)
    recordings(two="4", three="1")
    again = extract_many(Recipe(counting, {"batch": 7}), files_of(folder), cache)
    assert list(again.folders) == ["one", "three", "two"]
    assert asked(folder) == {"one": 1, "three": 1, "two": 2}
    assert np.load(again.folders["two"] / "a.npy").shape == (4, 3)


@pytest.mark.parametrize(
    "damage", ["emptied", "cut", "zeroed", "flipped", "missing", "unsaid", "said wrongly"]
)
def test_a_damaged_recording_is_extracted_again(
    counting: str, recordings: Make, tmp_path: Path, damage: str
) -> None:
    folder, cache = recordings(one="3", two="5"), tmp_path / "cache"
    kept = extract_many(Recipe(counting, {}), files_of(folder), cache).folders["two"]
    path, whole = kept / "a.npy", (kept / "a.npy").read_bytes()
    changed = {
        "emptied": b"",
        "cut": whole[:-1],
        "zeroed": whole[:-40] + bytes(40),
        "flipped": whole[:-1] + bytes([whole[-1] ^ 1]),
    }
    if damage in changed:
        path.write_bytes(changed[damage])
    elif damage == "missing":
        path.unlink()
    else:
        (kept / "digests.json").write_text("" if damage == "unsaid" else "[1]")
    again = extract_many(Recipe(counting, {}), files_of(folder), cache).folders["two"]
    assert (again / "a.npy").read_bytes() == whole
    assert asked(folder) == {"one": 1, "two": 2}


def test_another_parameter_is_another_extraction(counting: str, recordings: Make, tmp_path: Path) -> None:
    folder = recordings(one="2")
    results = [
        extract_many(Recipe(counting, {"scale": scale}), files_of(folder), tmp_path / "cache")
        for scale in (1.0, 2.0)
    ]
    assert asked(folder) == {"one": 2}
    first, second = (np.load(result.folders["one"] / "a.npy") for result in results)
    np.testing.assert_array_equal(second, 2 * first)


def test_failures_are_reported_and_the_others_go_on(
    counting: str, recordings: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = recordings(a="bad", b="2", c="bug", d="1")
    found = extract_many(Recipe(counting, {}), files_of(folder), tmp_path / "cache")
    assert list(found.folders) == ["b", "d"]
    assert found.failed["a"].endswith("a.txt: holds 'bad'; expected a number")
    assert found.failed["c"].endswith("c.txt: ZeroDivisionError: a bug of the decoder")
    assert "a bug of the decoder" in caplog.text
    assert not list((tmp_path / "cache").rglob(".*"))


def test_several_workers_give_the_same_and_survive_a_death(
    recordings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "site", "foreign = tests.extract.counting:CountingExtractor", monkeypatch)
    folder = recordings(a="3", b="die", c="2", d="bad", e="4")
    found = extract_many(Recipe("foreign", {}), files_of(folder), tmp_path / "cache", workers=2)
    assert list(found.folders) == ["a", "c", "e"]
    assert found.failed["b"] == DIED
    assert "expected a number" in found.failed["d"]
    recordings(b="1", d="1")
    alone = extract_many(Recipe("foreign", {}), files_of(folder), tmp_path / "alone")
    for name in ("a", "c", "e"):
        for stream in ("a.npy", "b.npy"):
            assert (alone.folders[name] / stream).read_bytes() == (found.folders[name] / stream).read_bytes()


def test_prune_keeps_what_is_used(counting: str, recordings: Make, tmp_path: Path) -> None:
    cache, files = tmp_path / "cache", files_of(recordings(one="2", two="3"))
    extract_many(Recipe(counting, {"scale": 2.0}), files, cache)
    kept = extract_many(Recipe(counting, {}), files, cache).folders["one"]
    prune(cache, [kept])
    assert [path for path in cache.glob("*/*") if path.is_dir()] == [kept]
    assert len(list(cache.iterdir())) == 1


def test_prune_keeps_what_was_used_not_long_ago(counting: str, recordings: Make, tmp_path: Path) -> None:
    cache, files = tmp_path / "cache", files_of(recordings(one="2", two="3", three="4"))
    folders = extract_many(Recipe(counting, {}), files, cache).folders
    day = 86400
    for name, days in (("one", 5), ("two", 3), ("three", 5)):
        os.utime(folders[name], times=(time.time() - days * day,) * 2)
    prune(cache, [folders["three"]], days=4)
    assert {name for name, folder in folders.items() if folder.exists()} == {"two", "three"}
    prune(cache, [], days=2)
    assert {name for name, folder in folders.items() if folder.exists()} == {"three"}


@pytest.mark.parametrize(("most", "works"), [(0.5, True), (0.49, False)])
def test_too_many_failures_stop_the_stage(
    counting: str, recordings: Make, tmp_path: Path, most: float, works: bool
) -> None:
    files, target = files_of(recordings(a="bad", b="2")), tmp_path / "store"
    if works:
        assert list(
            make_store(Recipe(counting, {}), files, target, tmp_path / "c", max_failed=most).failed
        ) == ["a"]
    else:
        with pytest.raises(
            HcutalError,
            match=r"1 of 2 recordings failed; expected at most the share 0.49(.|\n)*a: (.|\n)*features.max_failed",
        ):
            make_store(Recipe(counting, {}), files, target, tmp_path / "c", max_failed=most)
        assert not target.exists()
        assert len(list((tmp_path / "c").glob("*/*"))) == 1


def test_the_fingerprint_follows_the_code(
    counting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(counting, {})
    before = recipe.fingerprint(None)
    assert before != recipe.fingerprint("weights")
    monkeypatch.setattr(registry, "_code_digest", lambda kind: "other")
    assert recipe.fingerprint(None) != before
