import orjson
import pytest

from hcutal.errors import HcutalError
from hcutal.evaluate.predictions import read_predictions

GOOD = {"label": "run", "score": 0.5, "segment": [1, 2.5]}


def write(path, value):
    path.write_bytes(orjson.dumps(value))
    return path


def test_reads_records_in_order(tmp_path):
    later = {"label": "jump", "score": 1, "segment": [0.0, 0.0]}
    path = write(
        tmp_path / "p.json", {"version": "1", "results": {"b": [GOOD, later], "empty": [], "a": [GOOD]}}
    )
    table = read_predictions(path)
    assert table.astype({"video": str, "label": str}).to_numpy().tolist() == [
        ["b", 1.0, 2.5, "run", 0.5],
        ["b", 0.0, 0.0, "jump", 1.0],
        ["a", 1.0, 2.5, "run", 0.5],
    ]


def test_reads_no_records(tmp_path):
    table = read_predictions(write(tmp_path / "p.json", {"results": {"v": []}}))
    assert table.empty and list(table.columns) == ["video", "start", "end", "label", "score"]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (GOOD | {"score": "0.5"}, "score is '0.5'; expected a number"),
        (GOOD | {"score": None}, "score is None; expected a number"),
        (GOOD | {"score": True}, "score is True; expected a number"),
        (GOOD | {"segment": [2, 1]}, "ends at 1 s, before its start at 2 s"),
        (GOOD | {"segment": [1]}, "segment is .1.; expected two numbers"),
        (GOOD | {"segment": [1, 2, 3]}, "segment is .1, 2, 3.; expected two numbers"),
        (GOOD | {"segment": ["1", 2]}, "segment is .'1', 2.; expected two numbers"),
        (GOOD | {"segment": 7}, "segment is 7; expected two numbers"),
        (GOOD | {"label": 3}, "label is 3; expected a name"),
        ({"label": "run", "score": 1}, "segment is missing; expected label, score and segment"),
        ("run", "is 'run'; expected an object"),
    ],
)
def test_says_which_record_is_wrong(tmp_path, record, message):
    path = write(tmp_path / "p.json", {"results": {"v": [GOOD], "w": [GOOD, record]}})
    with pytest.raises(HcutalError, match=rf"p\.json: results\.w\[1\]:? {message}"):
        read_predictions(path)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], 'no "results"; expected'),
        ({"results": []}, 'no "results"; expected'),
        ({"results": {"v": {"segment": [0, 1]}}}, "results.v is dict; expected a list of records"),
        ({"results": {"v": None}}, "results.v is NoneType; expected a list of records"),
    ],
)
def test_says_when_the_structure_is_unknown(tmp_path, value, message):
    with pytest.raises(HcutalError, match=rf"p\.json: {message}"):
        read_predictions(write(tmp_path / "p.json", value))
