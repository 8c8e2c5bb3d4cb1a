"""What a trained network makes of features: of snippets, and of whole recordings."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from hcutal.model.checkpoint import Localizer
from hcutal.model.pooling import deviation_scores, select_snippets, smooth

Floats = npt.NDArray[np.float32]


@torch.no_grad()
def embedded_snippets(localizer: Localizer, features: Floats, rows: npt.NDArray[np.intp]) -> Floats:
    """F_i of section 3.1.3: the embedded features [n, E] of the snippets `rows` [n] of a recording [T, D].

    Of the others, those alone are looked at that the embedding reaches to.
    """
    network = localizer.network
    reach = network.shape.kernel // 2
    inputs = network.normalise(torch.from_numpy(features))
    padded = torch.nn.functional.pad(inputs, (0, 0, reach, reach))
    windows = padded.unfold(0, network.shape.kernel, 1)[torch.from_numpy(rows)]  # [n, D, kernel]
    embedding = network.embedding(windows.transpose(1, 2).contiguous())
    return np.asarray(embedding[:, reach].numpy())


@torch.no_grad()
def pooled_mean(localizer: Localizer, features: Floats) -> Floats:
    """The mean [D] of the snippets [T, D] of a recording, standardised as in training."""
    return np.asarray(localizer.network.normalise(torch.from_numpy(features)).mean(dim=0).numpy())


@torch.no_grad()
def video_features(localizer: Localizer, features: Floats, video: Mapping[str, Any], start: str) -> Floats:
    """What g_h says of a recording with features [T, D]: [C], of length 1.

    The snippets that stand for the recording are chosen as in training, of all of its snippets: those of highest
    actionness where the localizer feeds back, else by the rule of pooling.

    Args:
        video: the section `train.video` of the run.
        start: the rule of pooling that training started from, `mean` or `deviation`.
    """
    network = localizer.network
    inputs = network.normalise(torch.from_numpy(features)[None])  # [1, T, D]
    embedding = network.embedding(inputs)
    scores = None
    if video["feedback"]:
        scores = smooth(network.cas(embedding).sum(dim=2), video["smooth"])
    elif start == "deviation":
        scores = deviation_scores(inputs, video["smooth"])
    seen = embedding if network.shape.shared else inputs
    if scores is not None:
        seen = seen[:, select_snippets(scores, max(1, round(video["pooled_share"] * seen.shape[1])))[0]]
    said = network.horizontal(network.coordinates(seen).mean(dim=1))
    return np.asarray(torch.nn.functional.normalize(said, dim=1)[0].numpy())
