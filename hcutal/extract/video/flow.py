"""Optical flow between the frames of a snippet, as the flow stream of I3D expects it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from hcutal.extract.video.picture import centre_crop

Grey = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]
Algorithm = Literal["tvl1", "dis"]
# OpenCV's type hints lack both.
OPENCV: Any = cv2
MAKERS: dict[Algorithm, Callable[[], Any]] = {
    "tvl1": lambda: OPENCV.optflow.DualTVL1OpticalFlow_create(),
    "dis": lambda: OPENCV.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM),
}


class FlowField:
    """Motion from one grey frame to the next, computed over the whole frame, cropped, bounded and scaled.

    `tvl1`: Zach, Pock and Bischof, DAGM 2007, with the values of OpenCV's DualTVL1OpticalFlow. `dis`: Kroeger et
    al., ECCV 2016, with OpenCV's preset 'medium'. Several pairs are computed at once, each by one thread, so the
    number of threads changes nothing in the result.
    """

    def __init__(self, algorithm: Algorithm, bound: float, crop: int, threads: int = 1) -> None:
        """`bound` in pixels of the resized frame; what moves farther counts as that far."""
        # Pairs run beside each other; threads inside of each would only wait for one another.
        cv2.setNumThreads(1)
        self._algorithm = algorithm
        self._bound = bound
        self._crop = crop
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="flow")

    def between(self, pairs: Sequence[tuple[Grey, Grey]]) -> list[Field]:
        """Flow float32 [crop, crop, 2] (x, y) in [-1, 1] from the first to the second frame [H, W] of each pair."""
        return list(self._pool.map(self._one, pairs))

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown()

    def _one(self, pair: tuple[Grey, Grey]) -> Field:
        first, second = pair
        # A picture that is held does not move; one of another size is a cut.
        if first is second or first.shape != second.shape:
            return np.zeros((self._crop, self._crop, 2), dtype=np.float32)
        flow = self._calculator().calc(first, second, None)
        flow = centre_crop(flow, self._crop)
        return np.asarray(np.clip(flow, -self._bound, self._bound) / self._bound, dtype=np.float32)

    def _calculator(self) -> Any:
        """OpenCV's object keeps buffers, so each thread has its own."""
        if not hasattr(self._local, "calculator"):
            self._local.calculator = MAKERS[self._algorithm]()
        return self._local.calculator
