from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.model import checkpoint
from hcutal.model.checkpoint import Localizer, check_streams, load_model, save_model
from hcutal.model.network import HCUTAL, NetworkShape, initialise
from hcutal.params.propose import SnippetChoice
from hcutal.params.top import TopParams


@pytest.fixture
def localizer() -> Localizer:
    network = HCUTAL(NetworkShape(inputs=5, embedding=8, outputs=3, clusters=3, hidden=4, shared=False))
    initialise(network, torch.Generator().manual_seed(0))
    network.get_buffer("input_mean").fill_(0.5)
    return Localizer(network.eval(), 10, TopParams(part=5), "unsupervised", None, {"z": 2, "a": 3})


def features(snippets: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(snippets, 5)).astype(np.float32)


def test_round_trip_gives_the_same_answers(tmp_path: Path, localizer: Localizer) -> None:
    save_model(tmp_path, localizer)
    again = load_model(tmp_path)
    assert list(again.streams) == ["z", "a"]
    np.testing.assert_array_equal(again.cas(features(7)).cas, localizer.cas(features(7)).cas)


def test_a_number_of_snippets_makes_the_score_where_the_model_says_so(
    tmp_path: Path, localizer: Localizer
) -> None:
    save_model(tmp_path, replace(localizer, top=TopParams(count=3)))
    assert read_json(tmp_path / "model.json")["top"] == {"count": 3}
    again = load_model(tmp_path)
    assert again.top == TopParams(count=3)
    found = again.cas(features(10))
    top_three = np.sort(found.cas, axis=0)[-3:].mean(axis=0)
    np.testing.assert_allclose(found.scores, np.exp(top_three) / np.exp(top_three).sum(), rtol=1e-5)


def test_same_model_same_bytes(tmp_path: Path, localizer: Localizer) -> None:
    for name in ("one", "two"):
        save_model(tmp_path / name, localizer)
    for file in ("model.safetensors", "model.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize("snippets", ["trained", 10])
def test_long_recordings_are_sampled_where_it_is_asked_for_and_short_ones_kept(
    localizer: Localizer, snippets: SnippetChoice
) -> None:
    assert localizer.cas(features(7), snippets).rows.tolist() == list(range(7))
    found = localizer.cas(features(25), snippets)
    assert found.rows.tolist() == [0, 2, 5, 7, 10, 12, 15, 17, 20, 22]
    assert found.cas.shape == (10, 3)
    assert found.scores.sum() == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(found.actionness, found.cas.sum(axis=1), rtol=1e-6)
    top_two = np.sort(found.cas, axis=0)[-2:].mean(axis=0)
    np.testing.assert_allclose(found.scores, np.exp(top_two) / np.exp(top_two).sum(), rtol=1e-5)


@pytest.mark.parametrize("snippets", [3, 6, 20])
def test_a_model_of_pieces_scores_the_stretch_around_each_snippet(
    tmp_path: Path, localizer: Localizer, monkeypatch: pytest.MonkeyPatch, snippets: int
) -> None:
    of_pieces = replace(localizer, piece=6, top=TopParams(count=2), labels=1.5)
    save_model(tmp_path, of_pieces)
    again = load_model(tmp_path)
    assert (again.piece, again.labels) == (6, 1.5)
    whole = localizer.cas(features(snippets))
    # Few stretches at once, so that there are several parts.
    monkeypatch.setattr(checkpoint, "STRETCHES", 40)
    found = again.cas(features(snippets))
    around = []
    for place in range(snippets):
        first = max(0, min(place - 3, snippets - 6))
        highest = np.sort(whole.cas[first : first + 6], axis=0)[-2:].mean(axis=0)
        around.append(np.exp(highest) / np.exp(highest).sum())
    np.testing.assert_allclose(found.cas, whole.cas * around, rtol=1e-5)
    np.testing.assert_allclose(found.scores, np.max(around, axis=0), rtol=1e-5)
    np.testing.assert_array_equal(found.actionness, whole.actionness)
    assert (found.labels, whole.labels) == (1.5, 1.0)


def test_a_piece_is_as_long_in_a_choice_of_the_snippets(localizer: Localizer) -> None:
    of_pieces = replace(localizer, piece=20, top=TopParams(count=1))
    found, whole = of_pieces.cas(features(40), 10), localizer.cas(features(40), 10)
    # Every fourth snippet: five of them are a piece.
    expected = checkpoint.scores_around(torch.from_numpy(whole.cas), 5, TopParams(count=1)).numpy()
    np.testing.assert_array_equal(found.cas, whole.cas * expected)


@pytest.mark.parametrize("kernel", [1, 3, 7])
@pytest.mark.parametrize("snippets", [1, 4, 5, 8, 9, 23])
def test_all_snippets_are_looked_at_in_parts_without_a_seam(
    localizer: Localizer, monkeypatch: pytest.MonkeyPatch, snippets: int, kernel: int
) -> None:
    shape = replace(localizer.network.shape, kernel=kernel)
    network = HCUTAL(shape)
    initialise(network, torch.Generator().manual_seed(0))
    whole = replace(localizer, network=network.eval())
    expected = whole.cas(features(snippets))
    monkeypatch.setattr(checkpoint, "PART", 4)
    found = whole.cas(features(snippets))
    assert found.rows.tolist() == list(range(snippets))
    for name in ("cas", "scores", "actionness", "magnitude"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-4, atol=1e-6)


def test_an_activation_is_what_the_network_says_of_normalised_features(localizer: Localizer) -> None:
    localizer.network.get_buffer("input_deviation").fill_(2)
    found = localizer.cas(features(7))
    weight, bias = localizer.network.embed.weight, localizer.network.embed.bias
    scaled = np.pad((features(7) - 0.5) / 2, ((1, 1), (0, 0)))
    windows = np.stack([scaled[time : time + 3].T for time in range(7)])
    with torch.no_grad():
        embedded = np.einsum("tdk,fdk->tf", windows, weight.numpy()) + bias.numpy()
        embedding = embedded.clip(min=0)
        cas = (embedding @ localizer.network.classifier.weight.numpy()[:, :, 0].T).clip(min=0)
    np.testing.assert_allclose(found.cas, cas, atol=1e-5)
    np.testing.assert_allclose(found.actionness, cas.sum(axis=1), atol=1e-5)
    np.testing.assert_allclose(found.magnitude, np.sqrt((embedding**2).sum(axis=1)), atol=1e-5)
    # One in five of seven snippets is one: the highest.
    np.testing.assert_allclose(
        found.scores, np.exp(cas.max(axis=0)) / np.exp(cas.max(axis=0)).sum(), rtol=1e-4
    )


def test_everything_that_is_said_of_a_model_is_read_again(tmp_path: Path, localizer: Localizer) -> None:
    classes = ["jump", "run", "swim"]
    save_model(tmp_path, replace(localizer, supervision="weak", classes=classes))
    again = load_model(tmp_path)
    assert (again.snippets, again.top, again.supervision, again.classes) == (
        10,
        localizer.top,
        "weak",
        classes,
    )
    assert again.network.shape == localizer.network.shape
    assert not again.network.training
    for name, value in localizer.network.state_dict().items():
        assert torch.equal(again.network.state_dict()[name], value)


def test_refuses_other_features(localizer: Localizer) -> None:
    with pytest.raises(HcutalError, match=r"\[4, 6\], expected \[T, 5\]"):
        localizer.cas(np.zeros((4, 6), dtype=np.float32))
    with pytest.raises(HcutalError, match=r"\[5\], expected \[T, 5\]"):
        localizer.cas(np.zeros(5, dtype=np.float32))
    check_streams({"z": 2, "a": 3}, localizer.streams, "features/x")
    with pytest.raises(HcutalError, match="trained on"):
        check_streams({"a": 3, "z": 2}, localizer.streams, "features/x")


def test_broken_models(tmp_path: Path, localizer: Localizer) -> None:
    with pytest.raises(HcutalError, match=r"model.json: no such file"):
        load_model(tmp_path)
    save_model(tmp_path, localizer)
    (tmp_path / "model.safetensors").write_bytes(b"garbage")
    with pytest.raises(HcutalError, match=r"model.safetensors: does not fit"):
        load_model(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(HcutalError, match=r"model.safetensors: no such file"):
        load_model(tmp_path)
    description = read_json(tmp_path / "model.json")
    write_json(tmp_path / "model.json", {**description, "top": 5})
    with pytest.raises(HcutalError, match=r"model.json.top: found 5; expected keys such as part, count"):
        load_model(tmp_path)
    write_json(tmp_path / "model.json", {**description, "network": {}})
    with pytest.raises(HcutalError, match="not the description of a model"):
        load_model(tmp_path)


def test_sizes_of_a_damaged_description_take_no_memory(tmp_path: Path, localizer: Localizer) -> None:
    save_model(tmp_path, localizer)
    description = read_json(tmp_path / "model.json")
    # Weights of 60 TB.
    network = {**description["network"], "inputs": 10**6, "embedding": 5 * 10**6}
    write_json(tmp_path / "model.json", {**description, "network": network})
    with pytest.raises(HcutalError, match=r"model.safetensors: does not fit"):
        load_model(tmp_path)
