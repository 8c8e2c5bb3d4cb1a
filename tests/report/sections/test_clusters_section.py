"""Counts of clusters against classes, and their figure."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.metrics.cluster import contingency_matrix

from hcutal.report.sections.clusters_section import count_clusters, draw_clusters


def texts(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.findobj(matplotlib.text.Text)}


def test_counts_are_those_of_sklearn() -> None:
    rng = np.random.default_rng(0)
    clusters, classes = rng.integers(0, 7, 200), rng.integers(0, 5, 200)
    table = pd.DataFrame({"video": [f"v{n}" for n in range(200)], "cluster": clusters})
    counts = count_clusters(table, {f"v{n}": [f"c{label}"] for n, label in enumerate(classes)})
    ordered = counts.sort_index()[sorted(counts.columns)]
    assert np.array_equal(ordered.to_numpy(), contingency_matrix(clusters, classes))


def test_a_recording_of_two_classes_counts_twice_and_one_of_none_keeps_its_cluster() -> None:
    table = pd.DataFrame({"video": ["a", "b", "c"], "cluster": [4, 4, 9]})
    counts = count_clusters(table, {"a": ["x", "y"], "b": ["y"], "c": []})
    assert counts.loc[4].to_dict() == {"x": 1, "y": 2}
    assert counts.loc[9].sum() == 0


def test_clusters_stand_by_their_largest_class() -> None:
    table = pd.DataFrame({"video": list("abcd"), "cluster": [0, 1, 2, 0]})
    counts = count_clusters(table, {"a": ["z"], "b": ["x"], "c": ["y"], "d": ["z"]})
    assert counts.index.tolist() == [1, 2, 0]


@pytest.mark.parametrize(("annotate", "written"), [(5, True), (2, False)])
def test_counts_are_written_when_they_are_few(annotate: int, written: bool) -> None:
    table = pd.DataFrame({"video": list("abc"), "cluster": [0, 1, 2]})
    counts = count_clusters(table, {"a": ["x"], "b": ["y"], "c": ["z"]})
    figure = draw_clusters(counts, table["cluster"].value_counts(), {0: ["x"]}, annotate)
    assert ("1" in texts(figure)) == written
    frames = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    assert [frame.get_xy() for frame in frames] == [(-0.5, -0.5)]
