"""Which films every browser plays as they are: by the container and the codec inside."""

from pathlib import Path

from hcutal.extract.video.container import open_video
from hcutal.extract.video.numbered_pictures import is_of_pictures

# Names of files by which a browser tells the kind: containers, codecs inside, ways of storing pixels.
PLAYED = {
    (".m4v", ".mov", ".mp4"): ("mp4", {"h264"}, {"yuv420p", "yuvj420p"}),
    (".webm",): ("webm", {"vp8", "vp9"}, {"yuv420p", "yuvj420p", "yuva420p"}),
}


def browsers_play(path: Path) -> bool:
    """Whether Chromium, Firefox and Safari play a film; not HEVC, MPEG-4 Part 2, AV1, Theora, or 10 bits.

    `HcutalError` where it cannot be opened.
    """
    if is_of_pictures(path):
        return False
    with open_video(path) as (container, stream):
        context = stream.codec_context
        return any(
            path.suffix.lower() in suffixes
            and kind in container.format.name.split(",")
            and context.name in codecs
            and context.pix_fmt in pixels
            for suffixes, (kind, codecs, pixels) in PLAYED.items()
        )
