"""What the figures show, and that their bytes depend on nothing else."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.metrics.cluster import contingency_matrix

from hcutal.report.figure_clusters import count_clusters, draw_clusters
from hcutal.report.figure_results import draw_classes, draw_thresholds
from hcutal.report.figure_training import base_name, draw_training, split_columns
from hcutal.report.style import GREY, PALETTE, class_colours, picture, shorten


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


def test_columns_of_the_curves_are_told_apart() -> None:
    curves = pd.DataFrame({"step": [0.0], "boundary": [1.0], "vertical": [np.nan], "weight_video": [1.0]})
    assert split_columns(curves) == (["boundary"], ["weight_video"])
    assert base_name("weight_video") == base_name("loss/video") == "video"
    assert base_name("total") == "total"
    assert base_name("loss") == "loss"


def test_every_loss_has_a_panel_on_the_same_steps() -> None:
    step = np.arange(100.0)
    sparse = np.where(step % 50 == 0, 8.0, np.nan)
    curves = pd.DataFrame(
        {"step": step, "a": np.exp(-step), "b": step, "clusters": sparse, "weight_a": 1 + step}
    )
    shown = [axes for axes in draw_training(curves).axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in shown] == ["a", "b", "clusters", "weights of the losses"]
    assert len({axes.get_xlim() for axes in shown}) == 1


def test_classes_are_in_the_order_of_their_ap() -> None:
    averages = pd.Series({"low": 0.1, "unknown": np.nan, "high": 0.9})
    axes = draw_classes(averages, class_colours(averages.index)).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["high", "low", "unknown"]
    assert [bar.get_width() for bar in axes.patches[:2]] == pytest.approx([90, 10])


def test_two_hundred_classes_fit_on_the_page() -> None:
    figure = draw_classes(pd.Series({f"class {n}": n / 200 for n in range(200)}), {})
    assert max(figure.get_size_inches()) <= 11
    assert "200 classes, best first" in texts(figure)


def test_bytes_depend_on_the_content_alone() -> None:
    def png() -> bytes:
        return picture(draw_thresholds({"own": [0.5, 0.2]}, ["0.3", "0.5"]), "x", "alt", 60).png

    first = png()
    with matplotlib.rc_context({"axes.facecolor": "red", "font.size": 30, "savefig.dpi": 200}):
        assert png() == first
    assert b"Software" not in first
    assert b"tIME" not in first


def test_colours_repeat_only_for_the_first_and_the_rest_turns_grey() -> None:
    many = [f"c{n}" for n in range(20)]
    assert [class_colours(many)[name] for name in many[12:]] == list(PALETTE[:8])
    mixed = class_colours(["b", "a"], ["a", "c", *many])
    assert [mixed[name] for name in "bac"] == list(PALETTE[:3])
    assert mixed["c19"] == GREY


def test_long_names_are_cut() -> None:
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abcd", 4) == "abcd"
