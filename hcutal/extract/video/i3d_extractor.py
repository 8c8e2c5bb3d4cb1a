"""I3D features of videos: decoding, optical flow and the networks put together."""

import logging
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch

from hcutal.data.times import SnippetTimes
from hcutal.device import pick_device
from hcutal.errors import HcutalError
from hcutal.extract.extractor import About, Array
from hcutal.extract.parts import Growing
from hcutal.extract.video.container import SUFFIXES, probe
from hcutal.extract.video.decode import frames
from hcutal.extract.video.flow import FlowField
from hcutal.extract.video.i3d_network import I3D
from hcutal.extract.video.numbered_pictures import PICTURES
from hcutal.extract.video.snippets import Snippet, snippets
from hcutal.extract.video.weights import load_i3d, rgb_weights_path, weights_hash
from hcutal.params.extractors import I3DFeatures, Stream

log = logging.getLogger(__name__)
NO_FLOW_WEIGHTS = (
    "no weights: no package carries them, give the path of flow_imagenet.pt as weights.flow in the parameters"
)


class I3DExtractor:
    """Features [T, 1024] a stream, from the average pool of I3D (Carreira and Zisserman, CVPR 2017).

    RGB weights are fetched where none are given. A stream without weights is left out, and said so. How many
    threads decode and compute flow is torch's number of threads at the time.
    """

    Params: ClassVar = I3DFeatures
    suffixes: ClassVar = SUFFIXES
    neutral: ClassVar = frozenset({"batch", "device"})

    def __init__(self, params: I3DFeatures) -> None:
        """`params` are checked."""
        self._params = params
        self._buffers: dict[tuple[int, ...], torch.Tensor] = {}

    @staticmethod
    def sequences(params: I3DFeatures) -> list[str]:
        """Endings of numbered pictures of which a folder is a film, where their rate is said."""
        return [] if params.picture_rate is None else list(PICTURES)

    def about(self) -> About:
        """What the sidecar says; `HcutalError` where no stream has weights. Streams left out are logged, once."""
        params = self._params
        described = params.model_dump(exclude={*self.neutral, "weights", "fps", "snippet_frames", "stride"})
        weights = {stream: weights_hash(path) for stream, path in self._weights.items()}
        missing = self._missing()
        for stream, reason in missing.items():
            _warn_once(f"stream {stream} is left out: {reason}")
        return About(
            fps=params.fps,
            snippet_frames=params.snippet_frames,
            stride=params.stride,
            weights=",".join(f"{stream}:{digest}" for stream, digest in weights.items()),
            settings={**described, "streams": list(weights), "missing": missing},
        )

    def step(self) -> float:
        """Seconds from one snippet to the next."""
        params = self._params
        return SnippetTimes(params.fps, params.snippet_frames, params.stride).step

    def probe(self, path: Path) -> float:
        """Seconds that the video lasts, undecoded; `HcutalError` says why it cannot be used."""
        return probe(path, self._params.picture_rate)

    def extract(self, path: Path) -> dict[str, Array]:
        """Features float32 [T, 1024] of each stream that has weights.

        Raises:
            HcutalError: when the video cannot be decoded, see `frames`, or no stream has weights.
        """
        # One block that grows: many small ones would lie among the network's large ones and keep these apart.
        found = Growing()
        for features in self.extract_from(path, 0):
            found.add(features)
        return found.rows()

    def extract_from(self, path: Path, start: int) -> Generator[dict[str, Array]]:
        """Features float32 [n, 1024] of each stream, a batch at a time from snippet `start` on, a multiple of `batch`.

        What comes before is decoded, since only that finds the same frames, but no flow or network is applied to it.
        """
        networks = self._networks
        with closing(ahead(self._batches(path, start))) as batches:
            for batch in batches:
                yield {
                    stream: self._apply(network, [snippet[stream] for snippet in batch])
                    for stream, network in networks.items()
                }

    def _batches(self, path: Path, start: int) -> Iterator[list[Snippet]]:
        """Snippets of a video from `start` on, up to `batch` at a time."""
        params, threads = self._params, torch.get_num_threads()
        with_flow = "flow" in self._weights
        field = FlowField(params.flow, params.flow_bound, params.crop, threads) if with_flow else None
        first = start * params.stride
        images = frames(path, params.fps, params.resize, params.max_lost, threads, first, params.picture_rate)
        with closing(images), closing(field) if field else nullcontext():
            made = snippets(images, params.snippet_frames, params.stride, params.crop, field, fill=start == 0)
            while batch := list(islice(made, params.batch)):
                yield batch

    @torch.inference_mode()
    def _apply(self, network: I3D, snippets: list[npt.NDArray[np.generic]]) -> Array:
        """Features [N, 1024] of snippets [frames, height, width, channels], RGB in 0 to 255 or flow in [-1, 1]."""
        values = self._buffer(snippets[0].shape)[: len(snippets)]
        for place, snippet in zip(values, snippets, strict=True):
            place.copy_(torch.from_numpy(snippet))
        if snippets[0].dtype == np.uint8:
            values.mul_(2 / 255).sub_(1)
        # Channels stay last in memory, which is also where convolutions are quickest.
        features: Array = network.features(values.permute(0, 4, 1, 2, 3)).cpu().numpy()
        return features

    def _buffer(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Room for a batch, the same each time: large blocks in turn with small ones scatter over the memory."""
        if shape not in self._buffers:
            self._buffers[shape] = torch.empty((self._params.batch, *shape), device=self._device)
        return self._buffers[shape]

    @cached_property
    def _device(self) -> torch.device:
        return pick_device(self._params.device)

    @cached_property
    def _networks(self) -> dict[Stream, I3D]:
        return {stream: load_i3d(path, stream).to(self._device) for stream, path in self._weights.items()}

    @cached_property
    def _weights(self) -> dict[Stream, Path]:
        """The file of weights of each stream that is asked for and has one, in the order of the parameters."""
        params = self._params
        paths: dict[Stream, Path] = {}
        for stream in params.streams:
            given = getattr(params.weights, stream)
            if given or stream == "rgb":
                paths[stream] = Path(given) if given else rgb_weights_path()
        if not paths:
            raise HcutalError(f"streams: found {params.streams}; stream flow has {NO_FLOW_WEIGHTS}")
        return paths

    def _missing(self) -> dict[Stream, str]:
        """Streams that are asked for and cannot be made, with the reason."""
        lacks_flow = "flow" in self._params.streams and not self._params.weights.flow
        return {"flow": NO_FLOW_WEIGHTS} if lacks_flow else {}


def ahead(items: Iterable[Any]) -> Generator[Any]:
    """The same items; while one is worked on, the next one is made in a thread."""
    rest = iter(items)
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(next, rest, None)
        while (item := pending.result()) is not None:
            pending = pool.submit(next, rest, None)
            yield item


@cache
def _warn_once(message: str) -> None:
    log.warning("%s", message)
