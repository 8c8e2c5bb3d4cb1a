"""Dynamic Weight Average: the weights of equation (1) of HC-UTAL (https://doi.org/10.1016/j.patcog.2025.111421)."""

from collections.abc import Mapping

import numpy as np


class DynamicWeightAverage:
    """Weights from how fast each loss falls (Liu, Johns and Davison: MTAN, CVPR 2019, arXiv:1803.10704, equation 7).

    Losses are averaged over periods of so many steps, as MTAN averages them over an epoch. With r_k the ratio of the
    last two averages of task k, its weight is K softmax(r / T)_k: a loss that falls slowly gets a larger weight. All
    weights are 1 until two periods are complete, and they always sum to the number of tasks K.

    Args:
        tasks: names of the K tasks.
        period: steps in a period; with 1, the weights change at every step.
        temperature: T, above 0; 2 in the original.

    Raises:
        ValueError: for no task, a period under 1, or a temperature that is not above 0.

    The first loss halves, the second does not move (ratios 1/2 and 1):

    >>> average = DynamicWeightAverage(["video", "instance"], period=1)
    >>> average.update({"video": 4.0, "instance": 1.0})
    >>> average.update({"video": 2.0, "instance": 1.0})
    >>> {task: round(weight, 3) for task, weight in average.weights.items()}
    {'video': 0.876, 'instance': 1.124}
    """

    def __init__(self, tasks: list[str], period: int, temperature: float = 2.0) -> None:
        if not tasks or period < 1 or temperature <= 0:
            raise ValueError(
                f"expected tasks, a period of at least 1 and a temperature above 0, "
                f"found {tasks}, {period}, {temperature}"
            )
        self.tasks = list(tasks)
        self.period = period
        self.temperature = temperature
        self._averages: list[np.ndarray] = []
        self._current: list[list[float]] = []

    def update(self, losses: dict[str, float]) -> None:
        """Add the losses of one step, a value for each task."""
        self._current.append([losses[task] for task in self.tasks])
        if len(self._current) == self.period:
            self._averages = [*self._averages[-1:], np.mean(self._current, axis=0)]
            self._current = []

    def state(self) -> dict[str, list[list[float]]]:
        """What `restore` needs to go on as after the steps so far."""
        return {"averages": [average.tolist() for average in self._averages], "current": self._current}

    def restore(self, state: Mapping[str, list[list[float]]]) -> None:
        """Go back to a state."""
        self._averages = [np.array(average) for average in state["averages"]]
        self._current = [list(losses) for losses in state["current"]]

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each task after the steps so far."""
        if len(self._averages) < 2:
            return dict.fromkeys(self.tasks, 1.0)
        before, last = self._averages
        # A loss of 0 cannot fall any further: its ratio is 1, as for a loss that does not change.
        # Ratios are capped at a million: beyond that the weights no longer change.
        ratio = np.divide(last, before, out=np.ones_like(last), where=before > 1e-6 * last)
        ratio = np.where((before > 0) & (before <= 1e-6 * last), 1e6, ratio)
        exponent = np.exp((ratio - ratio.max()) / self.temperature)
        return dict(zip(self.tasks, (len(self.tasks) * exponent / exponent.sum()).tolist(), strict=True))
