"""The network with its fetched weights, behind the product's own decoding, names what real clips show."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from hcutal.errors import HcutalError
from hcutal.extract.video.i3d_extractor import I3DExtractor
from hcutal.extract.video.i3d_network import I3D
from hcutal.extract.video.weights import load_i3d, rgb_weights_path
from hcutal.params.extractors import I3DFeatures
from tests.extract.video import reference

VIDEOS = Path(__file__).resolve().parents[3] / "../shared/data/videos"
# Places in the alphabetical list of the 400 classes.
CLASSES = {4: "applying cream", 19: "bench pressing", 126: "filling eyebrows", 329: "springboard diving"}
EXPECTED = {
    "ApplyEyeMakeup": {"applying cream", "filling eyebrows"},
    "BenchPress": {"bench pressing"},
    "Diving": {"springboard diving"},
}
CLIPS = sorted(VIDEOS.glob("*/*.avi"))
pytestmark = pytest.mark.skipif(not CLIPS, reason="shared data are not here")


@pytest.fixture(scope="module")
def weights() -> Path:
    try:
        return rgb_weights_path()
    except HcutalError as error:
        pytest.skip(f"weights cannot be fetched: {error}")


@pytest.fixture(scope="module")
def network(weights: Path) -> I3D:
    return load_i3d(weights, "rgb")


def top_class(network: I3D, weights: Path, clip: Path, frames: int, stride: int) -> str:
    """The class of the mean of a clip's features; a number where it is none of those that are expected here."""
    params = {
        "streams": ["rgb"],
        "snippet_frames": frames,
        "stride": stride,
        "weights": {"rgb": str(weights)},
    }
    features = I3DExtractor(I3DFeatures.model_validate(params)).extract(clip)["rgb"]
    scores: Tensor = network.logits(torch.from_numpy(features).mean(dim=0))
    place = int(scores.argmax())
    return CLASSES.get(place, str(place))


def test_there_are_clips_of_each_action() -> None:
    assert {clip.parent.name for clip in CLIPS} == set(EXPECTED)


@pytest.mark.parametrize("clip", CLIPS[::3], ids=lambda clip: clip.stem)
def test_64_frames_are_recognised(network: I3D, weights: Path, clip: Path) -> None:
    # The length of the clips that it was trained on; one from each file.
    assert top_class(network, weights, clip, 64, 1000) in EXPECTED[clip.parent.name]


@pytest.mark.parametrize("action", sorted(EXPECTED))
def test_snippets_of_16_frames_are_recognised(network: I3D, weights: Path, action: str) -> None:
    clip = VIDEOS / action / f"v_{action}_g01_c05.avi"
    assert top_class(network, weights, clip, 16, 48) in EXPECTED[action]


def test_usual_state_dict_gives_the_same(network: I3D, tmp_path: Path) -> None:
    state = reference.state_dict(3)
    for name, value in network.state_dict().items():
        layer, _, part = name.rpartition(".")
        if layer == "logits":
            state[f"logits.conv3d.{part}"] = value.reshape(state[f"logits.conv3d.{part}"].shape)
        elif part == "weight":
            factor = state[f"{layer}.bn.weight"] / torch.sqrt(state[f"{layer}.bn.running_var"] + 0.001)
            state[f"{layer}.conv3d.weight"] = value / factor[:, None, None, None, None]
            shift = state[f"{layer}.bn.running_mean"] * factor
            state[f"{layer}.bn.bias"] = network.state_dict()[f"{layer}.bias"] + shift
    again = load_i3d(reference.save(tmp_path / "rgb_imagenet.pt", state), "rgb")
    x = torch.rand(1, 3, 16, 112, 112, generator=torch.Generator().manual_seed(0)) * 2 - 1
    expected = network(x)
    assert float((again(x) - expected).abs().max() / expected.abs().max()) < 1e-5
    assert float((reference.logits(state, x)[1] - expected).abs().max() / expected.abs().max()) < 1e-5
