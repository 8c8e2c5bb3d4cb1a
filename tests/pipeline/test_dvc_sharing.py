"""What DVC is told of the stages that have run, when their results are pushed and pulled."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from dvc import dvcfile

from hcutal.pipeline import dvc_sharing
from hcutal.pipeline.lock_text import HEAD

LOCKED = HEAD + "".join(f"  train@e{number:03d}.0:\n    cmd: python train.py\n" for number in range(200))
OPTIONS = ["push", "--run-cache", "--remote", "store"]


class Dvc:
    """Stands for DVC's command line, and looks at what its class for dvc.yaml finds."""

    def __init__(self) -> None:
        self.arguments: list[str] = []
        self.loader = ""

    def __call__(self, arguments: Sequence[str]) -> int:
        self.arguments = list(arguments)
        self.loader = dvcfile.ProjectFile.LOADER.__name__
        return 3


@pytest.fixture
def dvc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dvc:
    monkeypatch.chdir(tmp_path)
    Path("dvc.lock").write_text(LOCKED)
    made = Dvc()
    monkeypatch.setattr(dvc_sharing, "dvc_main", made)
    return made


def test_no_stage_is_named_and_no_other_is_known(dvc: Dvc) -> None:
    assert dvc_sharing.main(OPTIONS) == 3
    assert dvc.arguments == OPTIONS
    assert dvc.loader == "SomeStages"
    assert dvcfile.ProjectFile.LOADER.__name__ == "StageLoader"


def test_a_dvc_lock_that_was_edited_by_hand_is_read_as_well(dvc: Dvc) -> None:
    Path("dvc.lock").write_text("# mine\n" + LOCKED)
    assert dvc_sharing.main(OPTIONS) == 3
    assert dvc.arguments == OPTIONS


def test_stages_are_named_to_a_dvc_that_is_not_known(dvc: Dvc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dvcfile.Lockfile, "another", None, raising=False)
    dvc_sharing.main(OPTIONS)
    assert dvc.arguments[: len(OPTIONS)] == OPTIONS
    assert dvc.arguments[len(OPTIONS) :] == [f"train@e{number:03d}.0" for number in range(200)]
