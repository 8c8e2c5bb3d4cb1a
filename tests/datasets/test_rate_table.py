"""Frames a second of each recording, from a table or from JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hcutal.cli import main
from hcutal.data.times import SnippetTimes
from hcutal.datasets.rate_table import read_rates
from hcutal.errors import HcutalError
from tests.doctor.thumos_like import ThumosLike, of_test

COMMON = SnippetTimes(25.0, 16, 4)
SHARED = Path(__file__).resolve().parents[2] / "../shared/data/thumos14/fps_dict.json"


def written(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_dict_of_frames_a_second_is_the_same_as_a_table(tmp_path: Path) -> None:
    table = written(tmp_path / "a.csv", "video,fps\nv1,30\nv2,24.5\n")
    listed = written(tmp_path / "fps_dict.json", {"v1": 30, "v2": 24.5})
    assert read_rates(table, COMMON) == read_rates(listed, COMMON)
    assert read_rates(listed, COMMON)["v2"] == SnippetTimes(24.5, 16, 4)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([30, 25], r"no rates of videos; expected \{video: frames a second\}"),
        ({"v1": "30"}, "v1: found '30'; expected frames a second, a number"),
        ({"v1": True}, "v1: found True"),
        ({"v1": 0}, r"v1: fps 0, .* expected numbers above 0"),
        ('{"v1": 30, "v1": 25}', "v1"),
    ],
)
def test_other_json_is_refused(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(HcutalError, match=message):
        read_rates(written(tmp_path / "a.json", content), COMMON)


@pytest.mark.skipif(not SHARED.exists(), reason="no rates of THUMOS'14 here")
def test_the_rates_of_thumos14_are_read() -> None:
    assert len(read_rates(SHARED, COMMON)) == 2584


def test_the_file_may_lie_in_the_folder_or_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    like = ThumosLike(tmp_path / "root")
    like.write()
    monkeypatch.chdir(tmp_path)
    rates = {video: 25 for video in like.database if video != of_test(3)}
    for path, name in ((tmp_path / "here.json", "here.json"), (tmp_path / "root/inside.json", "inside.json")):
        written(path, rates)
        result = CliRunner().invoke(main, ["doctor", "root", "--rates", name, "--json"])
        problems = json.loads(result.output)["features: root"]["problems"]
        assert [problem["places"] for problem in problems if problem["kind"] == "no-rate"] == [[of_test(3)]]
    result = CliRunner().invoke(main, ["doctor", "root", "--rates", "gone.json"])
    assert result.exit_code == 1 and "--rates: no file gone.json, neither in root nor here" in result.output
