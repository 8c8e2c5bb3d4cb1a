"""Networks of libraries on films: small ones of chance weights, and what is said of the large ones."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import save_file

from hcutal.cli import main
from hcutal.errors import HcutalError
from hcutal.extract.registry import Recipe
from hcutal.extract.video import torchvision_models as tv
from hcutal.extract.video import transformers_models as hf
from hcutal.extract.video.backbone import BackboneExtractor, PictureForm, prepared
from hcutal.extract.video.encoder_shapes import SHAPES, EncoderShape
from hcutal.files import sha256
from hcutal.pipeline.pace import sampled_seconds
from tests.extract.video.videos import numbered, write_video

# Not imported here: a torchvision for GPUs beside a torch without them can be imported as the product does it alone.
if not (find_spec("torchvision") and find_spec("transformers")):
    pytest.skip("the extras torchvision and transformers are not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of 64 x 48 pixels."""
    return write_video(tmp_path_factory.mktemp("film") / "a.mp4", [numbered(index) for index in range(100)])


def small_swin() -> torch.nn.Module:
    swin = tv.torchvision_models().video.swin_transformer.SwinTransformer3d
    return swin([2, 4, 4], 8, [1, 1], [1, 2], [4, 4, 4])  # type: ignore[no-any-return]


SMALL = {
    "s3d": lambda: tv.torchvision_models().video.s3d(),
    "r2plus1d_18": lambda: tv.torchvision_models().video.resnet._video_resnet(
        tv.torchvision_models().video.resnet.BasicBlock,
        [tv.torchvision_models().video.resnet.Conv2Plus1D] * 4,
        [1, 1, 1, 1],
        tv.torchvision_models().video.resnet.R2Plus1dStem,
        None,
        False,
    ),
    "swin3d_t": small_swin,
}


def torchvision_extractor(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "swin3d_t", **values: Any
) -> BackboneExtractor:
    """An extractor of a small model of chance weights, which lie in a file, on small pictures."""
    torch.manual_seed(0)
    network = SMALL[name]()
    state = {key: value.contiguous() for key, value in network.state_dict().items()}
    save_file(state, folder / "weights.safetensors")
    monkeypatch.setattr(tv, "make_network", lambda name: SMALL[name]())
    form = PictureForm(36, (32, 32), (0.4, 0.4, 0.4), (0.2, 0.2, 0.2))
    monkeypatch.setattr(tv.TorchvisionExtractor, "form", lambda self: form)
    made = Recipe(
        "torchvision", {"model": name, "weights": str(folder / "weights.safetensors"), **values}
    ).make()
    assert isinstance(made, BackboneExtractor)
    return made


@pytest.mark.parametrize("name", list(tv.KNOWN))
def test_what_is_said_of_torchvisions_models_is_so(name: str) -> None:
    known, models = tv.KNOWN[name], tv.torchvision_models()
    weights = models.get_model_weights(name)["KINETICS400_V1"]
    assert abs(known.megabytes - weights.meta["_file_size"]) < 1
    said = weights.meta["_docs"]
    assert f"`frame_rate={known.fps:g}`" in said
    assert f"`clip_len={128 if name == 's3d' else known.window}`" in said
    with torch.device("meta"):
        network = tv.without_head(tv.make_network(name)).eval()
        height, width = weights.transforms().crop_size
        # Without memory or numbers, all but the shape.
        found = network(torch.zeros(2, 3, known.window, height, width))
    assert found.shape == (2, known.size)


@pytest.mark.parametrize("name", ["s3d", "r2plus1d_18", "swin3d_t"])
def test_pictures_are_prepared_as_by_torchvision(name: str) -> None:
    transforms = tv.torchvision_models().get_model_weights(name).DEFAULT.transforms()
    form = Recipe("torchvision", {"model": name}).make().form()  # type: ignore[attr-defined]
    # As frames come from the decoder: the shorter side is that of the model.
    shape = (2, form.shorter, form.shorter * 4 // 3 + 1, 3)
    pictures = torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    expected = transforms(pictures.permute(0, 3, 1, 2)).transpose(0, 1)
    torch.testing.assert_close(prepared(pictures, form), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["s3d", "r2plus1d_18"])
def test_features_are_what_the_classifier_sees(name: str) -> None:
    torch.manual_seed(0)
    network = SMALL[name]().eval()
    seen: list[torch.Tensor] = []
    head = network.classifier if name == "s3d" else network.fc
    head.register_forward_hook(lambda module, given, made: seen.append(given[0]))
    side = 224 if name == "s3d" else 32
    values = torch.randn(1, 3, 16, side, side)
    with torch.inference_mode():
        network(values)
        found = tv.without_head(network)(values)
    expected = seen[0] if seen[0].ndim == 2 else seen[0].mean(dim=(2, 3, 4))
    torch.testing.assert_close(found, expected)


def test_a_model_of_torchvision_on_a_film(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extractor = torchvision_extractor(tmp_path, monkeypatch, batch=4)
    about = extractor.about()
    # Four seconds at 15 a second are 60 frames; a snippet is 32, and the next one 8 later.
    assert (about.fps, about.snippet_frames, about.stride) == (15.0, 32, 8)
    assert about.weights == f"rgb:{sha256(tmp_path / 'weights.safetensors')}"
    assert about.settings["model"] == "swin3d_t" and "BSD-3" in about.settings["licence"]
    assert about.settings["crop"] == [32, 32]
    found = extractor.extract(film)
    assert list(found) == ["rgb"] and found["rgb"].shape == (4, 16) and found["rgb"].dtype == np.float32
    assert np.ptp(found["rgb"], axis=0).max() > 0
    # The same bytes whatever the batch, and from the midst on.
    one = torchvision_extractor(tmp_path, monkeypatch, batch=1)
    np.testing.assert_array_equal(one.extract(film)["rgb"], found["rgb"])
    rest = np.concatenate([part["rgb"] for part in one.extract_from(film, 2)])
    np.testing.assert_array_equal(rest, found["rgb"][2:])
    dense = torchvision_extractor(tmp_path, monkeypatch, stride=4).extract(film)["rgb"]
    np.testing.assert_array_equal(dense[::2], found["rgb"])


def test_weights_that_are_of_another_model_or_cannot_be_had_are_told(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(HcutalError, match="model: found 'c3d'; expected one of s3d, r2plus1d_18"):
        Recipe("torchvision", {"model": "c3d"}).make().step()
    save_file({"a": torch.zeros(3)}, tmp_path / "other.safetensors")
    extractor = Recipe("torchvision", {"model": "s3d", "weights": str(tmp_path / "other.safetensors")}).make()
    with pytest.raises(HcutalError, match=r"other.safetensors: no weights of s3d \(Missing key"):
        extractor.extract(film)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))

    def offline(*given: Any, **options: Any) -> None:
        assert options["check_hash"] and options["weights_only"]
        raise OSError("no network")

    enum = type(tv.torchvision_models().get_model_weights("s3d").DEFAULT)
    monkeypatch.setattr(enum, "get_state_dict", offline)
    extractor = Recipe("torchvision", {"model": "s3d"}).make()
    with pytest.raises(
        HcutalError, match=r"its weights cannot be fetched \(no network\); expected a network, the file"
    ):
        extractor.about()
    assert "the weights of s3d (32 MB, from torchvision's site" in extractor.waiting()  # type: ignore[attr-defined]


def encoder(folder: Path, kind: str) -> Path:
    """A folder of a small encoder of chance weights, as transformers writes it."""
    transformers = hf._module("transformers")
    torch.manual_seed(0)
    body = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "patch_size": 16}
    if kind == "videomae":
        config = transformers.VideoMAEConfig(image_size=32, num_frames=8, intermediate_size=16, **body)
        model = transformers.VideoMAEModel(config)
    elif kind == "vjepa2":
        config = transformers.VJEPA2Config(
            crop_size=32,
            frames_per_clip=16,
            pred_hidden_size=16,
            pred_num_hidden_layers=1,
            pred_num_attention_heads=2,
            **body,
        )
        model = transformers.VJEPA2Model(config)
    elif kind == "clip":
        vision = {"image_size": 32, "intermediate_size": 16, "projection_dim": 16, **body}
        text = {
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 16,
            "vocab_size": 99,
        }
        model = transformers.CLIPModel(
            transformers.CLIPConfig(vision_config=vision, text_config=text, projection_dim=16)
        )
    elif kind == "dinov3":
        config = transformers.DINOv3ViTConfig(
            image_size=32, intermediate_size=16, num_register_tokens=2, **body
        )
        model = transformers.DINOv3ViTModel(config)
    else:
        model = transformers.Dinov2Model(transformers.Dinov2Config(image_size=32, **body))
    model.save_pretrained(folder)
    said = {
        "size": {"shortest_edge": 36},
        "crop_size": {"height": 32, "width": 32},
        "image_mean": [0.4] * 3,
        "image_std": [0.2] * 3,
        "resample": 2,
    }
    name = "video_preprocessor_config.json" if kind == "vjepa2" else "preprocessor_config.json"
    (folder / name).write_text(json.dumps(said))
    return folder


@pytest.mark.parametrize(
    ("kind", "fps", "window", "stride"),
    [
        ("videomae", 7.5, 8, 4),
        ("vjepa2", 4.0, 16, 4),
        ("clip", 6.25, 4, 4),
        ("dinov2", 6.25, 4, 4),
        ("dinov3", 6.25, 4, 4),
    ],
)
def test_an_encoder_of_hugging_face_on_a_film(
    tmp_path: Path, film: Path, kind: str, fps: float, window: int, stride: int
) -> None:
    folder = encoder(tmp_path / "tiny", kind)
    extractor = Recipe("transformers", {"model": str(folder), "batch": 3}).make()
    about = extractor.about()
    assert (about.fps, about.snippet_frames, about.stride) == (fps, window, stride)
    assert about.weights == f"rgb:{sha256(folder / 'model.safetensors')}"
    assert about.settings["source"] == "tiny" and about.settings["mean"] == [0.4] * 3
    found = extractor.extract(film)["rgb"]
    assert found.shape == ((4 * fps - window) // stride + 1, 16) and found.dtype == np.float32
    other = Recipe("transformers", {"model": str(folder), "batch": 1}).make().extract(film)["rgb"]
    np.testing.assert_array_equal(found, other)
    assert len(found) == 1 or np.ptp(found, axis=0).max() > 0


def test_pictures_are_prepared_as_by_hugging_face(tmp_path: Path) -> None:
    folder = encoder(tmp_path / "tiny", "dinov2")
    processor = hf._module("transformers").BitImageProcessor.from_pretrained(folder)
    pictures = np.random.default_rng(0).integers(0, 256, (2, 36, 49, 3), dtype=np.uint8)
    expected = processor(list(pictures), return_tensors="pt")["pixel_values"]
    found = prepared(torch.from_numpy(pictures), hf.read_form(folder))
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_folders_that_hold_no_encoder_are_told(tmp_path: Path, film: Path) -> None:
    folder = encoder(tmp_path / "tiny", "dinov2")
    extractor = Recipe("transformers", {"model": str(folder)}).make()
    assert extractor.waiting() == ""  # type: ignore[attr-defined]
    (folder / "preprocessor_config.json").rename(folder / "gone")
    with pytest.raises(HcutalError, match=r"no preprocessor_config.json; expected sizes"):
        extractor.about()
    (folder / "config.json").write_text('{"model_type": "gpt2"}')
    with pytest.raises(HcutalError, match=r"config.json: model_type is 'gpt2'; expected one of videomae"):
        Recipe("transformers", {"model": str(folder)}).make().about()
    (folder / "config.json").write_text('{"model_type": "dinov2"}')
    (folder / "gone").rename(folder / "preprocessor_config.json")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(
        HcutalError, match=r"no safetensors; expected model.safetensors \(other forms are not"
    ):
        Recipe("transformers", {"model": str(folder)}).make().about()


def test_without_a_network_it_is_said_what_would_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hf._module("huggingface_hub")

    def offline(*given: Any, **options: Any) -> None:
        raise OSError("no network")

    monkeypatch.setattr(hub, "snapshot_download", offline)
    extractor = Recipe("transformers", {"model": "dinov2-base"}).make()
    assert extractor.waiting() == "facebook/dinov2-base from Hugging Face (346 MB; Apache-2.0)"  # type: ignore[attr-defined]
    with pytest.raises(
        HcutalError, match=r"facebook/dinov2-base cannot be fetched \(no network\); .*-o model=FOLDER"
    ):
        extractor.about()
    gated = Recipe("transformers", {"model": "dinov3-base"}).make()
    expected = (
        "DINOv3 License (Meta's own, gated)); agree to the licence first on huggingface.co/facebook/dinov3"
    )
    assert expected in gated.waiting()  # type: ignore[attr-defined]
    with pytest.raises(HcutalError, match=r"cannot be fetched \(no network\); agree to .* hf auth login"):
        gated.about()


@pytest.mark.parametrize("name", list(hf.KNOWN))
def test_sizes_of_encoders_are_those_that_the_library_builds(name: str) -> None:
    transformers, known = hf._module("transformers"), hf.KNOWN[name]
    with torch.device("meta"):
        network = SHAPES[name].network(transformers, hf.FAMILIES[SHAPES[name].kind].model)
        assert network.config.hidden_size == known.size
        # What lies beside the encoder in the same file.
        if name == "clip-vit-large":
            vision = {**network.config.to_dict(), "projection_dim": 768}
            text = {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12}
            config = transformers.CLIPConfig(vision_config=vision, text_config=text, projection_dim=768)
            network = transformers.CLIPModel(config)
        elif name == "videomae-base":
            network = transformers.VideoMAEForPreTraining(network.config)
        elif name == "videomae-base-kinetics":
            network.config.num_labels = 400
            network = transformers.VideoMAEForVideoClassification(network.config)
    megabytes = sum(each.numel() for each in network.parameters()) * 4 / 1e6
    assert known.megabytes == pytest.approx(megabytes, rel=0.005)


def test_a_rehearsal_takes_no_weights(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 32}
    small = EncoderShape("dinov2", "Dinov2Config", 36, 32, {**body, "patch_size": 16})
    monkeypatch.setitem(SHAPES, "dinov2-base", small)
    monkeypatch.setattr(hf.TransformersExtractor, "_local", lambda self: None)
    made = Recipe("transformers", {"model": "dinov2-base"}).make().rehearsal()  # type: ignore[attr-defined]
    assert made.extract(film)["rgb"].shape == (6, 16)
    assert Recipe("transformers", {"model": "some/other"}).make().rehearsal() is None  # type: ignore[attr-defined]
    seconds = sampled_seconds(Recipe("transformers", {"model": "dinov2-base"}), {"a": film}, {"a": 4.0})
    assert seconds is not None and seconds > 0


def test_new_says_what_it_will_fetch(tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in "abcd":
        (folder / f"{name}.mp4").write_bytes(film.read_bytes())
    options = ["--videos", str(folder), "--extractor", "torchvision", "-o", "model=s3d"]
    result = CliRunner().invoke(main, ["new", str(tmp_path / "p"), *options])
    assert result.exit_code == 0, result.output
    assert "to be fetched first: the weights of s3d (32 MB" in result.output


def test_the_table_of_the_documentation_is_that_of_the_code() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs/extraction.md").read_text()
    for known in (*tv.KNOWN.values(), *hf.KNOWN.values()):
        facts = (known.fps, known.window, known.stride, known.size, known.megabytes)
        row = " | ".join(
            [f"| `{known.name}`", *(f"{fact:g}" for fact in facts), known.licence.partition(";")[0]]
        )
        assert row + " |" in text, known.name
    assert all(f"`{family}`" in text for family in hf.FAMILIES)
