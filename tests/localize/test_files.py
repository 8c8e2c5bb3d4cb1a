import numpy as np
import pandas as pd
import pytest

from hcutal.errors import HcutalError
from hcutal.evaluate.predictions import read_predictions
from hcutal.localize.files import write_cas, write_proposals


def test_proposals_are_read_as_they_were_written(tmp_path):
    table = pd.DataFrame(
        {"start": [1.0, 0.25], "end": [2.0, 3.0], "label": ["run", "jump"], "score": [0.9, 0.1]}
    )
    write_proposals(tmp_path / "p.json", {"v": table, "none": table.head(0)})
    found = read_predictions(tmp_path / "p.json")
    assert (found["video"] == "v").all()
    pd.testing.assert_frame_equal(found[table.columns].astype({"label": str}), table.astype({"label": str}))


def test_sequences_are_read_by_numpy(tmp_path):
    cas = {"file": np.arange(6.0).reshape(3, 2), "a video": np.zeros((1, 2))}
    write_cas(tmp_path / "a.npz", cas, ["run", "jümp"])
    write_cas(tmp_path / "b.npz", cas, ["run", "jümp"])
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz", allow_pickle=False) as found:
        assert set(found) == {"classes", "file", "a video"}
        assert found["classes"].tolist() == ["run", "jümp"]
        assert found["file"].dtype == np.float32
        np.testing.assert_array_equal(found["file"], cas["file"])


def test_no_classes_at_all(tmp_path):
    write_cas(tmp_path / "a.npz", {"v": np.zeros((4, 0))}, [])
    with np.load(tmp_path / "a.npz", allow_pickle=False) as found:
        assert found["classes"].shape == (0,) and found["v"].shape == (4, 0)


def test_the_key_of_the_class_names_is_reserved(tmp_path):
    with pytest.raises(HcutalError, match="a video is called 'classes'"):
        write_cas(tmp_path / "a.npz", {"classes": np.zeros((1, 1))}, ["run"])
    assert not (tmp_path / "a.npz").exists()
