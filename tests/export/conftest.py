from pathlib import Path

import pandas as pd
import pytest

from hcutal.export.segmented_recording import SegmentedRecording

# Times that do not fall on frames, a class whose segments overlap, a name that XML has to escape.
ROWS = [
    (0.0, 1.5, "jump", 0.25),
    (1.0404, 2.8, "jump", 0.875),
    (1.2, 3.21, "run & <walk>", 0.5),
    (2.9, 5.0, "jump", 0.125),
    (59.96, 61.0, "jump", 0.75),
]
COLUMNS = ["start", "end", "label", "score"]


@pytest.fixture
def recording(tmp_path: Path) -> SegmentedRecording:
    media = tmp_path / "videos" / "a film, 2.mp4"
    media.parent.mkdir()
    media.write_bytes(b"film")
    return SegmentedRecording("a film, 2", media, 70.0, 25.0, pd.DataFrame(ROWS, columns=COLUMNS))


@pytest.fixture
def nothing(tmp_path: Path) -> SegmentedRecording:
    """A recording of which only features were given, in which nothing was found."""
    return SegmentedRecording("empty", None, 10.0, 50.0, pd.DataFrame([], columns=COLUMNS))
