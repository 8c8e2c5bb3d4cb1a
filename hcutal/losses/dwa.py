"""Dynamic Weight Average: the weights of equation (1)."""

import numpy as np


class DynamicWeightAverage:
    """Weights from how fast each loss falls (Liu, Johns, Davison: MTAN, CVPR 2019, equation 7).

    Losses are averaged over periods; with r_k the ratio of a task's last two averages, its weight is
    K softmax(r / T)_k. The weights are 1 until two periods are full, and always sum to the number of tasks K.

    Args:
        tasks: names of the K tasks.
        period: steps in a period; 1 gives weights that change at every step.
        temperature: T, above 0; 2 in the original.

    Raises:
        ValueError: for no task, a period under 1, or a temperature that is not above 0.
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
        """Take in the losses of one step."""
        self._current.append([losses[task] for task in self.tasks])
        if len(self._current) == self.period:
            self._averages = [*self._averages[-1:], np.mean(self._current, axis=0)]
            self._current = []

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each task now."""
        if len(self._averages) < 2:
            return dict.fromkeys(self.tasks, 1.0)
        before, last = self._averages
        # A loss that was 0 cannot fall: its ratio is 1, as for a loss that stands still.
        # Ratios are cut at a million, far above what any weight can tell apart.
        ratio = np.divide(last, before, out=np.ones_like(last), where=before > 1e-6 * last)
        ratio = np.where((before > 0) & (before <= 1e-6 * last), 1e6, ratio)
        exponent = np.exp((ratio - ratio.max()) / self.temperature)
        return dict(zip(self.tasks, (len(self.tasks) * exponent / exponent.sum()).tolist(), strict=True))
