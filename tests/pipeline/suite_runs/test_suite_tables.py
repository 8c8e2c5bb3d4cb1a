"""Tables of suites: ours over the seeds beside the published numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hcutal.layout import SuiteFiles
from hcutal.pipeline.compare import Summarised
from hcutal.pipeline.suite_runs.suite_tables import suite_numbers, suite_text, write_suite

METRICS = {
    "seeds": 3,
    **{"ARI": 0.5, "ARI/sd": 0.125, "NMI": 0.75, "NMI/sd": 0.0625},
    **{"average_mAP": 0.25, "average_mAP/sd": 0.03125, "mAP/0.5": 0.2, "mAP/0.5/sd": None},
}


def ours(name: str) -> Summarised:
    return Summarised(name, {"dataset": "watch", "seeds": [0, 1, 2]}, METRICS)


def test_ours_and_the_published_number_stand_in_one_row() -> None:
    table = suite_numbers("table7", {"kmeans": ours("watch-kmeans")}).set_index("row")
    assert list(table.index) == ["kmeans", "agglomerative", "spectral", "separated", "full"]
    row = table.loc["kmeans"]
    assert (row["experiment"], row["seeds"]) == ("watch-kmeans", 3)
    assert (row["ARI"], row["ARI/sd"], row["ARI/paper"]) == (0.5, 0.125, 0.04)
    # mAP is in percent.
    assert (row["average_mAP"], row["average_mAP/sd"], row["average_mAP/paper"]) == (25, 3.125, 28.6)
    assert np.isnan(table.loc["full", "ARI"]) and table.loc["full", "average_mAP/paper"] == 37.4


def test_methods_of_others_have_rows_of_their_own() -> None:
    table = suite_numbers("table2", {"full": ours("thumos-full")})
    assert len(table) == 24
    assert table["row"].tolist()[-3:] == ["weak", "mapped", "full"] and "Ours" not in table["row"].tolist()
    first = table.iloc[0]
    assert (first["row"], first["supervision"], first["mAP/0.1/paper"]) == ("S-CNN(2016)", "full", 47.7)
    assert table.iloc[-1]["mAP/0.5/paper"] == 30.1 and table.iloc[-1]["mAP/0.5"] == 20


def test_a_table_that_the_paper_lacks_has_no_published_numbers() -> None:
    table = suite_numbers("coupling", {"full": ours("watch")})
    assert not any("paper" in column for column in table)
    assert suite_text(table).iloc[-1].tolist() == [
        "full",
        "unsupervised",
        "3",
        "0.500 ± 0.125",
        "0.750 ± 0.062",
        "20.0",
        "25.0 ± 3.1",
    ]


def test_it_is_written_as_numbers_and_for_papers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    markdown = write_suite("table8", "watch", "default", {"vertical": ours("watch-vertical")})
    files = SuiteFiles.of("table8", "watch", "default")
    assert "| vertical | unsupervised | 3 | 0.500 ± 0.125 | 0.28 |" in " ".join(markdown.split())
    assert markdown == files.markdown.read_text()
    assert markdown.startswith(
        "table8: the halves of the video level; ours: data set watch, preset default; paper: Table 8, thumos14\n"
    )
    assert pd.read_csv(files.csv).set_index("row").loc["vertical", "ARI"] == 0.5
    latex = files.latex.read_text()
    assert r"vertical & unsupervised & 3 & 0.500 ± 0.125 & 0.28" in latex
    write_suite("table7", "watch", "default", {})
    # What LaTeX would read as its own is escaped.
    assert r"average\_mAP, paper" in SuiteFiles.of("table7", "watch", "default").latex.read_text()
