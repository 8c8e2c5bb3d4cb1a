from collections.abc import Callable
from pathlib import Path

import pytest

from hcutal.extract import registry


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an extractor of text files, see tests/extract/counting.py."""
    monkeypatch.setitem(registry.BUILT_IN, "counting", "tests.extract.counting:CountingExtractor")
    return "counting"


@pytest.fixture
def recordings(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of text files: name=content."""

    def make(**contents: str) -> Path:
        folder = tmp_path / "recordings"
        folder.mkdir(exist_ok=True)
        for name, content in contents.items():
            (folder / f"{name}.txt").write_text(content)
        return folder

    return make


def asked(folder: Path) -> dict[str, int]:
    """How often each recording was extracted."""
    return {path.stem: len(path.read_text()) for path in sorted(folder.glob("*.asked"))}
