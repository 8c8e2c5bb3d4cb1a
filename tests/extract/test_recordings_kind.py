from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.data.store import FeatureStore
from hcutal.datasets.recordings import extract_shard, features, scatter
from hcutal.params.recordings import RecordingsFeatures
from hcutal.tables import write_table
from tests.extract.conftest import asked

durations = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=4), st.floats(0.1, 1000) | st.just(float("nan")), max_size=30
)


@given(durations, st.integers(1, 8))
def test_parts_hold_each_recording_once_and_end_together(found: dict[str, float], shards: int) -> None:
    parts = scatter(found, shards)
    assert len(parts) == shards
    assert sorted(name for part in parts for name in part) == sorted(found)
    known = [seconds for seconds in found.values() if np.isfinite(seconds)]
    length = {n: s if np.isfinite(s) else float(np.median(known)) if known else 1.0 for n, s in found.items()}
    load = [sum(length[name] for name in part) for part in parts]
    # Graham 1966: no part is longer than the mean plus (1 - 1/m) times the longest recording.
    longest = max(length.values(), default=0.0)
    assert max(load) <= sum(load) / shards + (1 - 1 / shards) * longest + 1e-6


def test_parts_by_hand() -> None:
    assert scatter({"a": 5.0, "b": 4.0, "c": 3.0, "d": 3.0, "e": 3.0}, 2) == [["a", "d"], ["b", "c", "e"]]


def write_index(folder: Path, target: Path) -> None:
    rows = [
        {"video": path.stem, "path": str(path), "duration": float(path.read_text())}
        for path in sorted(folder.glob("*.txt"))
    ]
    write_table(target / "index.csv", rows, ["video", "path", "duration"])


def test_shards_do_the_work_and_the_stage_gathers_it(
    counting: str, recordings: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = recordings(a="3", b="2", c="1", d="4")
    write_index(folder, tmp_path / "data")
    params = RecordingsFeatures(extractor=counting, shards=2, options={"scale": 0.5})
    for shard in range(2):
        extract_shard(tmp_path / "data", Path("features/mine"), params, shard)
    assert asked(folder) == dict.fromkeys("abcd", 1)
    features(tmp_path / "data", Path("features/mine"), params)
    assert asked(folder) == dict.fromkeys("abcd", 1)
    store = FeatureStore("features/mine")
    assert store.meta.lengths == {"a": 3, "b": 2, "c": 1, "d": 4}
    assert store.meta.settings == {"unit": "words", "params": {"scale": 0.5}}
    assert store.read("c").tolist() == [[0.0, 0.5, 1.0, 0.0, -0.5, -1.0]]


def test_a_damaged_store_does_not_reach_the_cache(
    counting: str, recordings: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_index(recordings(a="3"), tmp_path / "data")
    params = RecordingsFeatures(extractor=counting)
    features(tmp_path / "data", Path("features/mine"), params)
    before = Path("features/mine/a/a.npy").read_bytes()
    with Path("features/mine/a/a.npy").open("r+b") as stream:
        stream.write(b"damaged")
    features(tmp_path / "data", Path("features/mine"), params)
    assert Path("features/mine/a/a.npy").read_bytes() == before
