import math
from typing import Any

import pytest

from hcutal.errors import HcutalError
from hcutal.params.evaluate import EvaluateParams
from hcutal.params.propose import ProposeParams
from hcutal.params.recordings import RecordingsFeatures
from hcutal.params.section import Section, model_at, sections_in, validate
from hcutal.params.top import TopParams
from hcutal.params.train import TrainParams
from hcutal.params.train_video import VideoParams


@pytest.mark.parametrize(
    ("model", "values", "message"),
    [
        (ProposeParams, {"suppression": {}}, r"here\.suppression: .*expected exactly one of soft, hard"),
        (
            ProposeParams,
            {"suppression": {"soft": {}, "hard": {}}},
            r"suppression: .*expected exactly one of soft, hard",
        ),
        (ProposeParams, {"suppression": {"gentle": {}}}, r"suppression\.gentle: unknown key; .*hard, soft"),
        (
            ProposeParams,
            {"suppression": "soft"},
            r"suppression: found 'soft'; expected keys such as soft, hard",
        ),
        (
            ProposeParams,
            {"suppression": {"soft": {"tiou": 0.5}}},
            r"soft\.tiou: unknown key; expected one of sigma",
        ),
        (
            ProposeParams,
            {"thresholds": {"cas": None}},
            r"expected thresholds of cas, actionness or magnitude",
        ),
        (
            ProposeParams,
            {"thresholds": {"cas": []}},
            r"thresholds\.cas: found \[\]; list should have at least 1",
        ),
        (TrainParams, {"top": {"part": 0}}, r"top\.part: found 0; .*greater than or equal to 1"),
        (TrainParams, {"weights": {"equal": None}}, r"weights: .*expected exactly one of dynamic, equal"),
        (TrainParams, {"kernel": 4}, r"kernel: found 4; expected an odd number"),
        (VideoParams, {"clusters": None}, r"clusters: found None; expected a number, or \{estimate: \{\}\}"),
        (VideoParams, {"clusters": 1}, r"here\.clusters: found 1; .*greater than or equal to 2"),
        (VideoParams, {"clusters": 2.5}, r"here\.clusters: found 2\.5; expected a number, or"),
        (VideoParams, {"clusters": {"estimate": {"most": 1}}}, r"here\.clusters\.estimate\.most: found 1;"),
        (VideoParams, {"clusters": {}}, r"here\.clusters\.estimate: is missing"),
        (
            VideoParams,
            {"warmup": 0},
            r"starts are told apart by the warm-up.*expected restarts 1, one pooling",
        ),
        (VideoParams, {"neighbours": {"count": 0}}, r"neighbours\.count: found 0"),
        (
            VideoParams,
            {"components": [0, 1]},
            r"components: found \[0, 1\]; .*0 \(features as they are\) alone",
        ),
        (TrainParams, {"boundary": {"inner": 7}}, r"boundary: .*inner should be below outer"),
        (RecordingsFeatures, {"options": {"crop": 3}}, r"options are not of the extractor i3d"),
        (EvaluateParams, {"bootstrap": {"level": math.inf}}, r"bootstrap\.level: found inf; .*finite"),
        (EvaluateParams, {"tiou": [0.5, math.nan]}, r"tiou\.1: found nan; .*finite"),
    ],
)
def test_what_cannot_be_is_refused_by_name(model: type[Section], values: Any, message: str) -> None:
    with pytest.raises(HcutalError, match=message):
        validate(model, values, "here")


def test_one_form_is_all_that_is_written_down() -> None:
    assert validate(ProposeParams, {"suppression": {"hard": {}}}, "").model_dump()["suppression"] == {
        "hard": {"tiou": 0.55, "plus_one": False}
    }
    assert TopParams(count=5).model_dump(mode="json") == {"count": 5}


def test_a_form_that_is_read_again_is_the_same() -> None:
    for values in ({"clusters": {"estimate": {}}}, {"clusters": 7}, {"neighbours": None}):
        params = VideoParams.model_validate(values)
        assert VideoParams.model_validate(params.model_dump(mode="json")) == params


def test_options_are_those_of_an_extractor_without_a_section() -> None:
    watch = RecordingsFeatures(extractor="watch", options={"rate": 25.0})
    assert watch.values == {"rate": 25.0}
    assert RecordingsFeatures(extractor="vectors").values["window_frames"] == 32


def test_sections_are_found_behind_unions_and_limits() -> None:
    clusters = VideoParams.model_fields["clusters"].annotation
    assert [section.__name__ for section in sections_in(clusters)] == ["ClusterEstimate"]
    assert sections_in(dict[str, Any]) == sections_in(int | None) == []
    found = model_at(TrainParams, ["video", "neighbours"])
    assert found is not None and found.__name__ == "NeighbourParams"
    assert model_at(TrainParams, ["video", "hidden"]) is None
