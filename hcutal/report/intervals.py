"""Labelled intervals of a recording: its proposals, or its annotated instances."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Intervals:
    """Intervals of a recording: labels [N], bounds [N, 2] in seconds, scores [N]."""

    labels: np.ndarray
    bounds: np.ndarray
    scores: np.ndarray

    @classmethod
    def from_table(cls, table: pd.DataFrame) -> "Intervals":
        """From the columns label, start, end and, where there is one, score."""
        scores = table["score"].to_numpy(np.float64) if "score" in table else np.ones(len(table))
        return cls(table["label"].to_numpy(np.str_), table[["start", "end"]].to_numpy(np.float64), scores)

    def take(self, chosen: np.ndarray) -> "Intervals":
        """Those at an index or a mask, in the same order."""
        return Intervals(self.labels[chosen], self.bounds[chosen], self.scores[chosen])

    def of(self, label: str) -> "Intervals":
        """Those of one class, in the same order."""
        return self.take(self.labels == label)

    def __len__(self) -> int:
        """Number of intervals."""
        return len(self.labels)
