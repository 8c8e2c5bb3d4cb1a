"""Every published number is the printed one; the tables are read from the paper's text where that is there."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hcutal.suites.published import COLUMNS, FILE, published

PAPER = Path(__file__).resolve().parents[2] / "../shared/paper/hc-utal-paper.md"
SUPERVISION = {"FS": "full", "WS": "weak", "US": "unsupervised"}
DATASETS = {"2": "thumos14", "3": "activitynet12", "4": "activitynet13"}
NAMES = {"THUMOS'14": "thumos14", "ACTIVITYNET V1.2": "activitynet12"}
# Weakly supervised methods that stand above the letters WS, which are in the middle of their rows.
WEAK = {
    ("3", "DGAM(2020)"),
    *(("4", name) for name in ("IONet(2021)", "EGANet(2022)", "DCC(2022)", "UGCT(2023)")),
}
Cell = dict[str, str]


def printed_rows(table: str) -> list[list[str]]:
    """The cells of the rows of a table, without emphasis."""
    text = PAPER.read_text().replace("**", "")
    body = re.split(rf"\nTable {table}\n", text)[1]
    lines = [line for line in body.split("\n") if "\t" in line or not line]
    first = next(index for index, line in enumerate(lines) if line)
    rows = lines[first : next(index for index in range(first, len(lines)) if not lines[index])]
    return [[re.sub(r"</?b>", "", cell).strip() for cell in row.split("\t")] for row in rows]


def cell(table: str, row: int, supervision: str, name: str, dataset: str, metric: str, value: str) -> Cell:
    method, _, reference = name.partition("[")
    kind, _, tiou = metric.partition("@")
    starred = method.strip().replace("*(", "(")
    return {
        "table": table,
        "row": str(row),
        "supervision": "weak" if (table, starred) in WEAK else supervision,
        "method": starred + ("*" if "*(" in method else ""),
        "reference": reference.rstrip("]"),
        "dataset": dataset,
        "metric": "average_mAP" if tiou == "Avg" else kind,
        "tiou": "" if tiou == "Avg" else tiou,
        "value": value,
    }


def comparison(table: str) -> Iterator[Cell]:
    """Tables 2 to 4: methods by supervision."""
    _, thresholds, *rows = printed_rows(table)
    names = [name for name in thresholds if name]
    supervision = ""
    for number, (letters, method, *values) in enumerate(rows, start=1):
        supervision = SUPERVISION.get(letters, supervision)
        for name, value in zip(names, values, strict=True):
            if value != "–":
                yield cell(table, number, supervision, method, DATASETS[table], f"mAP@{name}", value)


def clustering() -> Iterator[Cell]:
    """Table 5: clusters on two data sets."""
    (_, _, *metrics), *rows = printed_rows("5")
    dataset = ""
    for number, (name, method, *values) in enumerate(rows, start=1):
        dataset = NAMES.get(name, dataset)
        for metric, value in zip(metrics, values, strict=True):
            yield cell("5", number, "unsupervised", method, dataset, metric, value)


def ablation(table: str, parts: int) -> Iterator[Cell]:
    """Tables 6 to 8: so many columns say what is there; the rest are numbers."""
    header, *rows = printed_rows(table)
    names = [re.sub(r"[${}]", "", name) for name in header[:parts]]
    for number, row in enumerate(rows, start=1):
        ticked = [name for name, tick in zip(names, row[:parts], strict=True) if tick == "✓"]
        method = " + ".join(ticked) or row[0]
        for metric, value in zip(header[parts:], row[parts:], strict=True):
            yield cell(table, number, "unsupervised", method, "thumos14", metric.split(" ")[0], value)


def ours() -> list[Cell]:
    with FILE.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.skipif(not PAPER.exists(), reason="the paper is not here")
def test_every_number_is_the_printed_one() -> None:
    expected = [found for table in DATASETS for found in comparison(table)]
    expected += [*clustering(), *ablation("6", 5), *ablation("7", 1), *ablation("8", 2)]
    assert ours() == expected


def test_every_table_has_as_many_numbers_as_the_paper() -> None:
    counts = published().groupby("table").size().to_dict()
    # Tables 2 to 4 without their dashes.
    assert counts == {2: 159, 3: 75, 4: 56, 5: 8, 6: 5, 7: 15, 8: 6}


def test_numbers_that_the_text_of_the_paper_tells() -> None:
    table = published()
    mine = table[table["method"] == "Ours"]

    def value(dataset: str, supervision: str, metric: str, tiou: str = "") -> float:
        wanted = {"dataset": dataset, "supervision": supervision, "metric": metric, "tiou": tiou}
        found = mine
        for column, name in wanted.items():
            found = found[found[column] == name]
        return float(found["value"].item())

    assert value("thumos14", "unsupervised", "mAP", "0.5") == 30.1
    assert value("thumos14", "unsupervised", "average_mAP") == 37.4
    assert value("thumos14", "weak", "average_mAP") == 43.6
    assert value("activitynet12", "unsupervised", "average_mAP") == 28.3
    assert value("activitynet13", "weak", "average_mAP") == 28.9
    assert (value("thumos14", "unsupervised", "ARI"), value("thumos14", "unsupervised", "NMI")) == (
        0.705,
        0.86,
    )
    assert (
        value("activitynet12", "unsupervised", "ARI"),
        value("activitynet12", "unsupervised", "NMI"),
    ) == (0.692, 0.894)


def test_a_table_is_read_alone_and_with_its_types() -> None:
    table = published(7)
    assert table["table"].unique().tolist() == [7]
    assert table.index.tolist() == list(range(len(table)))
    assert list(table.columns) == list(COLUMNS)
    assert table.loc[table["method"] == "Kmeans", "value"].tolist() == [0.04, 0.39, 28.6]
