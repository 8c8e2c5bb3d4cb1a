"""Training seen while it runs: rows of `.hcutal/live/RUN.csv` go to a live run of MLflow."""

import csv
import logging
import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hcutal.layout import live_curves
from hcutal.pipeline.mlflow_log.mlflow_store import open_store

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

TAG = "hcutal.live"
BATCH = 1000
CURVES = "curves"
log = logging.getLogger(__name__)

Point = tuple[str, float, int]


class LiveLog:
    """Follows the curve file of one run. What fails in MLflow is a warning: training goes on."""

    def __init__(self, run: str) -> None:
        """Start anew: rows of an earlier training are removed."""
        self._name = run
        self._path = live_curves(run)
        self._path.unlink(missing_ok=True)
        self._read = 0
        self._columns: list[str] = []
        self._client: MlflowClient | None = None
        self._run = ""
        self._works = True

    def poll(self) -> None:
        """Send the rows that were written since the last call."""
        rows = self._new_rows() if self._works else []
        if rows:
            self._attempt(lambda: self._send(points(rows)))

    def close(self, succeeded: bool) -> None:
        """Send the last rows; the run of a training that failed is marked so."""
        self.poll()
        if client := self._client:
            self._attempt(lambda: client.set_terminated(self._run, "FINISHED" if succeeded else "FAILED"))

    def _new_rows(self) -> list[dict[str, str]]:
        if not self._path.exists():
            return []
        with self._path.open("rb") as stream:
            stream.seek(self._read)
            # The last line may be half-written.
            complete, end, _ = stream.read().rpartition(b"\n")
        self._read += len(complete) + len(end)
        lines = complete.decode().splitlines()
        if lines and not self._columns:
            self._columns = next(csv.reader([lines.pop(0)]))
        return list(csv.DictReader(lines, fieldnames=self._columns))

    def _send(self, found: list[Point]) -> None:
        if self._client is None:
            client, place = open_store()
            remove_live(client, place, {self._name})
            tags = {TAG: self._name, "hcutal.stage": "train"}
            name = f"{self._name} (training)"
            self._run = client.create_run(place, tags=tags, run_name=name).info.run_id
            self._client = client
        log_points(self._client, self._run, found)

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:
            self._works = False
            log.warning("live logging to MLflow stops, training goes on: %s", error)


def points(rows: Iterable[Mapping[str, Any]]) -> list[Point]:
    """(`curves/NAME`, value, step) of each finite number in rows of curves; the column `step` says which step.

    By that name, the page of a run shows them before and apart from its single numbers.
    """
    found = []
    for row in rows:
        step = int(float(row["step"]))
        for name, text in row.items():
            value = float(text) if name != "step" and text not in ("", None) else math.nan
            if math.isfinite(value):
                found.append((f"{CURVES}/{name}", value, step))
    return found


def log_points(client: "MlflowClient", run: str, found: list[Point]) -> None:
    """Log points in batches of the size that MLflow takes."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [Metric(name, value, now, step) for name, value, step in found]
    for start in range(0, len(metrics), BATCH):
        client.log_batch(run, metrics=metrics[start : start + BATCH])


def remove_live(client: "MlflowClient", place: str, runs: Collection[str]) -> None:
    """Remove the live runs of some runs: the tracked runs of their train stages hold the same curves."""
    # Asked once for all of them: MLflow goes through every run there is.
    for found in client.search_runs([place], filter_string=f"tags.`{TAG}` != ''"):
        if found.data.tags[TAG] in runs:
            client.delete_run(found.info.run_id)
