"""The figures of variants: what they say, that they are files of three formats, and the same bytes each time."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hcutal.data.store import FeatureStore
from hcutal.files import read_json
from hcutal.layout import FigureFiles, RunPaths, features_dir
from hcutal.model.checkpoint import load_model
from hcutal.report.figures.cas_levels import separation
from hcutal.report.figures.cluster_maps import draw_cluster_maps, matched
from hcutal.report.figures.compared import NothingToDrawError
from hcutal.report.figures.learned_features import embedded_snippets
from hcutal.report.figures.projection import t_sne
from hcutal.report.figures.snippet_maps import evenly, same_kind
from hcutal.report.figures.suite_figures import FIGURES, write_figure
from hcutal.suites.suites import SUITES
from tests.report.figures.conftest import SNIPPETS, Make


def test_every_figure_of_the_suites_can_be_drawn() -> None:
    assert set(FIGURES) == {name for name, suite in SUITES.items() if suite.figure}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_written_in_three_formats_with_the_same_bytes_each_time(name: str, make: Make) -> None:
    files = FigureFiles.of(name, "toy", "default")
    compared = make(SUITES[name].variants)
    write_figure(files, FIGURES[name](compared), "f")
    first = {path: path.read_bytes() for path in (*files.pictures, files.about)}
    write_figure(files, FIGURES[name](compared), "f")
    assert first == {path: path.read_bytes() for path in (*files.pictures, files.about)}
    assert first[files.png].startswith(b"\x89PNG") and first[files.pdf].startswith(b"%PDF")
    assert b"<svg" in first[files.svg] and b"dc:date" not in first[files.svg]
    about = read_json(files.about)
    assert about["fingerprint"] == "f" and about["width"] > 800
    assert all(len(about[key]) > 40 for key in ("alt", "caption", "choice"))
    assert all(variant in about["alt"] for variant in SUITES[name].variants)


@pytest.mark.parametrize("name", ["figure4", "figure6", "figure7"])
def test_without_annotations_a_figure_of_instances_cannot_be_drawn(name: str, make: Make) -> None:
    with pytest.raises(NothingToDrawError, match="data set toy: no test recording is annotated"):
        FIGURES[name](make(annotated=False))


def test_clusters_are_drawn_without_classes_too(make: Make) -> None:
    drawn = draw_cluster_maps(make(("spectral", "full"), annotated=False))
    assert "ARI" not in drawn.alt and "12 training recordings" in drawn.alt


def test_a_cluster_has_the_number_of_the_class_that_it_fits_best() -> None:
    clusters = np.array([4, 4, 4, 2, 2, 9])
    classes = np.array([1, 1, 0, 0, 0, 0])
    # Cluster 9 fits class 0 less well than cluster 2 does: it has a number of its own.
    assert matched(clusters, classes, clusters).tolist() == [1, 1, 1, 0, 0, 2]
    nothing = np.zeros(0, dtype=np.int64)
    assert matched(nothing, nothing, np.array([3, 5])).tolist() == [0, 1]


def test_separation_is_the_probability_that_action_is_above_the_rest() -> None:
    times, instance = np.arange(4.0), np.array([[2.0, 4.0]])
    assert separation(times, np.array([0.0, 0.5, 1.0, 0.2]), instance) == 0.75
    assert separation(times, np.zeros(4), instance) == 0.5
    assert np.isnan(separation(times, np.zeros(4), np.zeros((0, 2))))


def test_snippets_are_evenly_spaced_over_all_recordings() -> None:
    chosen = evenly({"a": 6, "b": 2, "c": 4}, 4)
    assert {name: rows.tolist() for name, rows in chosen.items()} == {"a": [0, 3], "b": [0], "c": [1]}
    assert sum(map(len, evenly({"a": 3, "b": 2}, 100).values())) == 5


def test_near_snippets_of_one_kind_are_told_by_chance_at_one_half() -> None:
    action = np.arange(40) % 4 == 0
    apart = np.where(action, 5.0, 0.0)[:, None] + np.linspace(0, 1, 40)[:, None]
    assert same_kind(apart, action) == 1.0
    mixed = np.random.default_rng(0).normal(size=(2000, 3))
    assert same_kind(mixed, np.arange(2000) % 5 == 0) == pytest.approx(0.5, abs=0.02)


def test_embedded_snippets_are_those_of_the_whole_recording(make: Make) -> None:
    make(("full",))
    localizer = load_model(RunPaths.of("full.0").model)
    features = FeatureStore(features_dir("toy")).read("one")
    network = localizer.network
    whole = network.embedding(network.normalise(torch.from_numpy(features)[None]))[0].detach().numpy()
    rows = np.array([0, 7, SNIPPETS - 1])
    np.testing.assert_allclose(embedded_snippets(localizer, features, rows), whole[rows], atol=1e-6)


def test_t_sne_gives_the_same_points_for_the_same_seed(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(30, 80))
    first = t_sne(values, 3)
    assert first.shape == (30, 2) and np.abs(first).max() == pytest.approx(1)
    np.testing.assert_array_equal(first, t_sne(values, 3))
    with pytest.raises(
        ValueError, match=r"t-SNE: found features of shape \(2, 80\); expected 5 rows or more"
    ):
        t_sne(values[:2], 3)
