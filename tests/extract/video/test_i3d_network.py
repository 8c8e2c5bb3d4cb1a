import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from hcutal.extract.video.i3d_network import I3D, Convolution, max_pool, same_padding
from hcutal.extract.video.weights import load_i3d
from tests.extract.video import reference

SIZES = st.integers(1, 6)
KERNELS, STRIDES = (st.tuples(*[st.integers(1, most)] * 3) for most in (7, 3))


@pytest.fixture(scope="module")
def state() -> dict[str, Tensor]:
    return reference.state_dict(3)


@pytest.fixture(scope="module")
def network(state: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> I3D:
    return load_i3d(reference.save(tmp_path_factory.mktemp("weights") / "rgb.pt", state), "rgb")


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def snippets(count: int, frames: int, height: int, width: int, channels: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.rand(count, channels, frames, height, width, generator=generator) * 2 - 1


def relative(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())


# Even and odd sides, one and several windows of the average pool in time and space.
@pytest.mark.parametrize("size", [(16, 64, 64), (16, 45, 37), (9, 32, 70), (41, 32, 33), (8, 256, 32)])
def test_network_is_that_of_the_paper(
    network: I3D, state: dict[str, Tensor], size: tuple[int, int, int]
) -> None:
    x = snippets(1, *size)
    features, logits = reference.logits(state, x)
    with torch.inference_mode():
        assert relative(network.features(x), features) < 1e-5
        assert relative(network(x), logits) < 1e-5


def test_flow_network_has_two_channels(tmp_path: Path) -> None:
    state = reference.state_dict(2, seed=3)
    network = load_i3d(reference.save(tmp_path / "flow.pt", state), "flow")
    x = snippets(2, 16, 40, 40, channels=2)
    assert relative(network(x), reference.logits(state, x)[1]) < 1e-5


def test_shapes_of_a_whole_snippet(network: I3D) -> None:
    shapes = {}
    for name, module in network.named_children():
        module.register_forward_hook(
            lambda _, __, output, name=name: shapes.update({name: tuple(output.shape)})
        )
    with torch.inference_mode():
        assert network(snippets(1, 16, 224, 224)).shape == (1, 400)
    # The receptive fields of figure 3 of the paper: stride 2 in time at 1a, 4a and 5a, in space at each of the five.
    assert shapes["Conv3d_1a_7x7"] == (1, 64, 8, 112, 112)
    assert shapes["Conv3d_2c_3x3"] == (1, 192, 8, 56, 56)
    assert shapes["Mixed_3c"] == (1, 480, 8, 28, 28)
    assert shapes["Mixed_4f"] == (1, 832, 4, 14, 14)
    assert shapes["Mixed_5c"] == (1, 1024, 2, 7, 7)


def test_features_do_not_depend_on_the_batch(network: I3D) -> None:
    x = snippets(5, 8, 40, 40)
    with torch.inference_mode():
        whole = network.features(x)
        parts = torch.cat([network.features(part) for part in x.split([1, 3, 1])])
    assert torch.equal(whole, parts)


def test_features_do_not_depend_on_the_layout_of_the_input(network: I3D) -> None:
    x = snippets(2, 8, 40, 40)
    frames_last = x.permute(0, 2, 3, 4, 1).contiguous().permute(0, 4, 1, 2, 3)
    with torch.inference_mode():
        assert torch.equal(network.features(x), network.features(frames_last))


def test_features_hardly_depend_on_the_threads(network: I3D) -> None:
    x = snippets(1, 16, 64, 64)
    found = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        with torch.inference_mode():
            found.append(network.features(x))
    assert relative(*found) < 1e-5


def test_features_without_onednn_are_the_same(network: I3D, monkeypatch: pytest.MonkeyPatch) -> None:
    x = snippets(2, 8, 40, 40)
    with torch.inference_mode():
        expected = network.features(x)
        monkeypatch.setattr("torch.backends.mkldnn.is_available", lambda: False)
        assert relative(network.features(x), expected) < 1e-5


def test_a_batch_that_is_not_split_gives_the_same(network: I3D) -> None:
    x = snippets(3, 8, 40, 40)
    with torch.inference_mode():
        # What runs on other devices.
        assert relative(network._features(x), network.features(x)) < 1e-5


@given(st.tuples(SIZES, SIZES, SIZES), KERNELS, STRIDES)
def test_same_padding_puts_a_window_at_every_stride(
    size: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...]
) -> None:
    near, far = same_padding(torch.empty(1, 1, *size, device="meta"), kernel, stride)
    for before, after, length, width, step in zip(near, far, size, kernel, stride, strict=True):
        reach = (math.ceil(length / step) - 1) * step + width
        assert before + length + after == max(reach, length)
        assert 0 <= after - before <= 1


@given(st.tuples(SIZES, SIZES, SIZES), st.sampled_from([((1, 3, 3), (1, 2, 2)), ((3, 3, 3), (2, 2, 2))]))
def test_maxima_are_those_of_the_places_that_exist(
    size: tuple[int, ...], window: tuple[tuple[int, int, int], tuple[int, int, int]]
) -> None:
    # Below zero, so that a padded zero would win.
    x = -snippets(1, *size, channels=1).abs() - 1
    found = max_pool(x, *window)[0, 0]
    assert found.shape == tuple(
        math.ceil(length / step) for length, step in zip(size, window[1], strict=True)
    )
    near, _ = same_padding(x, *window)
    for place in np.ndindex(*found.shape):
        starts = [index * step - before for index, step, before in zip(place, window[1], near, strict=True)]
        ends = [start + width for start, width in zip(starts, window[0], strict=True)]
        (t, u), (r, s), (c, d) = ((max(start, 0), end) for start, end in zip(starts, ends, strict=True))
        assert found[place] == x[0, 0, t:u, r:s, c:d].max()


@pytest.mark.parametrize(("size", "expected"), [(4, [0 + 1 + 2, 2 + 3]), (5, [0 + 1, 1 + 2 + 3, 3 + 4])])
def test_an_odd_zero_comes_after(size: int, expected: list[int]) -> None:
    layer = Convolution(1, 1, 3, stride=2).requires_grad_(False)
    torch.nn.init.zeros_(layer.weight)[0, 0, 1, 1] = 1
    torch.nn.init.zeros_(layer.bias)
    x = torch.arange(float(size)).expand(1, 1, size, size, size)
    assert layer(x)[0, 0, 0, 0].tolist() == expected
