"""All faults that a folder can have at once: each is found, and nothing else."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from hcutal.cli import main
from tests.doctor.thumos_like import ThumosLike, of_test, of_train

# By kind: what its only place, or its message, names.
IN_FEATURES = {
    "pickle": of_train(0),
    "damaged": of_train(1),
    "number-type": f"{of_train(2)}.npy: int64",
    "crops": f"{of_train(3)}.npy: float32 (33, 10, 8)",
    "axes": f"{of_train(4)}.npy: float32 (34,)",
    "empty": f"{of_train(5)}.npy: shape is (0, 8)",
    "transposed": f"{of_train(6)}.npy: D is 36; expected 8",
    "dimensions": f"{of_train(7)}.npy: D is 7; expected 8",
    "streams-differ": f"{of_train(8)}.npy: 37 snippets; another stream of {of_train(8)} has 38",
    "not-finite": f"{of_train(9)}.npy: NaN or infinite values (2 of 312)",
    "zeros": f"{of_train(10)}.npy: 2 of 40",
    "constant": of_train(11),
    "same-content": f"{of_train(12)}.npy = {of_train(11)}",
    "missing": f"train/flow/{of_train(13)}.npy",
    "unused": of_train(99),
    "not-read": "train/rgb/all.pkl",
    "in-both-splits": of_test(0),
    "not-annotated": of_train(98),
    "in-no-split": of_train(97),
    "negative-start": f"{of_train(14)}: annotations[2]: starts at -3 s",
    "reversed": f"{of_train(15)}: annotations[2]: ends at 4 s, starts at 9 s",
    "beyond-duration": f"{of_train(16)}: annotations[2]: ends at 400 s",
    "duplicate-instance": f"{of_train(17)}: annotations[2]: Dive from 1 to 3 s",
    "no-length": f"{of_train(18)}: annotations[2]: starts and ends at 5 s",
    "labels-alike": "Long Jump = long_jump",
    "class-only-in-train": "Swim",
    "class-only-in-test": "Ride",
    "no-durations": "4 of 36 recordings have no duration",
    "no-instances": of_train(19),
    "whole-recording": of_train(20),
    "duration": f"{of_train(21)} lasts 90 s, its features 32.64 s",
    "after-features": f"{of_train(22)}: 50 s, features end at 33.28 s",
    "ambiguous": "1 segments are ambiguous",
    "no-rate": "",
}
IN_PREDICTIONS = {
    "negative-start": of_test(1),
    "no-length": of_test(2),
    "labels-alike": "Dive = dive",
    "label-not-annotated": "dive",
    "video-not-annotated": "video_test_0009999",
    "beyond-duration": of_test(3),
}


@pytest.fixture
def folder(tmp_path: Path) -> ThumosLike:
    return ThumosLike(tmp_path / "thumos")


def look(folder: ThumosLike, *options: str) -> tuple[int, dict[str, dict]]:
    """The exit status, and what the command says of features, annotations and predictions, by kind of thing."""
    folder.write()
    paths = [str(folder.folder), str(folder.folder / "gt.json"), str(folder.folder / "predictions.json")]
    result = CliRunner().invoke(main, ["doctor", *paths, "--json", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    found = json.loads(result.stdout)
    return result.exit_code, {name.partition(":")[0]: each for name, each in found.items()}


def test_a_folder_without_faults_has_none(folder: ThumosLike) -> None:
    status, found = look(folder)
    assert {name: each["problems"] for name, each in found.items()} == {name: [] for name in found}
    assert (status, list(found)) == (0, ["annotations", "features", "predictions"])
    summary = found["features"]["summary"]
    assert summary["read as"] == "{train,test}/<stream>/<recording>.npy"
    assert summary["seconds of a recording"] == {"least": 19.2, "median": 24.64, "greatest": 33.92}
    assert (summary["recordings"], summary["classes"], summary["D"]) == (36, 2, {"flow": 6, "rgb": 8})
    assert summary["names"] == "36 both listed and annotated"


def test_every_planted_fault_is_found_and_nothing_else(folder: ThumosLike) -> None:
    plant(folder)
    (folder.folder / "features/train/rgb").mkdir(parents=True)
    (folder.folder / "features/train/rgb/all.pkl").write_bytes(b"\x80\x04.")
    (folder.folder / "rates.csv").write_text(
        "video,fps\n" + "".join(f"{video},25\n" for video in folder.database if video != of_test(11))
    )
    status, found = look(folder, "--rates", "rates.csv")
    assert status == 1
    compare(found["features"]["problems"], IN_FEATURES)
    compare(found["predictions"]["problems"], IN_PREDICTIONS)
    assert len(IN_FEATURES.keys() | IN_PREDICTIONS.keys()) >= 25
    assert all(problem["remedy"] for each in found.values() for problem in each["problems"])


def test_a_list_that_cannot_be_read_is_one_fault(folder: ThumosLike) -> None:
    folder.splits["train"].append(of_train(0))
    status, found = look(folder)
    assert status == 1
    assert [problem["kind"] for problem in found["features"]["problems"]] == ["split"]
    assert "found video_validation_0000000 twice" in found["features"]["problems"][0]["message"]


def compare(problems: list[dict], expected: dict[str, str]) -> None:
    assert sorted(problem["kind"] for problem in problems) == sorted(expected)
    for problem in problems:
        assert len(problem["places"]) <= (2 if problem["kind"] == "no-rate" else 1), problem
        assert expected[problem["kind"]] in f"{problem['message']}: {problem['places']}", problem


def plant(folder: ThumosLike) -> None:
    """Everything that can be wrong at once, each fault in a video of its own."""
    plant_arrays(folder)
    folder.splits["train"] += [of_train(98), of_test(0)]
    for number in (98, 99):
        for stream, size in (("rgb", 8), ("flow", 6)):
            folder.arrays[f"train/{stream}/{of_train(number)}"] = np.random.default_rng(number).normal(
                size=(30, size)
            )
    folder.database[of_train(97)] = folder.database[of_train(0)] | {"duration": 60.0}
    folder.annotate(of_train(14), -3, 2)
    folder.annotate(of_train(15), 9, 4)
    folder.annotate(of_train(16), 1, 400)
    folder.annotate(of_train(17), 1, 3)
    folder.annotate(of_train(18), 5, 5)
    for video in (of_train(0), of_test(4)):
        folder.annotate(video, 4, 5, "Long Jump")
        folder.annotate(video, 6, 7, "long_jump")
    folder.annotate(of_train(0), 8, 9, "Swim")
    folder.annotate(of_test(4), 8, 9, "Ride")
    folder.annotate(of_test(5), 8, 9, "Ambiguous")
    folder.database[of_train(19)]["annotations"] = []
    folder.annotate(of_train(20), 0, folder.database[of_train(20)]["duration"])
    folder.database[of_train(21)]["duration"] = 90.0
    folder.annotate(of_train(22), 40, 50)
    for video in (of_train(22), of_train(23), of_test(6), of_test(7)):
        del folder.database[video]["duration"]
    folder.predict(of_test(1), -2, 3)
    folder.predict(of_test(2), 4, 4)
    folder.predict(of_test(3), 1, 300)
    folder.predict(of_test(4), 1, 3, "dive")
    folder.predict("video_test_0009999", 1, 3)


def plant_arrays(folder: ThumosLike) -> None:
    folder.array(of_train(0), lambda array: np.array([{"a": array}], dtype=object))
    folder.array(of_train(2), lambda array: array.astype(np.int64))
    folder.array(of_train(3), lambda array: np.repeat(array[:, None], 10, axis=1))
    folder.array(of_train(4), lambda array: array[:, 0])
    folder.array(of_train(5), lambda array: array[:0])
    folder.array(of_train(6), lambda array: array.T)
    folder.array(of_train(7), lambda array: array[:, :7])
    folder.array(of_train(8), lambda array: array[:-1])
    folder.array(
        of_train(9), lambda array: np.where(np.arange(8) + np.arange(39)[:, None] == 1, np.nan, array)
    )
    folder.array(of_train(10), lambda array: array * (np.arange(40) > 1)[:, None].astype(np.float32))
    folder.array(of_train(11), lambda array: np.full_like(array, 3.0))
    folder.arrays[f"train/flow/{of_train(12)}"] = folder.arrays[f"train/flow/{of_train(11)}"]
    folder.array(of_train(12), lambda array: array[:-1])
    folder.cut.append(f"train/rgb/{of_train(1)}")
    del folder.arrays[f"train/flow/{of_train(13)}"]


def test_recordings_of_several_classes_are_told_with_what_helps(folder: ThumosLike) -> None:
    for video in folder.database:
        folder.annotate(video, 5.0, 7.0, "Swim")
    status, found = look(folder)
    [problem] = found["features"]["problems"]
    assert (status, problem["kind"]) == (0, "several-classes")
    assert "recordings show 2.0 classes on average" in problem["message"]
    assert "--pieces 4" in problem["remedy"]
