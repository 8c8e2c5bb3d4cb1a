import json
from pathlib import Path

import pandas as pd
import pytest

from hcutal.data.annotations import Annotations, read_annotations, write_annotations
from hcutal.errors import HcutalError

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
THUMOS = SHARED / "thumos14" / "gt.json"
ACTIVITYNET = SHARED / "activitynet12" / "activity_net.v1-2.min-missing-removed.json"


def write(path: Path, **videos: object) -> Path:
    path.write_text(json.dumps({"database": videos}))
    return path


def video(
    subset: str = "train", duration: object = 10.0, segment: object = (1, 2), label: object = "Dive"
) -> dict:
    record = {"segment": segment, "label": label}
    return {"subset": subset, "duration": duration, "annotations": [record]}


@pytest.mark.skipif(not THUMOS.exists(), reason="shared data are not here")
def test_thumos14_is_read_as_the_field_counts_it() -> None:
    annotations = read_annotations(THUMOS)
    subsets = annotations.videos["subset"].value_counts()
    assert (subsets["train"], subsets["test"]) == (200, 210)
    train = set(annotations.videos.query("subset == 'train'")["video"])
    assert annotations.instances["video"].isin(train).sum() == 3007
    assert len(annotations.classes) == 20
    multi = [video for video, labels in annotations.labels().items() if len(labels) > 1]
    assert (sum(name in train for name in multi), sum(name not in train for name in multi)) == (27, 34)
    assert annotations.videos["duration"].isna().all()


@pytest.mark.skipif(not ACTIVITYNET.exists(), reason="shared data are not here")
def test_activitynet_is_read_without_its_segments_of_no_length() -> None:
    annotations = read_annotations(ACTIVITYNET)
    subsets = annotations.videos["subset"].value_counts()
    assert (subsets["train"], subsets["test"]) == (4441, 2198 + 2268)
    assert len(annotations.classes) == 100
    assert (annotations.instances["end"] > annotations.instances["start"]).all()


def test_round_trip(tmp_path: Path) -> None:
    listed = [("a", "train", 9.5), ("b", "test", 4.0), ("c", "both", 3.0)]
    videos = pd.DataFrame(listed, columns=["video", "subset", "duration"])
    rows = [("a", 3.0, 4.5, "Dive"), ("a", 0.5, 1.0, "Swing")]
    instances = pd.DataFrame(rows, columns=["video", "start", "end", "label"])
    write_annotations(tmp_path / "a.json", Annotations(videos, instances))
    found = read_annotations(tmp_path / "a.json")
    pd.testing.assert_frame_equal(found.videos, videos, check_dtype=False)
    pd.testing.assert_frame_equal(found.instances, instances, check_dtype=False)
    assert found.labels() == {"a": ["Dive", "Swing"], "b": [], "c": []}
    assert found.select(["b"]).videos["video"].tolist() == ["b"]
    assert found.select(["b"]).instances.empty


def test_segments_may_be_strings_and_durations_missing(tmp_path: Path) -> None:
    entry = {"subset": "test", "annotations": [{"segment": ["1.0", "1.5"], "label": "Dive"}]}
    found = read_annotations(write(tmp_path / "a.json", a=entry))
    assert found.instances.iloc[0].tolist() == ["a", 1.0, 1.5, "Dive"]
    assert found.videos["duration"].isna().all()


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (["train", "test"], ["train", "test"]),
        (["training", "validation", "testing"], ["train", "test", "test"]),
        (["Validation", "Test"], ["train", "test"]),
        (["both", "validation"], ["both", "train"]),
    ],
)
def test_subset_names(tmp_path: Path, names: list[str], roles: list[str]) -> None:
    path = write(tmp_path / "a.json", **{f"v{i}": video(subset=name) for i, name in enumerate(names)})
    assert read_annotations(path).videos["subset"].tolist() == roles


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (video(segment=[3, 2]), r"a\.json: v: annotations\[0\]: ends at 2 s, starts at 3 s"),
        (video(segment=[-1, 2]), r"v: annotations\[0\]: starts at -1 s; expected 0 or more"),
        (video(segment=[1, 12]), r"v: annotations\[0\]: ends at 12 s, beyond the video's duration of 10 s"),
        (video(segment=[1]), r"segment is \[1\]; expected \[start, end\]"),
        (video(segment=["x", 2]), r"segment: found 'x'; expected a number of seconds"),
        (video(segment=[1, float("nan")]), "not valid JSON"),
        (video(label="Jump"), "unknown label 'Jump'; expected one of Dive"),
        (video(label=None), "label is None; expected a name"),
        (video(duration=0), "duration is 0; expected more than 0 s"),
        (video(duration="long"), "v: duration: found 'long'; expected a number"),
        (video(subset="dev"), "subset is 'dev'; expected train, training, validation"),
        ({"annotations": []}, "v: no subset"),
        ({"subset": "train", "annotations": {}}, "annotations is dict; expected a list"),
        ({"subset": "train", "annotations": [3]}, r"annotations\[0\]: segment is None"),
    ],
)
def test_bad_records_are_named(tmp_path: Path, entry: dict, message: str) -> None:
    with pytest.raises(HcutalError, match=message):
        read_annotations(write(tmp_path / "a.json", v=entry), labels=["Dive"])


def test_duplicate_videos_are_refused(tmp_path: Path) -> None:
    entry = json.dumps(video())
    (tmp_path / "a.json").write_text(f'{{"database": {{"v": {entry}, "v": {entry}}}}}')
    with pytest.raises(HcutalError, match="v: occurs twice"):
        read_annotations(tmp_path / "a.json")


@pytest.mark.parametrize("text", ["[]", "{}", '{"database": {}}'])
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(HcutalError, match='no "database" with videos'):
        read_annotations(tmp_path / "a.json")
