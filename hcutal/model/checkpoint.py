"""A trained model on disk: safetensors for the weights, JSON for what they mean."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from hcutal.data.sampling import uniform
from hcutal.errors import HcutalError
from hcutal.files import atomic_path, read_json, write_json
from hcutal.layout import MODEL_DESCRIPTION, MODEL_WEIGHTS
from hcutal.losses.classification import score_count, video_scores
from hcutal.model.network import HCUTAL, NetworkShape
from hcutal.params.section import validate
from hcutal.params.top import TopParams


@dataclass(frozen=True)
class Activation:
    """The output of the model for T' snippets of a recording.

    Attributes:
        rows: [T'], the snippets of the recording that were used: all of them, or an even choice of as many as in
            training where there are more.
        cas: [T', K], class activation sequence, not negative.
        scores: [K], softmax of the mean of the highest CAS (equation 9); sums to 1.
        actionness: [T'], sum of the CAS over its columns.
        magnitude: [T'], length (Euclidean norm) of the embedded features.
    """

    rows: np.ndarray
    cas: np.ndarray
    scores: np.ndarray
    actionness: np.ndarray
    magnitude: np.ndarray


@dataclass(frozen=True)
class Localizer:
    """A trained network, with all that is needed to apply it.

    Attributes:
        network: on the device where it computes.
        snippets: T, the most snippets of a recording that are used.
        top: how many snippets enter the score of equation (9).
        supervision: where the labels of the training videos came from: unsupervised, weak or mapped.
        classes: names of the columns of the CAS; None when they are clusters without names.
        streams: names and sizes of the streams that the network was trained on, in order.
    """

    network: HCUTAL
    snippets: int
    top: TopParams
    supervision: str
    classes: list[str] | None
    streams: dict[str, int]

    @torch.no_grad()
    def cas(self, features: np.ndarray) -> Activation:
        """Apply the network to a recording with features [T, D], all streams side by side.

        Raises:
            HcutalError: when D is not what the network was trained on.
        """
        expected = self.network.shape.inputs
        if features.ndim != 2 or features.shape[1] != expected:
            raise HcutalError(f"features are {list(features.shape)}, expected [T, {expected}] as in training")
        rows = uniform(len(features), self.snippets)
        device = next(self.network.parameters()).device
        inputs = torch.from_numpy(np.ascontiguousarray(features[rows], dtype=np.float32)).to(device)
        embedding = self.network.embedding(self.network.normalise(inputs)[None])
        cas = self.network.cas(embedding)
        scores = video_scores(cas, score_count(cas.shape[1], self.top)).softmax(dim=1)
        return Activation(
            rows=rows,
            cas=cas[0].cpu().numpy(),
            scores=scores[0].cpu().numpy(),
            actionness=cas[0].sum(dim=1).cpu().numpy(),
            magnitude=embedding[0].norm(dim=1).cpu().numpy(),
        )


def save_model(folder: str | Path, localizer: Localizer) -> None:
    """Write `model.safetensors` and `model.json` into `folder`, each completely or not at all."""
    folder = Path(folder)
    state = {name: value.contiguous().cpu() for name, value in localizer.network.state_dict().items()}
    with atomic_path(folder / MODEL_WEIGHTS) as temporary:
        save_file(state, temporary)
    description = {
        "network": localizer.network.shape.as_dict(),
        "snippets": localizer.snippets,
        "top": localizer.top.model_dump(),
        "supervision": localizer.supervision,
        "classes": localizer.classes,
        "streams": localizer.streams,
    }
    # Keys are sorted when they are written, but the order of the streams is that of the columns.
    description["stream_order"] = list(localizer.streams)
    write_json(folder / MODEL_DESCRIPTION, description)


def load_model(folder: str | Path, device: str = "cpu") -> Localizer:
    """Read a model that `save_model` wrote.

    Raises:
        HcutalError: when a file is missing, malformed, or the two do not fit each other.
    """
    folder = Path(folder)
    description = read_json(folder / MODEL_DESCRIPTION)
    try:
        network = HCUTAL(NetworkShape(**description["network"]))
        streams = {name: description["streams"][name] for name in description["stream_order"]}
        details = {key: description[key] for key in ("snippets", "supervision", "classes")}
        top = validate(TopParams, description["top"], f"{folder / MODEL_DESCRIPTION}: top")
    except HcutalError:
        raise
    except (KeyError, TypeError, ValueError, RuntimeError, OverflowError, MemoryError) as error:
        raise HcutalError(
            f"{folder / MODEL_DESCRIPTION}: not the description of a model ({error})"
        ) from error
    try:
        network.load_state_dict(load_file(folder / MODEL_WEIGHTS))
    except FileNotFoundError:
        raise HcutalError(f"{folder / MODEL_WEIGHTS}: no such file") from None
    except (SafetensorError, RuntimeError) as error:
        raise HcutalError(
            f"{folder / MODEL_WEIGHTS}: does not fit {folder / MODEL_DESCRIPTION} ({error})"
        ) from error
    return Localizer(network.to(device).eval(), top=top, streams=streams, **details)


def check_streams(found: dict[str, int], expected: dict[str, int], where: str | Path) -> None:
    """Raise `HcutalError`, which names `where`, unless the streams have the names, sizes and order of the model's.

    >>> check_streams({"rgb": 1024, "flow": 1024}, {"rgb": 1024, "flow": 1024}, "features")
    >>> check_streams({"rgb": 1024}, {"rgb": 1024, "flow": 1024}, "features")
    Traceback (most recent call last):
    hcutal.errors.HcutalError: features: streams are {'rgb': 1024}, the model was trained on {'rgb': 1024, 'flow': 1024}
    """
    if list(found.items()) != list(expected.items()):
        raise HcutalError(f"{where}: streams are {found}, the model was trained on {expected}")
