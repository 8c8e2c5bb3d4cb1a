import subprocess
import sys
from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.files import write_json
from hcutal.stages import features, prepare

SMALL = {
    "classes": 3,
    "train_videos": 4,
    "test_videos": 3,
    "train_multi": 1,
    "test_multi": 0,
    "longest": 20.0,
}


def resolved(**datasets: object) -> None:
    write_json("resolved.json", {"datasets": datasets, "experiments": {}})


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_both_stages_of_each_built_in_kind() -> None:
    few = {"train_recordings": 3, "test_recordings": 2}
    resolved(
        little={"kind": "simulated", "prepare": SMALL, "features": {}},
        wrist={"kind": "watch", "prepare": few, "features": {"orientation": "raw"}},
    )
    for name, videos in (("little", 7), ("wrist", 5)):
        prepare.run(name)
        features.run(name)
        assert len(Path(f"data/{name}/videos.csv").read_text().splitlines()) == videos + 1
        assert len(list(Path(f"features/{name}").glob("*/*.npy"))) == 2 * videos


def test_the_command_line() -> None:
    resolved(little={"kind": "simulated", "prepare": SMALL, "features": {}})
    command = [sys.executable, "-m", "hcutal.stages.prepare"]
    assert subprocess.run([*command, "little"], check=False).returncode == 0
    assert Path("data/little/annotations.json").exists()
    failed = subprocess.run([*command, "none"], check=False, capture_output=True, text=True)
    assert failed.returncode == 1
    assert "Error: resolved.json: no datasets.none; there is little" in failed.stderr


def test_an_unknown_kind_and_unknown_parameters() -> None:
    resolved(
        odd={"kind": "audio", "prepare": {}, "features": {}},
        wrong={"kind": "simulated", "prepare": {"videos": 3}, "features": {}},
    )
    with pytest.raises(
        HcutalError, match=r"datasets\.odd\.kind is 'audio'; expected one of features, recordings, sim"
    ):
        prepare.run("odd")
    with pytest.raises(HcutalError, match=r"datasets\.wrong\.prepare\.videos: unknown key"):
        prepare.run("wrong")


@pytest.mark.parametrize("stage", ["prepare", "features"])
def test_a_stage_loads_no_kind_before_it_is_asked_for(stage: str) -> None:
    code = f"import sys, hcutal.stages.{stage}; print([m for m in sys.modules if m.startswith('hcutal.')])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    for module in ("watch", "simulated", "imported", "recordings", "given"):
        assert f"'hcutal.datasets.{module}'" not in found
