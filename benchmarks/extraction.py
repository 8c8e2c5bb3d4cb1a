"""Extraction of I3D features from video: snippets a second of each part and together, and peak memory by duration.

`python benchmarks/extraction.py` prints the table of docs/extraction.md for the cores that torch is given
(OMP_NUM_THREADS); `--memory` measures a video of 10 s and one of 30 min, each in a process of its own. The video
is made up: a texture that moves. The flow network has random weights, which does not change its time; what the
network costs beyond its convolutions is measured by `benchmarks/i3d.py`.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from itertools import islice, pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file
from scipy.ndimage import gaussian_filter

from hcutal.extract.video.decode import frames
from hcutal.extract.video.flow import FlowField
from hcutal.extract.video.i3d_extractor import I3DExtractor
from hcutal.extract.video.i3d_network import I3D
from hcutal.extract.video.snippets import snippets
from hcutal.extract.video.weights import load_i3d, rgb_weights_path
from hcutal.params.extractors import I3DFeatures

FPS, HEIGHT, WIDTH = 25, 240, 320
SECONDS, REPEATS = 10, 180
FRAMES = 16
# A snippet in four keeps the long video to minutes; two batches fit into the short one.
MEMORY_RUN = {"streams": ["rgb"], "stride": 64, "batch": 2}


def make_video(path: Path) -> Path:
    """Ten seconds of a coloured texture on the move."""
    rng = np.random.default_rng(0)
    texture = gaussian_filter(rng.normal(size=(2 * HEIGHT, 2 * WIDTH, 3)), (3, 3, 0), mode="wrap")
    canvas = (255 * (texture - texture.min()) / np.ptp(texture)).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        # Without B-frames, so that packets can be repeated in order.
        stream.codec_context.options = {"bf": "0"}
        for index in range(SECONDS * FPS):
            top, left = (int(100 + 90 * wave(index / 20)) for wave in (np.sin, np.cos))
            image = canvas[top : top + HEIGHT, left : left + WIDTH]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image))))
        container.mux(stream.encode(None))
    return path


def repeat_video(path: Path, target: Path, times: int) -> Path:
    """The same packets again and again, with rising timestamps."""
    with av.open(str(target), "w") as output:
        stream = None
        for repeat in range(times):
            with av.open(str(path)) as source:
                given = source.streams.video[0]
                stream = stream or output.add_stream_from_template(given)
                shift = int(repeat * SECONDS / given.time_base)
                for packet in source.demux(given):
                    if packet.size:
                        packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                        output.mux(packet)
    return target


def timed(work: Callable[[], int]) -> dict[str, float]:
    """Wall and CPU time of `work`, which says how many snippets it did; once before, to warm up."""
    work()
    wall, cpu = time.perf_counter(), time.process_time()
    count = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"snippets/s": count / wall, "s/snippet": wall / count, "CPU s/snippet": cpu / count}


def random_flow_weights(folder: Path) -> str:
    torch.manual_seed(0)
    path = folder / "flow.safetensors"
    save_file(I3D(2).state_dict(), path)
    return str(path)


def extraction(path: Path, **params: object) -> Callable[[], int]:
    extractor = I3DExtractor(I3DFeatures.model_validate(params))

    def work() -> int:
        return len(next(iter(extractor.extract(path).values())))

    return work


def flow_of(images: list[np.ndarray], algorithm: str, count: int) -> Callable[[], int]:
    greys = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images]
    pairs = list(pairwise(greys))[: count * FRAMES]

    def work() -> int:
        with closing(FlowField(algorithm, 20.0, 224, torch.get_num_threads())) as flow:
            return len(flow.between(pairs)) // FRAMES

    return work


@torch.inference_mode()
def speeds(folder: Path, batch: int) -> pd.DataFrame:
    """A row for each part, and for the parts together."""
    path, threads = make_video(folder / "video.mp4"), torch.get_num_threads()
    flow_weights = {"rgb": None, "flow": random_flow_weights(folder)}

    def decode() -> int:
        return sum(1 for _ in frames(path, FPS, 256, 0.0, threads)) // FRAMES

    def cut() -> int:
        return sum(1 for _ in snippets(frames(path, FPS, 256, 0.0, threads), FRAMES, FRAMES, 224))

    images = list(islice(frames(path, FPS, 256, 0.0, threads), 4 * FRAMES + 1))
    network = load_i3d(rgb_weights_path(), "rgb")
    x = torch.rand(batch, FRAMES, 224, 224, 3).permute(0, 4, 1, 2, 3) * 2 - 1
    parts: dict[str, Callable[[], int]] = {
        "decode": decode,
        "decode, cut into snippets": cut,
        "flow, TV-L1": flow_of(images, "tvl1", 1),
        "flow, DIS": flow_of(images, "dis", 4),
        "network, a stream": lambda: len(network.features(x)),
        "together, rgb": extraction(path, streams=["rgb"], batch=batch),
        "together, rgb and flow (DIS)": extraction(path, weights=flow_weights, flow="dis", batch=batch),
        "together, rgb and flow (TV-L1)": extraction(path, weights=flow_weights, stride=80, batch=batch),
    }
    return pd.DataFrame({name: timed(work) for name, work in parts.items()}).T


def peak(path: Path) -> float:
    """Peak resident memory in MB of a process that extracts the features of `path`."""
    command = [sys.executable, __file__, "--peak", str(path)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(found.stdout.split()[-1])


def memory(folder: Path) -> pd.DataFrame:
    short = make_video(folder / "short.mp4")
    long = repeat_video(short, folder / "long.mp4", REPEATS)
    rows = {}
    for path in (short, long):
        started = time.perf_counter()
        megabytes = peak(path)
        rows[f"{I3DExtractor(I3DFeatures()).probe(path):.0f} s"] = {
            "peak memory, MB": megabytes,
            "run time, s": time.perf_counter() - started,
        }
    return pd.DataFrame(rows).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", action="store_true", help="peak memory instead of speed")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peak:
        extraction(arguments.peak, **MEMORY_RUN)()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    with tempfile.TemporaryDirectory() as folder:
        if arguments.memory:
            table = memory(Path(folder))
            print(f"decoding, snippets and the RGB network, {MEMORY_RUN}\n{table.round(1)}")
            print(f"ratio: {table['peak memory, MB'].iloc[1] / table['peak memory, MB'].iloc[0]:.3f}")
        else:
            print(
                f"{torch.get_num_threads()} threads, batches of {arguments.batch}, {WIDTH} x {HEIGHT} at {FPS}"
            )
            print(speeds(Path(folder), arguments.batch).round(4).to_string())


if __name__ == "__main__":
    main()
