"""I3D features of videos: decoding, optical flow and the networks put together."""

import logging
from collections.abc import Generator
from contextlib import closing, nullcontext
from functools import cache, cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch

from hcutal.data.times import SnippetTimes
from hcutal.errors import HcutalError
from hcutal.extract.extractor import About, Array
from hcutal.extract.video.fetch import PACKAGE
from hcutal.extract.video.film_extractor import FilmExtractor, Pictures
from hcutal.extract.video.flow import FlowField
from hcutal.extract.video.i3d_network import I3D
from hcutal.extract.video.snippets import snippets
from hcutal.extract.video.weights import cached_path, load_i3d, rgb_weights_path, weights_hash
from hcutal.params.extractors import I3DFeatures, Stream

log = logging.getLogger(__name__)
NO_FLOW_WEIGHTS = (
    "no weights: no package carries them, give the path of flow_imagenet.pt as weights.flow in the parameters"
)


class I3DExtractor(FilmExtractor):
    """Features [T, 1024] a stream, from the average pool of I3D (Carreira and Zisserman, CVPR 2017).

    RGB weights are fetched where none are given. A stream without weights is left out, and said so.
    """

    Params: ClassVar = I3DFeatures
    _params: I3DFeatures

    def __init__(self, params: I3DFeatures) -> None:
        """`params` are checked."""
        super().__init__(params)
        self._buffers: dict[tuple[int, ...], torch.Tensor] = {}

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

    def waiting(self) -> str:
        """What would be fetched first, in words; empty where nothing would be."""
        params = self._params
        if "rgb" not in params.streams or params.weights.rgb or cached_path().is_file():
            return ""
        return f"the RGB weights of I3D ({PACKAGE}, 50 MB)"

    def load(self) -> object:
        """The networks, loaded; `HcutalError` where no stream has weights."""
        return self._networks

    def snippets(self, path: Path, start: int) -> Generator[Pictures]:
        """Snippets with a picture, and flow where that has weights, of a film from `start` on."""
        params = self._params
        with_flow = "flow" in self._weights
        threads = torch.get_num_threads()
        field = FlowField(params.flow, params.flow_bound, params.crop, threads) if with_flow else None
        images = self.images(path, params.fps, params.resize, start * params.stride)
        with closing(images), closing(field) if field else nullcontext():
            yield from snippets(
                images, params.snippet_frames, params.stride, params.crop, field, fill=start == 0
            )

    def apply(self, batch: list[Pictures]) -> dict[str, Array]:
        """Features float32 [n, 1024] of each stream."""
        return {
            stream: self._apply(network, [snippet[stream] for snippet in batch])
            for stream, network in self._networks.items()
        }

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
            self._buffers[shape] = torch.empty((self._params.batch, *shape), device=self.device)
        return self._buffers[shape]

    @cached_property
    def _networks(self) -> dict[Stream, I3D]:
        return {stream: load_i3d(path, stream).to(self.device) for stream, path in self._weights.items()}

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


@cache
def _warn_once(message: str) -> None:
    log.warning("%s", message)
