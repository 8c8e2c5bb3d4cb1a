"""A folder like THUMOS'14 with features, lists, annotations and predictions, and faults that are planted in it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

STREAMS = {"rgb": 8, "flow": 6}
SECONDS = 16 / 25


def of_train(number: int) -> str:
    return f"video_validation_{number:07}"


def of_test(number: int) -> str:
    return f"video_test_{number:07}"


class ThumosLike:
    """Twenty-four training and twelve test videos, each of one of two classes; `write` puts them into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        rng = np.random.default_rng(0)
        self.splits = {
            "train": [of_train(number) for number in range(24)],
            "test": [of_test(number) for number in range(12)],
        }
        self.arrays: dict[str, np.ndarray] = {}
        self.cut: list[str] = []
        self.database: dict[str, Any] = {}
        for subset, videos in self.splits.items():
            for number, video in enumerate(videos):
                count, label = 30 + number, ("Jump", "Dive")[number % 2]
                for stream, size in STREAMS.items():
                    self.arrays[f"{subset}/{stream}/{video}"] = rng.normal(size=(count, size)).astype(
                        np.float32
                    )
                self.database[video] = {
                    "subset": "validation" if subset == "train" else "test",
                    "duration": count * SECONDS,
                    "annotations": [
                        {"segment": [1.0, 3.0], "label": label},
                        {"segment": [count * SECONDS - 6, count * SECONDS - 2], "label": label},
                    ],
                }
        self.results = {
            video: [
                {"label": record["label"], "segment": record["segment"], "score": 0.5 + number / 9}
                for number, record in enumerate(self.database[video]["annotations"])
            ]
            for video in self.splits["test"]
        }

    def annotate(self, video: str, start: float, end: float, label: str = "Dive") -> None:
        self.database[video]["annotations"].append({"segment": [start, end], "label": label})

    def predict(self, video: str, start: float, end: float, label: str = "Dive") -> None:
        self.results.setdefault(video, []).append({"label": label, "segment": [start, end], "score": 0.1})

    def array(self, video: str, change: Callable[[np.ndarray], np.ndarray], stream: str = "rgb") -> None:
        """Put what `change` makes of an array in its place."""
        subset = "test" if "_test_" in video else "train"
        self.arrays[f"{subset}/{stream}/{video}"] = change(self.arrays[f"{subset}/{stream}/{video}"])

    def write(self) -> None:
        for name, array in self.arrays.items():
            path = self.folder / "features" / f"{name}.npy"
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, array, allow_pickle=True)
            if name in self.cut:
                path.write_bytes(path.read_bytes()[:-9])
        for subset, videos in self.splits.items():
            (self.folder / f"split_{subset}.txt").write_text("\n".join(videos))
        (self.folder / "gt.json").write_text(json.dumps({"database": self.database}))
        (self.folder / "predictions.json").write_text(json.dumps({"results": self.results}))
