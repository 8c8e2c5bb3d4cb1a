import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from hcutal.cli import main
from hcutal.data.annotations import read_annotations
from hcutal.evaluate.detection import detection_map
from hcutal.evaluate.predictions import read_predictions

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
THUMOS = SHARED / "thumos14" / "gt.json"
BMN = SHARED / "activitynet13" / "anet_anno_action.json"
TRUTH = {
    "database": {
        "a": {"subset": "test", "duration": 50, "annotations": [{"segment": [0, 5], "label": "run"}]},
        "b": {
            "subset": "test",
            "duration": 50,
            "annotations": [{"segment": ["0", "5"], "label": "run"}, {"segment": [20, 30], "label": "jump"}],
        },
        "c": {"subset": "train", "annotations": []},
    }
}
GOOD = {"label": "run", "score": 0.5, "segment": [0, 4]}
FOUND = {
    "results": {"a": [GOOD], "b": [GOOD | {"score": 1}, {"label": "jump", "score": 0, "segment": [20, 27]}]}
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is no project, with ground truth and predictions."""
    monkeypatch.chdir(tmp_path)
    write("gt.json", TRUTH)
    write("a.json", FOUND)
    return tmp_path


def write(name: str, value: Any) -> None:
    Path(name).write_text(value if isinstance(value, str) else json.dumps(value))


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["evaluate", "--ground-truth", "gt.json", *arguments])


def refused(*arguments: str) -> str:
    """The message; the command ends with it, and with no traceback."""
    result = call(*arguments)
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    return result.output


def perfect(path: Path, truth: Path, **more: Any) -> None:
    """The ground truth as predictions."""
    results: dict[str, list[Any]] = {}
    for row in read_annotations(truth).instances.itertuples(index=False):
        record = {"label": row.label, "segment": [row.start, row.end], "score": 1.0}
        results.setdefault(str(row.video), []).append(record)
    path.write_text(json.dumps({"results": results | more}))


def test_writes_everything_as_json(folder: Path) -> None:
    result = call("--predictions", "a.json", "--tiou", "0.5:0.7:0.1", "--output", "out.json", "--draws", "20")
    assert result.exit_code == 0, result.output
    assert "2 videos of the subset test; 3 instances of 2 classes" in result.output
    assert "mAP in %" in result.output and "100.00" in result.output
    found = json.loads(Path("out.json").read_text())
    assert found["mAP"] == {"0.5": 1.0, "0.6": 1.0, "0.7": 1.0}
    assert found["average_mAP"] == 1.0
    assert (found["videos"], found["instances"], found["predictions"]) == (2, 3, 3)
    assert found["per_class"]["run"]["instances"] == 2
    assert set(found["recall"]) == {"AR/1", "AR/5", "AR/10", "AR/50", "AR/100", "AUC"}
    assert found["intervals"]["average_mAP"] == [1.0, 1.0]
    assert found["diagnosis"]["kinds"]["true"] == 3
    truth = found["stamp"]["ground_truth"]
    assert (truth["file"], truth["subset"], len(truth["sha256"])) == ("gt.json", "test", 64)
    assert found["stamp"]["tiou"] == [0.5, 0.6, 0.7]
    assert found["stamp"]["predictions"]["file"] == "a.json"
    first = Path("out.json").read_bytes()
    call("a.json", "--tiou", "0.5:0.7:0.1", "--output", "out.json", "--draws", "20")
    assert Path("out.json").read_bytes() == first


def test_two_files_are_compared(folder: Path) -> None:
    worse = json.loads(json.dumps(FOUND))
    worse["results"]["b"][1]["segment"] = [27, 40]
    write("b.json", worse)
    result = call("a.json", "b.json", "--tiou", "0.5", "--output", "out.json", "--draws", "50")
    assert result.exit_code == 0, result.output
    assert "A is a.json, B is b.json; 50 draws of the videos" in result.output
    found = json.loads(Path("out.json").read_text())
    assert (found["a"]["average_mAP"], found["b"]["average_mAP"]) == (1.0, 0.5)
    assert found["comparison"]["mAP/0.5"]["difference"] == 0.5
    assert found["comparison"]["average_mAP"]["b_better"] == 0.0


def test_writes_a_page(folder: Path) -> None:
    # Signs that a drawing library takes for formulas are text.
    for name, content in (("gt.json", TRUTH), ("a.json", FOUND)):
        write(name, json.loads(json.dumps(content).replace("jump", "$x_{jump $")))
    result = call("a.json", "--html", "out.html", "--draws", "5")
    assert result.exit_code == 0, result.output
    page = Path("out.html").read_text()
    assert "a.json against gt.json" in page and "$x_{jump $" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


@pytest.mark.skipif(not THUMOS.exists(), reason="shared data are not here")
def test_thumos14(folder: Path) -> None:
    extra = [GOOD | {"label": "Diving", "score": 2}]
    perfect(folder / "p.json", THUMOS, video_test_0001292=extra, unheard_of=extra)
    options = ["--ground-truth", str(THUMOS), "--predictions", "p.json", "--output", "out.json"]
    result = CliRunner().invoke(main, ["evaluate", *options, "--draws", "0"])
    assert result.exit_code == 0, result.output
    assert (
        "210 videos of the subset test, list of THUMOS'14: 210; 3311 instances of 20 classes" in result.output
    )
    found = json.loads(Path("out.json").read_text())
    # Training videos and the one that nobody knows are not evaluated; what is predicted there is false.
    assert found["predictions_elsewhere"] == 3007 + 1
    assert found["ignored"]["predictions in videos left out"] == 1
    predictions = read_predictions("p.json")
    kept = predictions[predictions["video"] != "video_test_0001292"]
    annotations = read_annotations(THUMOS)
    test = annotations.videos.loc[annotations.videos["subset"] == "test", "video"]
    expected = detection_map(annotations.select(list(test)).instances, kept, found["stamp"]["tiou"])
    np.testing.assert_allclose(list(found["mAP"].values()), expected.mean_ap, atol=1e-12)
    assert list(found["mAP"]) == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"]
    result = CliRunner().invoke(main, ["evaluate", *options, "--draws", "0", "--test-videos", "211"])
    assert "1 videos that were asked for are not in the file: video_test_0001496" in result.output
    result = CliRunner().invoke(main, ["evaluate", *options, "--test-videos", "211", "--strict"])
    assert result.exit_code == 1 and "video_test_0001496: is not in the file" in result.output


@pytest.mark.skipif(not BMN.exists(), reason="shared data are not here")
def test_bmn_with_names_without_their_prefix(folder: Path) -> None:
    records = json.loads(BMN.read_text())
    results = {
        video.removeprefix("v_"): [record | {"score": 0.5} for record in entry["annotations"]]
        for video, entry in records.items()
    }
    write("p.json", {"results": results})
    write("survivors.txt", "\n".join(results))
    options = ["--ground-truth", str(BMN), "p.json", "--videos", "survivors.txt", "--output", "out.json"]
    result = CliRunner().invoke(main, ["evaluate", *options, "--draws", "0"])
    assert result.exit_code == 0, result.output
    found = json.loads(Path("out.json").read_text())
    assert (found["videos"], found["instances"]) == (4728, 7293)
    assert found["stamp"]["predictions"]["videos_renamed"] == 19228
    assert found["stamp"]["ground_truth"]["records_doubtful"] == {"duplicate": 17, "no length": 3}
    assert list(found["mAP"])[::9] == ["0.5", "0.95"]


def test_bad_records_are_counted_or_listed(folder: Path) -> None:
    truth = json.loads(json.dumps(TRUTH))
    truth["database"]["a"]["annotations"] += [
        {"segment": [4, 3], "label": "run"},
        {"segment": [0, 5], "label": "run"},
        {"segment": [40, 60], "label": "run"},
    ]
    write("gt.json", truth)
    result = call("a.json", "--output", "out.json", "--draws", "5")
    assert "records left out: 1 ends before its start, 1 ends beyond the duration" in result.output
    assert "records doubtful, but judged: 1 duplicate" in result.output
    stamp = json.loads(Path("out.json").read_text())["stamp"]["ground_truth"]
    assert stamp["records_left_out"]["ends before its start"] == 1
    message = refused("a.json", "--strict")
    assert "3 flaws of the ground truth (--strict)" in message
    for line in (
        "a: annotations[1]: ends at 3 s",
        "a: annotations[2]: run from 0 to 5 s",
        "annotations[3]: ends at 60",
    ):
        assert line in message


def test_strict_names_what_would_be_left_out_of_the_predictions(folder: Path) -> None:
    write("p.json", {"results": FOUND["results"] | {"x": [GOOD], "a": [GOOD, GOOD | {"label": "swim"}]}})
    assert call("p.json", "--draws", "5").exit_code == 0
    message = refused("p.json", "--strict")
    assert "p.json: 1 predictions of the label 'swim', which the ground truth does not have" in message
    assert "p.json: 1 predictions of the video 'x'" in message
    assert call("a.json", "--strict", "--draws", "5").exit_code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not valid JSON"),
        ("", "not valid JSON"),
        ('{"results": {"a": [{"label": "run", "score": NaN, "segment": [0, 1]}]}}', "not valid JSON"),
        ("[]", 'no "results"'),
        ("3", 'no "results"'),
        ({"database": {}}, 'no "results"'),
        ({"results": [GOOD]}, 'no "results"'),
        ({"results": {"a": GOOD}}, "results.a is dict; expected a list of records"),
        ({"results": {"a": {}}}, "results.a is dict; expected a list of records"),
        ({"results": {"a": [[1, 2]]}}, "results.a[0] is [1, 2]; expected an object"),
        ({"results": {"a": [{"label": "run"}]}}, "results.a[0]: score is missing"),
        ({"results": {"a": [GOOD | {"score": "0.5"}]}}, "score is '0.5'; expected a number"),
        ({"results": {"a": [GOOD | {"score": None}]}}, "score is None; expected a number"),
        ({"results": {"a": [GOOD | {"label": 3}]}}, "label is 3; expected a name"),
        ({"results": {"a": [GOOD | {"segment": [0, 1, 2]}]}}, "segment is [0, 1, 2]; expected two numbers"),
        ({"results": {"a": [GOOD | {"segment": ["0", "1"]}]}}, "segment is ['0', '1']; expected two numbers"),
        ({"results": {"a": [GOOD | {"segment": {"x": 0, "y": 1}}]}}, "expected two numbers"),
        ({"results": {"a": [GOOD | {"segment": [2, 1]}]}}, "ends at 1 s, before its start at 2 s"),
        ('{"results": {"a": [], "a": []}}', "a: occurs twice in one object"),
        ({"results": {"other": [GOOD]}}, "none of its videos is evaluated; gt.json has, for instance, a"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_malformed_predictions_are_an_error(folder: Path, content: Any, message: str) -> None:
    write("p.json", content)
    output = refused("p.json")
    assert message in output and "p.json" in output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", 'no "database" with videos'),
        ("{}", 'no "database" with videos'),
        ({"database": []}, 'no "database" with videos'),
        ({"results": {}}, "keys are results, ...; expected ActivityNet's form"),
        ({"a": {"duration_second": 3, "annotations": []}}, "no video_info_new.csv beside it"),
        ({"database": {"a": 3}}, "a: no subset"),
        ({"database": {"a": {"subset": "dev"}}}, "a: subset is 'dev'"),
        ({"database": {"a": {"subset": "train"}}}, "no instance in the subsets test and validation"),
        ({"database": {"a": {"subset": "test", "annotations": {}}}}, "annotations is dict; expected a list"),
        ({"database": {"a": {"subset": "test", "annotations": [7]}}}, "a: annotations[0]: segment is None"),
        ({"database": {"a": {"subset": "test", "duration": "x"}}}, "duration: found 'x'"),
        ({"database": {"a": {"subset": "test", "duration": [1]}}}, "duration: found [1]"),
        (
            {"database": {"a": {"subset": "test", "annotations": [{"segment": [1, 2, 3], "label": "x"}]}}},
            "segment is [1, 2, 3]; expected [start, end]",
        ),
        (
            {"database": {"a": {"subset": "test", "annotations": [{"segment": ["nan", 2], "label": "x"}]}}},
            "segment: found 'nan'; expected a number of seconds",
        ),
        (
            {"database": {"a": {"subset": "test", "annotations": [{"segment": [1, 2], "label": 3}]}}},
            "label is 3; expected a name",
        ),
        ({"database": TRUTH["database"], "taxonomy": [3]}, "taxonomy cannot be read"),
        ('{"database": {"a": 1, "a": 2}}', "a: occurs twice in one object"),
    ],
)
def test_malformed_ground_truth_is_an_error(folder: Path, content: Any, message: str) -> None:
    write("gt.json", content)
    output = refused("a.json")
    assert message in output and "gt.json" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.json"], "missing.json: no such file"),
        (["."], "cannot be read"),
        (["a.json", "--tiou", "0.5:0.1:0.1"], "--tiou is '0.5:0.1:0.1'; expected start:end:step"),
        (["a.json", "--tiou", "0:1:0"], "expected start:end:step"),
        (["a.json", "--tiou", "x"], "expected start:end:step or numbers with commas"),
        (["a.json", "--tiou", "0.5,2"], "expected one or more, above 0 and at most 1"),
        (["a.json", "--draws", "-1"], "--draws is -1; expected 0 or more"),
        (["a.json", "a.json", "--draws", "0"], "--draws is 0; two files are compared by 1 or more draws"),
        (["a.json", "a.json", "--html", "x.html"], "--html shows one file of predictions; two are given"),
        (["a.json", "--videos", "missing.txt"], "missing.txt: cannot be read"),
        (["a.json", "--videos", "empty.txt"], "empty.txt: is empty; expected names, one a line"),
        (["a.json", "--labels", "binary.txt"], "binary.txt: not a text file"),
        (["a.json", "--test-videos", "213"], "--test-videos is for the test videos of THUMOS'14"),
        (["a.json", "--subset", "dev"], "no instance in the subset dev; expected one of test"),
        (["a.json", "--subsets", "a.json"], "names the subsets itself"),
    ],
)
def test_bad_arguments_are_an_error(folder: Path, arguments: list[str], message: str) -> None:
    Path("empty.txt").touch()
    Path("binary.txt").write_bytes(b"\xff\xfe")
    assert message in refused(*arguments)


@pytest.mark.parametrize("arguments", [[], ["a.json", "a.json", "--predictions", "a.json"]])
def test_one_or_two_files_are_expected(folder: Path, arguments: list[str]) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert "files of predictions are given; expected one, or two to compare" in result.output


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.1:0.7:0.1", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        ("0.5:0.95:0.05", [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]),
        ("0.5:0.5:0.1", [0.5]),
        ("0.3:0.5:0.15", [0.3, 0.45]),
        ("0.3,0.5", [0.3, 0.5]),
    ],
)
def test_thresholds_are_the_ones_that_are_meant(text: str, values: list[float]) -> None:
    from hcutal.commands.evaluate_inputs import read_tiou

    assert read_tiou(text) == values


def test_map_alone_leaves_recall_and_diagnosis_out(folder: Path) -> None:
    whole = call("a.json", "--draws", "5", "--output", "all.json")
    result = call("a.json", "--draws", "5", "--metrics", "map", "--output", "map.json", "--html", "map.html")
    assert result.exit_code == 0, result.output
    found, known = (json.loads(Path(f"{name}.json").read_text()) for name in ("map", "all"))
    assert found["recall"] is None and found["diagnosis"] is None
    left_out = {"recall", "diagnosis"}
    assert {name: found[name] for name in known if name not in left_out} == {
        name: known[name] for name in known if name not in left_out
    }
    assert "average recall" in whole.output and "errors at" in whole.output
    assert "average recall" not in result.output and "errors at" not in result.output


def test_tables_are_aligned(folder: Path) -> None:
    lines = call("a.json", "--draws", "0", "--tiou", "0.5,0.95", "--metrics", "map").output.splitlines()
    assert lines[-2:] == ["    tIoU    0.5 0.95 average", "mAP in % 100.00 0.00   50.00"]


@pytest.mark.parametrize(
    ("draws", "heavy"),
    [
        ("5", ["torch", "mlflow", "dvc", "snakemake", "sklearn", "matplotlib", "pydantic"]),
        ("0", ["scipy", "torch", "pydantic"]),
    ],
)
def test_needs_nothing_heavy(folder: Path, draws: str, heavy: list[str]) -> None:
    arguments = ["evaluate", "--ground-truth", "gt.json", "a.json", "--draws", draws, "--output", "o.json"]
    code = (
        "import sys; from hcutal.cli import main; "
        f"main({arguments}, standalone_mode=False); "
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    output = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert output.splitlines()[-1] == "[]"
