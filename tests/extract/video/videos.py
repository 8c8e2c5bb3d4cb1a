"""Videos made for the tests: each frame shows its own number."""

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
# Eight blocks, black or white: the bits of the number.
ROWS, COLUMNS = 2, 4


def numbered(number: int, height: int = 48, width: int = 64) -> Image:
    """A picture that says `number` (0 to 255)."""
    bits = np.array([(number >> bit) & 1 for bit in range(8)], dtype=np.uint8).reshape(ROWS, COLUMNS) * 255
    blocks = np.kron(bits, np.ones((height // ROWS, width // COLUMNS), dtype=np.uint8))
    return np.repeat(blocks[..., None], 3, axis=-1)


def number_of(image: Image) -> int:
    """What number a picture says, whatever its size."""
    height, width = image.shape[0] // ROWS, image.shape[1] // COLUMNS
    bits = [
        image[
            row * height + height // 4 : (row + 1) * height - height // 4,
            column * width + width // 4 : (column + 1) * width - width // 4,
        ].mean()
        > 127
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]
    return sum(int(bit) << index for index, bit in enumerate(bits))


def write_video(
    path: Path,
    images: Sequence[Image],
    times: Sequence[float] | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    matrix: Sequence[int] | None = None,
    tick: Fraction = Fraction(1, 12800),
    size: tuple[int, int] | None = None,
    rate: int = 25,
    target: io.RawIOBase | None = None,
    codec_options: dict[str, str] | None = None,
    sound: float = 0,
    **options: str,
) -> Path:
    """Encode the images, shown at `times` in s (25 a second if not given); into `target` if that is given.

    `rate` is what the file says of itself. `sound`: seconds of silence beside the pictures, from 0 s on.
    """
    kind = {"format": "matroska"} if target else {}
    with av.open(target or str(path), "w", container_options=options, **kind) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = size or images[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = tick
        stream.codec_context.gop_size = 10
        # Looking ahead in a thread of its own, x264 gives other bytes now and then.
        steady = {"x264-params": "sync-lookahead=0:rc-lookahead=0"} if codec == "libx264" else {}
        stream.codec_context.options = codec_options or steady
        if matrix is not None:
            stream.set_display_matrix(matrix)
        silence = container.add_stream("aac", rate=16000) if sound else None
        for index, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image).reformat(format=pix_fmt)
            frame.pts = round((index / 25 if times is None else times[index]) / tick)
            frame.time_base = tick
            container.mux(stream.encode(frame))
        container.start_encoding()
        container.mux(stream.encode(None))
        if silence is not None:
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, round(16000 * sound)), np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts = 16000, 0
            container.mux(silence.encode(frame))
            container.mux(silence.encode(None))
    return path


def write_sound(path: Path, cover: bool = False) -> Path:
    """A second of silence, with or without a picture of the record's cover."""
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=16000)
        picture = container.add_stream("mjpeg") if cover else None
        if picture:
            picture.width, picture.height, picture.pix_fmt = 32, 32, "yuvj420p"
            picture.disposition = av.stream.Disposition.attached_pic
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 16000, 0
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
        if picture:
            image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
            image.pts = 0
            container.mux(picture.encode(image))
            container.mux(picture.encode(None))
    return path


class Pipe(io.RawIOBase):
    """What cannot be sought: a recording that is streamed never learns its own duration."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.content += data
        return len(data)
