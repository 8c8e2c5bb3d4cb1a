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


def install(site: Path, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an entry point of an extractor be found, in other processes as well: they know only what can be imported."""
    folder = site / "counting-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: counting\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[hcutal.extractors]\n{point}\n")
    monkeypatch.syspath_prepend(str(site))
    root = Path(__file__).resolve().parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{site}:{root}")
