import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from hcutal.cli import main
from hcutal.doctor.examine import Options, examine, kind_of
from hcutal.doctor.installation import check_installation, check_project
from hcutal.errors import HcutalError
from hcutal.extract.registry import Recipe
from hcutal.pipeline.new_project import new_project

ROW = {"label": "Dive", "segment": [1.0, 2.0]}
VECTORS = Options(extractor="vectors")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is no project, with sensor arrays of 4 s, annotations and predictions."""
    monkeypatch.chdir(tmp_path)
    Path("sensors").mkdir()
    rng = np.random.default_rng(0)
    for name in "abcd":
        np.save(f"sensors/{name}.npy", rng.normal(size=(100, 3)))
    write(
        "gt.json",
        {"database": {name: {"subset": "test", "duration": 4, "annotations": [ROW]} for name in "abcd"}},
    )
    write("p.json", {"results": {"a": [ROW | {"score": 0.3}, ROW | {"score": 0.2}]}})


def write(name: str, value: Any) -> None:
    Path(name).write_text(value if isinstance(value, str) else json.dumps(value))


def kinds(*names: str, options: Options = VECTORS) -> dict[str, list[str]]:
    found = examine([Path(name) for name in names], options)
    return {
        name.partition(":")[0]: [each.kind for each in findings.problems] for name, findings in found.items()
    }


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *arguments])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("gt.json", "annotations"),
        ("p.json", "predictions"),
        ("sensors/a.npy", "array"),
        ("sensors", "features"),
        ("films", "recordings"),
        ("list.txt", "list"),
        ("films/a.mp4", "recording"),
        ("sensors.csv", "recording"),
        ("segments.csv", "tool"),
        ("labels.txt", "tool"),
        ("tasks.json", "tool"),
    ],
)
def test_what_is_named_is_recognised(name: str, kind: str) -> None:
    Path("films").mkdir()
    Path("films/a.mp4").touch()
    write("list.txt", "a\nb\n")
    write("sensors.csv", "time,x\n0,1\n1,2\n")
    write("segments.csv", "video,start,end,label\na,0,1,Dive\n")
    write("labels.txt", "1.5\t3.0\tDive\n")
    write("tasks.json", [])
    assert kind_of(Path(name), Options()) == kind
    write("a.xyz", "")
    with pytest.raises(HcutalError, match=r"a\.xyz: cannot be recognised"):
        kind_of(Path("a.xyz"), Options())


def test_recordings_that_are_sound() -> None:
    assert kinds("sensors", "gt.json") == {"annotations": [], "recordings": []}


def test_recordings_of_one_name_in_two_folders_are_called_like_their_paths() -> None:
    for folder in ("day1", "day2"):
        Path("twice", folder).mkdir(parents=True)
        for name in "ab":
            values = np.random.default_rng(len(folder + name)).normal(size=(100, 3))
            np.save(Path("twice", folder, name), values + (folder == "day2"))
    arguments = ("twice", "--extractor", "vectors")
    result = call(*arguments)
    assert result.exit_code == 1 and "hcutal new --names path" in result.output
    result = call(*arguments, "--names", "path", "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["recordings: twice"]["summary"]["recordings"] == 4


def test_faults_of_recordings() -> None:
    write("sensors/broken.npy", "nonsense")
    np.save("sensors/short.npy", np.zeros((20, 3)))
    Path("sensors/copy.npy").write_bytes(Path("sensors/a.npy").read_bytes())
    database = {
        name: {"subset": "test", "duration": 4, "annotations": [ROW]} for name in ("a", "b", "c", "gone")
    }
    database["b"]["annotations"] = [ROW, ROW | {"segment": [3, 9]}]
    database["b"]["duration"] = 10
    write("gt.json", {"database": database})
    assert kinds("gt.json", "sensors")["recordings"] == [
        "unreadable",
        "same-content",
        "short",
        "not-annotated",
        "not-recorded",
        "beyond-recording",
        "other-duration",
    ]


def test_one_recording_by_its_file() -> None:
    assert kinds("sensors/a.npy") == {"recording": []}
    np.save("sensors/b.npy", np.full((100, 3), np.nan))
    assert kinds("sensors/b.npy") == {"recording": ["unreadable"]}
    assert call("sensors/b.npy", "--extractor", "vectors").exit_code == 1


def test_files_of_annotation_tools_count_together() -> None:
    write("a.txt", "1\t2\tDive\n")
    write("b.csv", "video,start,end,label\nb,1,9,Dive\n")
    found = kinds("a.txt", "b.csv", "sensors")
    assert found == {
        "annotations": ["no-durations"],
        "recordings": ["not-annotated", "unit"],
    }
    write("b.csv", "video,start_frame,end_frame,label\nb,1,9,Dive\n")
    result = call("b.csv")
    assert result.exit_code == 1 and "-> hcutal convert FILE --fps N --out gt.json" in result.output


def test_annotations_of_recordings_in_frames() -> None:
    database = {name: {"subset": "test", "annotations": [ROW | {"segment": [25, 90]}]} for name in "abcd"}
    write("gt.json", {"database": database})
    assert kinds("gt.json", "sensors") == {"annotations": ["no-durations"], "recordings": ["unit"]}


def test_too_few_or_other_recordings() -> None:
    write("gt.json", {"database": {"x": {"subset": "test", "duration": 4, "annotations": [ROW]}}})
    Path("sensors/a.npy").unlink()
    assert kinds("gt.json", "sensors")["recordings"] == ["few", "no-video-meets"]
    for path in sorted(Path("sensors").iterdir())[1:]:
        path.unlink()
    assert kinds("gt.json", "sensors")["recordings"] == ["too-few", "no-video-meets"]
    Path("empty").mkdir()
    assert kinds("empty")["recordings"] == ["no-recordings"]


def test_a_project_is_not_made_of_annotations_that_contradict_the_recordings() -> None:
    database = {name: {"subset": "test", "annotations": [ROW | {"segment": [1, 9]}]} for name in "abcd"}
    database["a"]["annotations"] = [ROW]
    write("gt.json", {"database": database})
    with pytest.raises(
        HcutalError, match=r"annotations end at 2\.25 times the duration in 3 of 4 .*: frames"
    ):
        new_project(Path("new"), Path("sensors"), Path("gt.json"), None, Recipe("vectors", {}))
    assert not Path("new").exists()


def test_predictions_beside_annotations() -> None:
    assert kinds("p.json", "gt.json")["predictions"] == []
    assert kinds("p.json")["predictions"] == ["unchecked"]
    write("p.json", {"results": {"a": [ROW | {"label": "0", "score": 0.3}]}})
    assert kinds("p.json", "gt.json")["predictions"] == ["no-label-meets"]
    write("p.json", {"results": {"x": [ROW | {"score": 0.3, "segment": [25, 50]}] * 2}})
    assert kinds("p.json", "gt.json")["predictions"] == ["equal-scores", "no-video-meets"]
    write("p.json", {"results": {"a": [ROW | {"score": 0.3, "segment": [25, 50]}]}})
    assert kinds("p.json", "gt.json")["predictions"] == ["predicted-unit"]
    for content, kind in (({"results": {}}, "no-predictions"), ({"results": []}, "predictions")):
        write("p.json", content)
        assert kinds("p.json", "gt.json")["predictions"] == [kind]


def test_lists_arrays_and_files_that_are_not_read() -> None:
    write("list.txt", "a\nb\nx\n")
    assert kinds("list.txt", "gt.json")["list"] == ["not-annotated"]
    Path("list.txt").write_bytes(b"b\n\xe9\n")
    assert kinds("list.txt")["list"] == ["split"]
    np.save("ints.npy", np.zeros((3, 2), int))
    assert kinds("ints.npy", options=Options())["array"] == ["number-type"]
    Path("a.pkl").touch()
    assert kinds("a.pkl")["array"] == ["not-read"]
    write("gt.json", "{")
    assert kinds("gt.json", "p.json") == {"annotations": ["annotations"], "predictions": ["unchecked"]}


def test_the_command_ends_with_1_where_there_is_an_error() -> None:
    good, bad = call("gt.json", "p.json"), call("p.json", "gt.json", "sensors", "--axes", "TCD")
    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "0 errors, 0 warnings, 0 notes" in good.output
    assert "error (axes): 4 arrays have another number of axes than two: a.npy" in bad.output
    assert "    -> save each as [T, D]" in bad.output
    missing = call("nowhere")
    assert missing.exit_code == 1 and "nowhere: no such file or folder, and no data set" in missing.output


def test_the_installation_and_a_project(monkeypatch: pytest.MonkeyPatch) -> None:
    found = check_installation()
    assert found.errors == [] and found.summary["packages"]["torch"]
    assert check_project() is None
    new_project(Path("new"), Path("sensors"), Path("gt.json"), None, Recipe("vectors", {}))
    (own,) = examine([Path("new")], Options()).items()
    assert own[0] == "project: new" and own[1].summary["data sets"] == ["recordings"]
    monkeypatch.chdir("new")
    project = check_project()
    assert project is not None and project.problems == []
    result = call("recordings")
    assert result.exit_code == 0 and "4 both recorded and annotated" in result.output
    Path("../sensors").rename("../away")
    assert [problem.kind for problem in check_project().problems] == ["no-source"]
    write("params.yaml", "train: {nonsense: 1}\n")
    assert call().exit_code == 1 and "error (params)" in call().output
