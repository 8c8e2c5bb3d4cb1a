"""A trained model on disk: safetensors for the weights, JSON for what they mean."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from hcutal.data.sampling import uniform
from hcutal.errors import HcutalError
from hcutal.files import atomic_path, write_json
from hcutal.layout import MODEL_DESCRIPTION, MODEL_WEIGHTS
from hcutal.losses.classification import score_count, video_scores
from hcutal.model.model_description import read_description
from hcutal.model.network import HCUTAL, NetworkShape
from hcutal.params.propose import SnippetChoice
from hcutal.params.top import TopParams

# Snippets of a recording that go through the network at once.
PART = 4096
# Values of the CAS in the overlapping stretches that are scored at once.
STRETCHES = 2**22


@dataclass(frozen=True)
class Activation:
    """The output of the model for T' snippets of a recording.

    Attributes:
        rows: [T'], the snippets of the recording that were used: all of them, or an even choice.
        cas: [T', K], class activation sequence, not negative.
        scores: [K], softmax of the mean of the highest CAS (equation 9), which sums to 1; of a model that was trained
            on pieces, the highest in any stretch as long as a piece.
        actionness: [T'], sum of the network's CAS over its columns.
        magnitude: [T'], length (Euclidean norm) of the embedded features.
        labels: how many labels a recording had in training, on average.
    """

    rows: np.ndarray
    cas: np.ndarray
    scores: np.ndarray
    actionness: np.ndarray
    magnitude: np.ndarray
    labels: float = 1.0


@dataclass(frozen=True)
class Localizer:
    """A trained network, with all that is needed to apply it.

    Attributes:
        network: on the device where it computes.
        snippets: T, how many snippets of a recording it was trained on.
        top: how many snippets enter the score of equation (9).
        supervision: where the labels of the training videos came from: unsupervised, weak or mapped.
        classes: names of the columns of the CAS; None when they are clusters without names.
        streams: names and sizes of the streams that the network was trained on, in order.
        piece: how many snippets the pieces have that it was trained on; None for whole recordings.
        labels: how many labels a recording (or piece) had in training, on average.
    """

    network: HCUTAL
    snippets: int
    top: TopParams
    supervision: str
    classes: list[str] | None
    streams: dict[str, int]
    piece: int | None = None
    labels: float = 1.0

    @torch.no_grad()
    def cas(self, features: np.ndarray, snippets: SnippetChoice = "all") -> Activation:
        """Apply the network to a recording with features [T, D], all streams side by side.

        Long recordings go through the network in parts. Each part also sees the snippets beside it that the embedding
        reaches to, so there is no seam.

        A model that was trained on pieces knows what a piece shows, not a whole recording: each snippet's activation
        is weighted by the scores of the stretch around it, as long as a piece.

        Args:
            features: [T, D].
            snippets: how many of the T are used: all, as many as in `trained`, or a number; an even choice of them.

        Raises:
            HcutalError: when D is not what the network was trained on.
        """
        expected = self.network.shape.inputs
        if features.ndim != 2 or features.shape[1] != expected:
            raise HcutalError(f"features are {list(features.shape)}, expected [T, {expected}] as in training")
        most = {"all": len(features), "trained": self.snippets}.get(str(snippets), snippets)
        rows = uniform(len(features), int(most))
        parts = [self._part(features, rows, start) for start in range(0, len(rows), PART)]
        cas = torch.cat([part for part, _ in parts])
        actionness = cas.sum(dim=1)
        if self.piece is None:
            scores = video_scores(cas[None], score_count(len(cas), self.top))[0].softmax(dim=0)
        else:
            window = max(1, round(self.piece * len(rows) / len(features)))
            around = scores_around(cas, window, self.top)
            scores, cas = around.amax(dim=0), cas * around
        return Activation(
            rows=rows,
            cas=cas.cpu().numpy(),
            scores=scores.cpu().numpy(),
            actionness=actionness.cpu().numpy(),
            magnitude=torch.cat([length for _, length in parts]).cpu().numpy(),
            labels=self.labels,
        )

    def _part(self, features: np.ndarray, rows: np.ndarray, start: int) -> tuple[Tensor, Tensor]:
        """CAS [n, K] and length of the embedded features [n] of the rows start to start + n."""
        reach = self.network.shape.kernel // 2
        first = max(start - reach, 0)
        inputs = np.ascontiguousarray(features[rows[first : start + PART + reach]], dtype=np.float32)
        device = next(self.network.parameters()).device
        embedding = self.network.embedding(self.network.normalise(torch.from_numpy(inputs).to(device))[None])
        embedding = embedding[:, start - first : start - first + PART]
        return self.network.cas(embedding)[0], embedding[0].norm(dim=1)


def scores_around(cas: Tensor, window: int, top: TopParams) -> Tensor:
    """The scores of equation (9), with their softmax, of the stretch of `window` snippets around each snippet.

    At the ends, and in a recording that is shorter, it is the stretch that is nearest.

    Args:
        cas: [T, K].
        window: snippets of a stretch.
        top: l of equation (9), for a stretch.

    Returns:
        [T, K], rows sum to 1.

    The first stretch shows the first class, and the last the second one:

    >>> cas = torch.tensor([[9.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 9.0]])
    >>> scores_around(cas, window=2, top=TopParams(count=1)).round(decimals=2).tolist()
    [[1.0, 0.0], [1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    """
    snippets, columns = cas.shape
    window = min(window, snippets)
    stretches = cas.unfold(0, window, 1)  # [T - window + 1, K, window]
    together = max(1, STRETCHES // (columns * window))
    highest = score_count(window, top)
    scores = torch.cat(
        [video_scores(part.transpose(1, 2), highest).softmax(dim=1) for part in stretches.split(together)]
    )
    nearest = torch.arange(snippets, device=cas.device) - window // 2
    return scores[nearest.clamp(0, len(scores) - 1)]


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
        "piece": localizer.piece,
        "labels": localizer.labels,
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
    said = read_description(folder / MODEL_DESCRIPTION)
    try:
        # Without memory: that is taken by the weights alone, whatever sizes stand in the description.
        with torch.device("meta"):
            network = HCUTAL(NetworkShape(**said.network))
    except (KeyError, TypeError, ValueError, RuntimeError, OverflowError, MemoryError) as error:
        raise HcutalError(
            f"{folder / MODEL_DESCRIPTION}: not the description of a model ({error})"
        ) from error
    try:
        network.load_state_dict(load_file(folder / MODEL_WEIGHTS), assign=True)
    except FileNotFoundError:
        raise HcutalError(f"{folder / MODEL_WEIGHTS}: no such file") from None
    except (SafetensorError, RuntimeError) as error:
        raise HcutalError(
            f"{folder / MODEL_WEIGHTS}: does not fit {folder / MODEL_DESCRIPTION} ({error})"
        ) from error
    return Localizer(
        network.to(device).eval(),
        snippets=said.snippets,
        top=said.top,
        supervision=said.supervision,
        classes=said.classes,
        streams=said.ordered_streams,
        piece=said.piece,
        labels=said.labels,
    )


def check_streams(found: dict[str, int], expected: dict[str, int], where: str | Path) -> None:
    """Raise `HcutalError`, which names `where`, unless the streams have the names, sizes and order of the model's.

    >>> check_streams({"rgb": 1024, "flow": 1024}, {"rgb": 1024, "flow": 1024}, "features")
    >>> check_streams({"rgb": 1024}, {"rgb": 1024, "flow": 1024}, "features")
    Traceback (most recent call last):
    hcutal.errors.HcutalError: features: streams are {'rgb': 1024}, the model was trained on {'rgb': 1024, 'flow': 1024}
    """
    if list(found.items()) != list(expected.items()):
        raise HcutalError(f"{where}: streams are {found}, the model was trained on {expected}")
