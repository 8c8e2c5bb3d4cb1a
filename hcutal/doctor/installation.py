"""The tool and the project that one stands in: versions, devices, disk, parameters, raw data."""

import platform
import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from hcutal.data.problems import ERROR, NOTE, WARNING, Findings
from hcutal.errors import HcutalError
from hcutal.layout import PARAMS
from hcutal.params.document import Document, load, resolve
from hcutal.params.kinds import KINDS

# A run leaves some; features of films take more.
LEAST_GB = 2.0


def check_installation() -> Findings:
    """Python, the packages that hcutal needs, what torch can compute on, room on the disk, git."""
    import torch

    found = Findings()
    names = sorted(_needed())
    missing = [name for name in names if _version(name) is None]
    found.add_each(
        ERROR, "no-package", missing, "packages are missing", "pip install -e . in the environment of hcutal"
    )
    free = shutil.disk_usage(Path()).free / 1e9
    if free < LEAST_GB:
        found.add(
            WARNING,
            "disk",
            f"{free:.1f} GB are free here",
            "make room: features and the cache are kept twice",
        )
    if shutil.which("git") is None:
        found.add(NOTE, "no-git", "there is no git", "install it to share results with others")
    found.summary |= {
        "hcutal": _version("hcutal"),
        "python": f"{platform.python_version()} at {sys.prefix}",
        "packages": {name: _version(name) for name in ("torch", "snakemake", "dvc", "mlflow")},
        "computes on": f"CUDA: {torch.cuda.get_device_name()}" if torch.cuda.is_available() else "CPU",
        "free on this disk": f"{free:.1f} GB",
    }
    return found


def check_project() -> Findings | None:
    """params.yaml, and whether the raw data that it names is there; None outside of a project."""
    if not PARAMS.exists():
        return None
    found = Findings()
    try:
        document = load()
        resolve(document)
    except HcutalError as error:
        found.add(ERROR, "params", str(error), "hcutal params --explain KEY says what is allowed")
        return found
    _check_sources(document, found)
    found.summary |= {"experiments": list(document.experiments), "data sets": list(document.datasets)}
    return found


def _check_sources(document: Document, found: Findings) -> None:
    gone = [
        f"{name}: {dataset.source}"
        for name, dataset in document.datasets.items()
        if KINDS[dataset.kind].params.has_source and not Path(str(dataset.source)).is_dir()
    ]
    found.add_each(
        WARNING,
        "no-source",
        gone,
        "data sets are away; what was made of them is used",
        "mend `source` in params.yaml",
    )


def _needed() -> list[str]:
    """The names of the packages that hcutal requires, extras left out."""
    return [re.split(r"[^\w.-]", text)[0] for text in requires("hcutal") or [] if "extra ==" not in text]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
