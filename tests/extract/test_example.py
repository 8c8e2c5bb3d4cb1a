"""The extractor that docs/extractors.md shows works as it stands there."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import wavfile

from hcutal.errors import HcutalError
from hcutal.extract.many import extract_many
from hcutal.extract.registry import REQUIRED, Recipe

PAGE = Path(__file__).resolve().parents[2] / "docs/extractors.md"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    package = tmp_path / "site/my_package"
    package.mkdir(parents=True)
    text = PAGE.read_text()
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert code is not None
    (package / "__init__.py").touch()
    (package / "spectrogram.py").write_text(code[1])
    point = re.search(r"spectrogram = \"(.*)\"", text)
    assert point is not None
    meta = tmp_path / "site/my_package-1.0.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    (meta / "entry_points.txt").write_text(f"[hcutal.extractors]\nspectrogram = {point[1]}\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return Recipe("spectrogram", {"bands": 24})


def test_the_example_extracts(example: Recipe, tmp_path: Path) -> None:
    kind: Any = example.kind
    assert all(hasattr(kind, part) for part in REQUIRED)
    tone = np.sin(2 * np.pi * 440 * np.arange(16000) / 8000)
    wavfile.write(tmp_path / "tone.wav", 8000, (tone * 1000).astype(np.int16))
    wavfile.write(tmp_path / "short.wav", 8000, np.zeros(10, np.int16))
    (tmp_path / "bad.wav").write_text("nonsense")
    files = {path.stem: path for path in tmp_path.glob("*.wav")}
    found = extract_many(example, files, tmp_path / "cache")
    assert np.load(found.folders["tone"] / "audio.npy").shape == (3, 24)
    assert "short.wav: lasts 0.00125 s" in found.failed["short"]
    assert "bad.wav: not a WAV file" in found.failed["bad"]
    assert example.make().probe(tmp_path / "tone.wav") == 2.0
    with pytest.raises(HcutalError, match=r"spectrogram\.bands: found 0"):
        Recipe("spectrogram", {"bands": 0}).make()
