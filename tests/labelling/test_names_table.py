from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.labelling.names_table import make_names


@pytest.fixture(autouse=True)
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    train()
    (tmp_path / "results/mine/seed-0/map").mkdir()
    mapping = "cluster,label,count,videos,kept\n0,cluster-00,3,3,1\n2,cluster-02,1,1,1\n"
    (tmp_path / "results/mine/seed-0/map/mapping.csv").write_text(mapping)


def train(last: str = "d,0,9,2,0.9\n") -> None:
    write_json("results/mine/seed-0/train/metrics.json", {})
    text = "video,start,end,cluster,confidence\na,0,9,0,0.5\nb,0,9,0,0.8\nc,0,9,0,0.5\n" + last
    Path("results/mine/seed-0/train/pseudo_labels.csv").write_text(text)


def test_a_table_to_fill_in() -> None:
    path, is_new = make_names("mine.0", renew=False)
    lines = path.read_text().splitlines()
    assert is_new
    assert lines[0] == "cluster,name,training,recordings,called,typical"
    training = lines[1].split(",")[2]
    assert lines[1:] == [f"0,,{training},3,cluster-00,b | a | c", f"2,,{training},1,cluster-02,d"]


def test_what_was_filled_in_stays() -> None:
    path, _ = make_names("mine.0", renew=False)
    path.write_text(path.read_text().replace("0,,", "0,jump,"))
    assert make_names("mine.0", renew=True) == (path, False)
    assert "0,jump," in path.read_text()


def test_after_another_training_the_old_names_are_kept_aside() -> None:
    path, _ = make_names("mine.0", renew=False)
    before = path.read_text()
    train("d,0,9,1,0.9\n")
    with pytest.raises(HcutalError, match=r"labels/mine\.0\.csv: names clusters of training .*--renew"):
        make_names("mine.0", renew=False)
    assert make_names("mine.0", renew=True) == (path, True)
    assert [p.read_text() for p in Path("labels").glob("mine.0-*.csv")] == [before]
    assert "1,," in path.read_text()


def test_before_training() -> None:
    with pytest.raises(HcutalError, match=r"train first: hcutal run other\.0"):
        make_names("other.0", renew=False)
