"""What detections score by chance: the same lengths, labels and scores at random places."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hcutal.errors import HcutalError
from hcutal.evaluate.detection import detection_map
from hcutal.evaluate.matching import Floats


def shuffled(predictions: pd.DataFrame, durations: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Predictions that know nothing of what the videos show.

    Every video keeps the number and the lengths of its predictions; each is put at a uniform place between 0
    and the end of its video. The (label, score) pairs are dealt anew over all predictions.

    durations: seconds by video; where it is missing or shorter than a prediction, the latest end predicted
    for the video is taken.

    >>> found = pd.DataFrame({"video": "v", "start": [0, 5], "end": [2, 9], "label": ["run", "jump"], "score": 1.0})
    >>> other = shuffled(found, pd.Series({"v": 60.0}), np.random.default_rng(0))
    >>> (other["end"] - other["start"]).round(9).tolist()
    [2.0, 4.0]
    """
    length = (predictions["end"] - predictions["start"]).to_numpy()
    latest = predictions.groupby("video", observed=True)["end"].transform("max").to_numpy()
    duration = predictions["video"].astype(object).map(durations).to_numpy(dtype=np.float64)
    start = rng.uniform(size=len(predictions)) * np.maximum(np.fmax(duration, latest) - length, 0.0)
    dealt = rng.permutation(len(predictions))
    return pd.DataFrame(
        {
            "video": predictions["video"].array,
            "start": start,
            "end": start + length,
            "label": predictions["label"].array.take(dealt),
            "score": predictions["score"].to_numpy()[dealt],
        }
    )


def chance_map(
    ground_truth: pd.DataFrame,
    predictions: pd.DataFrame,
    durations: pd.Series,
    tiou: Sequence[float],
    draws: int,
    seed: int,
) -> Floats:
    """Mean AP of `shuffled` predictions at each tIoU, averaged over `draws` draws from `seed`; [n_tiou].

    Arguments as for `detection_map` and `shuffled`. Raises `HcutalError` for draws below 1.

    A prediction as long as its video cannot move; that of a second in a thousand hits nothing by chance:

    >>> truth = pd.DataFrame({"video": ["v", "w"], "start": 0, "end": [10, 1], "label": ["run", "jump"]})
    >>> found = truth.assign(score=1.0, label="run")
    >>> chance_map(truth, found.head(1), pd.Series({"v": 10.0}), [0.5], draws=5, seed=0).tolist()
    [0.5]
    >>> chance_map(truth, found.tail(1), pd.Series({"w": 1000.0}), [0.5], draws=5, seed=0).tolist()
    [0.0]
    """
    if draws < 1:
        raise HcutalError(f"chance draws are {draws}; expected 1 or more")
    rng = np.random.default_rng(seed)
    results = [detection_map(ground_truth, shuffled(predictions, durations, rng), tiou) for _ in range(draws)]
    return np.asarray(np.mean([result.mean_ap for result in results], axis=0))
