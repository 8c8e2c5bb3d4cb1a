"""The film of the README: recordings of a smart-watch, from the folder to the page, as one animated picture.

python docs/images/film.py docs/images/film.webp

Takes the extra `film` and a Chromium (HCUTAL_BROWSER says which). Waiting is left out: a screen is shown as often as it
changes, however long that took.
"""

import argparse
import contextlib
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path

import matplotlib
import pyte
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, sync_playwright

from hcutal.datasets import watch
from hcutal.params.watch import WatchPrepare

SIZE = (880, 500)
COLUMNS, ROWS = 88, 21
FONT = Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSansMono.ttf")
BACKGROUND, TEXT = "#101418", "#d8dee6"
COLOURS = {"default": TEXT, "green": "#7fd18b", "cyan": "#6cc3d5", "red": "#ef7d7d", "brown": "#e3c26f"}
# Seconds between two looks at a terminal, and how long what was seen is shown (ms).
LOOK = 0.5
TICK, READ, LONG_READ = 90, 1400, 2600
# More screens of one command than this are thinned out.
MOST = 26
Frames = list[tuple[Image.Image, int]]


def main() -> None:
    """Make the film and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    target = parser.parse_args().target.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        watch.prepare(folder / "made", WatchPrepare(train_recordings=30, test_recordings=10))
        shutil.copytree(
            folder / "made/recordings", folder / "recordings", ignore=shutil.ignore_patterns("*.json")
        )
        frames = [
            *filmed(folder, "ls recordings | head -4; ls recordings | wc -l", READ),
            *filmed(folder, "hcutal new wrist --recordings recordings --extractor watch", LONG_READ),
            *filmed(folder / "wrist", "hcutal run", LONG_READ),
            *pages(folder / "wrist"),
        ]
    first, *rest = (image for image, _ in frames)
    first.save(
        target,
        save_all=True,
        append_images=rest,
        duration=[duration for _, duration in frames],
        loop=0,
        quality=75,
        method=6,
    )
    print(f"{target}: {len(frames)} frames, {target.stat().st_size / 1e6:.1f} MB")


def filmed(folder: Path, command: str, after: int) -> Frames:
    """A command typed and run in a terminal; `after` is how long its end is shown."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    stream.feed(b"$ ")
    frames: Frames = []
    for place in range(0, len(command), 6):
        stream.feed(command[place : place + 6].encode())
        frames.append((drawn(screen), TICK))
    stream.feed(b"\r\n")
    seen: list[Image.Image] = []
    for _ in outputs(folder, command, stream):
        image = drawn(screen)
        if not seen or image.tobytes() != seen[-1].tobytes():
            seen.append(image)
    step = -(-len(seen) // MOST)
    frames += [(image, 2 * TICK) for image in seen[:-1:step]]
    return [*frames, (seen[-1], after)]


def outputs(folder: Path, command: str, stream: pyte.ByteStream) -> Iterator[None]:
    """Run a command in a terminal and feed what it writes; a look each `LOOK` seconds, and one at the end."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    with contextlib.suppress(OSError):
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            while select.select([ours], [], [], LOOK)[0]:
                stream.feed(os.read(ours, 1 << 16))
                if process.poll() is None:
                    break
            yield
    if process.wait():
        raise SystemExit(f"{command}: ended with status {process.returncode}")
    yield


def drawn(screen: pyte.Screen) -> Image.Image:
    """A terminal as a picture."""
    image = Image.new("RGB", SIZE, BACKGROUND)
    draw = ImageDraw.Draw(image)
    wide, high = (SIZE[0] - 20) / COLUMNS, (SIZE[1] - 16) / ROWS
    font = ImageFont.truetype(FONT, int(wide / 0.602))
    for row in range(ROWS):
        for column, cell in screen.buffer[row].items():
            if cell.data.strip():
                colour = COLOURS.get(cell.fg, f"#{cell.fg}" if len(cell.fg) == 6 else TEXT)
                draw.text((10 + column * wide, 8 + row * high), cell.data, colour, font)
    return image


def pages(project: Path) -> Frames:
    """The page of the run: its clusters, one of which gets a name, and the timelines."""
    with sync_playwright() as playwright:
        found = os.environ.get("HCUTAL_BROWSER") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        page.goto((project / "results/recordings/seed-0/report/report.html").as_uri())
        frames = [(shot(page), READ), *scrolled(page, "article.group")]
        field = page.locator("article.group .naming input").first
        for letter in "arm raise":
            field.press_sequentially(letter)
            frames.append((shot(page), TICK))
        field.press("Enter")
        frames += [(shot(page), READ), *scrolled(page, "#recordings"), (shot(page), LONG_READ)]
        browser.close()
    return frames


def scrolled(page: Page, selector: str) -> Frames:
    """The way to an element, in eight steps."""
    there = page.locator(selector).first.evaluate("node => node.getBoundingClientRect().top + scrollY - 12")
    here = page.evaluate("scrollY")
    frames = []
    for step in range(1, 9):
        page.evaluate(f"scrollTo({{top: {here + (there - here) * step / 8}, behavior: 'instant'}})")
        frames.append((shot(page), TICK))
    return frames


def shot(page: Page) -> Image.Image:
    """What the browser shows."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        page.screenshot(path=file.name)
        return Image.open(file.name).convert("RGB")


if __name__ == "__main__":
    main()
