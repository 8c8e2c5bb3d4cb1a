"""Small copies of new films, beside the page of `hcutal localize`."""

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hcutal.apply.localize_recordings import Found
from hcutal.export.localized_previews import write_localized_previews
from tests.extract.video.videos import numbered, write_video

RUN: Any = SimpleNamespace(features=SimpleNamespace(settings={"params": {"picture_rate": None}}))


def found(name: str, media: Path | None) -> Found:
    return Found(name, media, 1.0, pd.DataFrame(), np.zeros((1, 1)), np.zeros(1))


def test_only_films_that_browsers_do_not_play_get_one_and_stay_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    images = [numbered(index) for index in range(10)]
    plays = found("plays", write_video(tmp_path / "plays.mp4", images))
    avi = found("old", write_video(tmp_path / "old.avi", images, codec="mpeg4", tick=Fraction(1, 25)))
    assert write_localized_previews(tmp_path / "one", [plays, found("features", None)], RUN).files == {}
    assert not (tmp_path / "one").exists()
    shown = write_localized_previews(tmp_path / "one", [plays, avi], RUN)
    assert shown.files == {"old": tmp_path / "one/previews/old.mp4"} and shown.failed == {}
    (kept,) = (tmp_path / ".hcutal/previews/localize").glob("*/*.mp4")
    before = kept.stat().st_ino
    write_localized_previews(tmp_path / "two", [avi], RUN)
    assert kept.stat().st_ino == before
    assert (tmp_path / "two/previews/old.mp4").read_bytes() == kept.read_bytes()
