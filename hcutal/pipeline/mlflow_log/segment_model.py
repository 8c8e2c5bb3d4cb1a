"""The model as MLflow loads it: MLflow keeps this file with the model and runs it (models from code).

`predict` takes the features of one recording, [T, D] with the streams side by side, and returns its segments:
columns start, end (seconds), label, score.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd

from hcutal.apply.trained import TrainedRun, folder_files
from hcutal.localize.choice import Choice
from hcutal.localize.segments import select


class SegmentModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """A trained run behind MLflow's interface."""

    def load_context(self, context: Any) -> None:
        """Read the run from the folder that MLflow keeps."""
        self._run: TrainedRun = folder_files(Path(context.artifacts["run"])).load()

    def predict(self, context: Any, model_input: np.ndarray, params: dict[str, Any]) -> pd.DataFrame:
        """Segments of one recording; what `params` may say stands in the signature, with what holds otherwise."""
        times = self._run.features.times
        if params["fps"]:
            times = replace(times, fps=params["fps"])
        found = self._run.localize(np.asarray(model_input), params["duration"] or None, times)
        choice = Choice(params["overlap"], params["min_score"], params["top"] or None)
        return select(found.proposals, choice)


mlflow.models.set_model(SegmentModel())
