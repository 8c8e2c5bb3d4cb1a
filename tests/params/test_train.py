"""What the switches of training may say together."""

from typing import Any

import pytest

from hcutal.errors import HcutalError
from hcutal.params.section import validate
from hcutal.params.train import TrainParams


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"levels": {"video": False}, "pseudo_labels": {"contrastive": {}}},
            r"train.pseudo_labels: found \{'contrastive': \{\}\}; these are of the video level, which is off",
        ),
        ({"levels": {"video": False}}, r"train.pseudo_labels: .* or levels: \{video: true\}"),
        (
            {"supervision": "weak", "pseudo_labels": {"spectral": {}}},
            r"train.pseudo_labels: .*training is given labels \(supervision weak\); expected \{contrastive: \{\}\}",
        ),
        (
            {"video": {"horizontal": False, "vertical": False}},
            r"train.video.vertical: found False; expected horizontal or vertical to be true; train.levels: ",
        ),
        (
            {"instance": {"scale": 0.0}},
            r"train.instance.scale: found 0.0; expected above 0; train.levels says which levels there are",
        ),
        ({"boundary": {"scale": 0}}, r"train.boundary.scale: found 0; expected above 0; train.levels says"),
        ({"boundary": {"scale": -1.0}}, r"train.boundary.scale: found -1.0; input should be greater than 0"),
        (
            {"pseudo_labels": {"spectral": {}, "kmeans": {}}},
            "expected exactly one of contrastive, spectral, agglomerative, kmeans",
        ),
        ({"pseudo_labels": {"kmeans": {"scaling": "unit"}}}, r"kmeans.scaling: found 'unit'; .*'l2'"),
        (
            {"pseudo_labels": {"kmeans": {"scaling": {"whitened": 0}}}},
            r"train.pseudo_labels.kmeans.scaling.whitened: found 0; input should be greater than 0",
        ),
        (
            {"levels": {"action": True}},
            "levels.action: unknown key; expected one of boundary, instance, video",
        ),
    ],
)
def test_what_cannot_be_is_named(values: dict[str, Any], message: str) -> None:
    with pytest.raises(HcutalError, match=message):
        validate(TrainParams, values, "params.yaml: train")


@pytest.mark.parametrize(
    "values",
    [
        {"supervision": "weak", "levels": {"video": False}},
        {"supervision": "mapped", "pseudo_labels": {"spectral": {}}},
        {"pseudo_labels": {"spectral": {}}, "levels": {"video": False, "instance": False, "boundary": False}},
        {"pseudo_labels": {"kmeans": {"scaling": {"whitened": 1.25}}}, "joint": False},
        {"video": {"vertical": False}, "joint": False},
    ],
)
def test_what_has_a_meaning_is_accepted(values: dict[str, Any]) -> None:
    written = validate(TrainParams, values, "train").model_dump(mode="json")
    assert validate(TrainParams, written, "train").model_dump(mode="json") == written


def test_without_the_vertical_loss_no_number_of_neighbours_is_tried() -> None:
    video = validate(TrainParams, {"video": {"vertical": False}}, "train").video
    assert (video.counts, video.poolings) == ([0], ["mean", "deviation"])
