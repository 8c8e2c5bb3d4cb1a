"""The page of an evaluation: complete without the network, whatever is absent."""

import re
from dataclasses import replace
from pathlib import Path

from hcutal.evaluate.diagnosis import diagnose
from hcutal.evaluate.evaluation import Evaluation, evaluate
from hcutal.evaluate.metrics import flat_metrics
from hcutal.evaluate.options import BootstrapOptions
from hcutal.report.pages.evaluation_page import write_evaluation_page
from tests.evaluate.cases import found, truth
from tests.report.structure import Structure

TRUTH = truth(("v", 0, 10, "run"), ("v", 20, 22, "jump"), ("w", 0, 5, "run"))
FOUND = found(
    ("v", 0, 10, "run", 0.9), ("v", 20, 22, "run", 0.8), ("w", 1, 5, "run", 0.7), ("w", 8, 9, "swim", 0.1)
)
STAMP = {"ground truth": "gt.json", "videos": {"list": "211", "sha256": "abc"}, "note": "<b>"}


def evaluation(**arguments) -> Evaluation:
    given = {"bootstrap": BootstrapOptions(20), "stamp": STAMP} | arguments
    return evaluate(TRUTH, FOUND, [0.3, 0.7], ["v", "w", "x"], **given)


def page(tmp_path: Path, value: Evaluation, diagnosis=None) -> str:
    write_evaluation_page(tmp_path / "out/page.html", value, diagnosis, "A against B")
    return (tmp_path / "out/page.html").read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_asks_nothing_of_the_network(tmp_path: Path) -> None:
    text = page(tmp_path, evaluation(), diagnose(TRUTH, FOUND))
    parsed = Structure(text)
    assert all(image["src"].startswith("data:image/png;base64,") for image in parsed.all("img"))
    assert len(parsed.all("img")) == 6
    anchors = {attributes["id"] for _, attributes in parsed.elements if "id" in attributes}
    assert {"results", "recall", "diagnosis", "stamp", "terms"} <= anchors
    assert all(link["href"][1:] in anchors for link in parsed.all("a"))
    assert not re.search(r"https?://|//[a-z]+\.|@import|url\(", re.sub(r"base64,[\w+/=]+", "", text))
    assert text == page(tmp_path, evaluation(), diagnose(TRUTH, FOUND))


def test_it_holds_results_intervals_recall_and_stamps(tmp_path: Path) -> None:
    value = evaluation()
    text = page(tmp_path, value, diagnose(TRUTH, FOUND))
    metrics = flat_metrics(value)
    for name in ("mAP/0.3", "mAP/0.7", "average_mAP"):
        assert f">{100 * metrics[name]:.1f}<" in text
        assert f"{100 * metrics[f'{name}/low']:.1f}&ndash;{100 * metrics[f'{name}/high']:.1f}" in text
    assert "95 % interval" in text
    assert '<th scope="row">these proposals</th>' in text
    assert "dashed: chance" not in text
    assert f"<td>{100 * value.recall[10]:.1f}</td>" in text
    assert f'<td class="sum">{100 * value.recall_auc:.1f}</td>' in text
    assert "<title>A against B</title>" in text
    assert '<th scope="row">videos.list</th><td>211</td>' in text
    assert "&lt;b&gt;" in text
    assert '<th scope="row">predictions of unknown labels</th><td>1</td>' in text
    assert "Why the mAP at tIoU 0.5" in text


def test_what_is_absent_is_left_out_or_told(tmp_path: Path) -> None:
    text = page(tmp_path, replace(evaluation(bootstrap=None, stamp=None), recall={}))
    assert "interval" not in text
    assert 'id="recall"' not in text
    assert "Nothing was diagnosed: no diagnosis was asked for." in text


def test_no_instances_still_make_a_page(tmp_path: Path) -> None:
    value = evaluate(truth(), FOUND, [0.5], ["v"])
    text = page(tmp_path, value)
    assert 'id="results"' not in text
    assert "of 0 classes" in text


def test_many_classes_fit(tmp_path: Path) -> None:
    rows = [("v", 10 * n, 10 * n + 5, f"class {n}") for n in range(200)]
    value = evaluate(truth(*rows), found(*[(*row, n / 200) for n, row in enumerate(rows)]), [0.5])
    text = page(tmp_path, value, diagnose(truth(*rows), found()))
    assert "AP of each of the 200 classes" in text
    assert len(text) < 1_000_000
