"""`benchmarks/gpu.py`: what it compares, tried on a CPU against itself."""

import numpy as np
import pytest
import torch

from benchmarks import gpu

SMALL = [
    *("--recordings", "12", "--snippets", "12", "--dimensions", "6", "--embedding", "6", "--batch", "6"),
    *("--steps", "2", "--batches", "1", "--size", "32"),
]


def status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        gpu.main(arguments)
    return int(ended.value.code or 0)


def test_a_difference_is_a_share_of_the_largest_value() -> None:
    expected = {"a": [0.0, -4.0], "b": [[1.0]], "none": [0.0], "nan": [1.0]}
    found = {"a": [0.1, -4.0], "b": [[1.0]], "none": [0.5], "nan": [np.nan]}
    assert gpu.differences(expected, found) == {"a": 0.025, "b": 0.0, "none": 0.5, "nan": np.inf}


def test_a_device_agrees_with_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("--device", "cpu", *SMALL) == 0
    said = capsys.readouterr().out
    for what in ("joint steps a second", "snippets of I3D a second", "joint", "cas", "features of I3D"):
        assert what in said
    assert "too much" not in said


def test_what_differs_by_too_much_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[int] = []

    def other(device: torch.device, batches: int, size: int) -> tuple[np.ndarray, float]:
        seen.append(size)
        return np.full(4, 1.0 + 0.1 * len(seen), np.float32), 1.0

    monkeypatch.setattr(gpu, "extracted", other)
    assert status("--device", "cpu", *SMALL) == 1
    assert "features of I3D" in capsys.readouterr().out.split(": too much")[0].splitlines()[-1]
    assert status("--device", "cpu", "--tolerance", "0.5", *SMALL) == 0


def test_without_a_gpu_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert status() == 0
    assert "nothing was compared" in capsys.readouterr().out
    assert status("--device", "nonsense") == 2
    assert "found 'nonsense'" in capsys.readouterr().err
