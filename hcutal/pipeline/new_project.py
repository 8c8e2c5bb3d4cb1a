"""A project folder for one's own recordings: the pipeline's files, and params.yaml for what was found."""

import math
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from hcutal.data.annotations import read_annotations
from hcutal.data.problems import Findings
from hcutal.doctor.raw_recordings import refuse_unfit
from hcutal.errors import HcutalError
from hcutal.extract.registry import Recipe
from hcutal.files import atomic_path
from hcutal.layout import (
    DVCIGNORE,
    GITIGNORE,
    GRAPH,
    LABELS,
    PARAMS,
    SCHEMA,
    SNAKEFILE,
    WORKFLOW,
    project_file,
)
from hcutal.params.author_yaml import round_trip
from hcutal.params.document import load, resolve
from hcutal.pipeline.add_dataset import read_entries, write_entries, write_table
from hcutal.pipeline.found_recordings import FolderSummary, chosen_pieces, look
from hcutal.pipeline.pace import keep_pace, sampled_seconds

NAME, FEATURES_NAME = "recordings", "features"
FILES = {
    "Snakefile": SNAKEFILE,
    "stages.yaml": GRAPH,
    "gitignore": GITIGNORE,
    "dvcignore": DVCIGNORE,
    "dvc-config": Path(".dvc/config"),
    "dvc-gitignore": Path(".dvc/.gitignore"),
    "labels.md": LABELS / "README.md",
    SCHEMA.name: SCHEMA,
}
ENVIRONMENT = """\
# For `snakemake --software-deployment-method conda`; without that option the rules run in the environment that started
# Snakemake.
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.12
  - pip
  - pip:
      - hcutal=={version}
"""


@dataclass(frozen=True)
class NewProject:
    """What a project was made of: what was found, and the seconds of the pieces it trains on, None for recordings.

    extraction: seconds that one process takes for all features, None where that is not known. annotated: what was found
    in the annotations, None where there are none.
    """

    found: FolderSummary
    pieces: float | None
    extraction: float | None
    annotated: Findings | None = None


def new_project(
    project: Path,
    source: Path,
    annotations: Path | None,
    clusters: int | None,
    recipe: Recipe,
    pieces: float | Literal["auto"] | None = "auto",
    names: Literal["file", "path"] = "file",
) -> NewProject:
    """Make the folder `project` for the recordings below `source`, ready to run; all or nothing.

    The number of clusters is `clusters`, else that of the annotated classes, else it is estimated in training. pieces:
    the seconds of those that are trained on; None: whole recordings; `auto`: what fits their number and lengths.
    names: whether recordings are called like their files or their paths.
    Raises `HcutalError` where the folder exists with something in it, or there are too few recordings.
    """
    _refuse_full(project)
    found = look(source, recipe, names == "path")
    files = recipe.look_into(source, names == "path").files
    size = chosen_pieces(found, pieces, recipe.make().step())
    annotated = None
    if annotations is not None:
        classes = _classes(annotations, files)
        clusters = clusters or max(2, len(classes))
        annotated = refuse_unfit(annotations, found.durations)
    with atomic_path(project) as folder:
        copy_pipeline(folder)
        if annotations is not None:
            shutil.copyfile(annotations, folder / LABELS / annotations.name)
        prepare = {
            **({"annotations": annotations.name} if annotations is not None else {}),
            **({"names": names} if names != "file" else {}),
        }
        values = settings(found, source, prepare, clusters, recipe, size)
        _write_params(folder, values)
        resolve(load(folder / PARAMS), project / PARAMS, folder / LABELS)
        _use_git(folder, project)
        extraction = _keep_pace(folder, files, found, recipe)
    return NewProject(found, size, extraction, annotated)


def _keep_pace(folder: Path, named: Mapping[str, Path], found: FolderSummary, recipe: Recipe) -> float | None:
    """Time a part of the extraction, and leave what it says in the project: seconds that one process takes."""
    files = {name: named[name] for name in found.durations}
    seconds = sampled_seconds(recipe, files, found.durations)
    if seconds is not None:
        keep_pace(folder, f"features@{NAME}", seconds, len(files))
    return seconds


def new_features_project(
    project: Path, root: Path, prepare: Mapping[str, Any], paper: str | None = None
) -> Findings:
    """Make the folder `project` for the features below `root`, ready to run; all or nothing.

    Args:
        project: the folder, which is not there yet, or empty.
        root: features in a layout of the field; they stay where they are.
        prepare: parameters of `hcutal.params.imported.ImportedPrepare`.
        paper: which data set of the paper this is, whose sizes, protocol and table the project then has.

    Returns:
        What was found in `root`.

    Raises:
        HcutalError: where the folder exists with something in it, or anything in `root` cannot be used.
    """
    _refuse_full(project)
    name = paper or FEATURES_NAME
    found, entries = read_entries(name, root, prepare, paper)
    with atomic_path(project) as folder:
        copy_pipeline(folder)
        shutil.copyfile(project_file(PARAMS.name), folder / PARAMS)
        write_entries(folder / PARAMS, entries, alone=True)
        if paper is not None:
            write_table(folder / PARAMS, name)
        _use_git(folder, project)
    return found.findings


def _refuse_full(project: Path) -> None:
    if project.exists() and (not project.is_dir() or any(project.iterdir())):
        raise HcutalError(f"{project}: exists already and is not empty; choose another folder")


def settings(
    found: FolderSummary,
    source: Path,
    prepare: Mapping[str, Any],
    clusters: int | None,
    recipe: Recipe,
    pieces: float | None,
) -> dict[str, Any]:
    """The entries of params.yaml for what was found."""
    options: dict[str, Any] = {"extractor": recipe.name}
    # Those that are known to be unreadable do not stop the run; a tenth more would.
    share = len(found.unreadable) / (found.recordings + len(found.unreadable))
    if share:
        options["max_failed"] = math.ceil(100 * share + 10) / 100
    if recipe.values:
        key = recipe.name if recipe.name in ("i3d", "vectors") else "options"
        options[key] = dict(recipe.values)
    return {
        "datasets": {
            NAME: {
                "kind": "recordings",
                "source": str(source.resolve()),
                "prepare": dict(prepare),
                "features": options,
                "train": {
                    "video": {"clusters": clusters or {"estimate": {}}},
                    **({"pieces": {"seconds": pieces}} if pieces else {}),
                },
            }
        },
        "experiments": {
            NAME: {"dataset": NAME, "preset": "default", "seeds": [0], "supervision": "unsupervised"}
        },
    }


def _classes(annotations: Path, files: Iterable[str]) -> list[str]:
    known = read_annotations(annotations, wanted=list(files)).select(list(files))
    if known.instances.empty:
        raise HcutalError(
            f"{annotations}: no instance in any of the recordings; expected their names as keys of `database`"
        )
    return known.classes


def copy_pipeline(folder: Path) -> None:
    """Make `folder` with the files of the pipeline, as the installed version has them."""
    folder.mkdir()
    for name, target in FILES.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project_file(name), folder / target)
    shutil.copytree(project_file(WORKFLOW.name), folder / WORKFLOW)
    environment = ENVIRONMENT.format(version=version("hcutal"))
    (folder / WORKFLOW / "envs" / "hcutal.yaml").write_text(environment)


def _write_params(folder: Path, values: dict[str, Any]) -> None:
    yaml = round_trip()
    document = yaml.load(project_file(PARAMS.name))
    for group, entries in values.items():
        document[group].clear()
        document[group].update(entries)
    yaml.dump(document, folder / PARAMS)


def _use_git(folder: Path, project: Path) -> None:
    """A git repository of its own, unless the project lies in one; without git DVC is told so."""
    if shutil.which("git") is None:
        with (folder / ".dvc" / "config").open("a") as config:
            config.write("    no_scm = true\n")
        return
    parent = project.resolve().parent
    inside = subprocess.run(
        ["git", "rev-parse", "--is-inside-work-tree"], cwd=parent, capture_output=True, check=False
    )
    if inside.returncode != 0:
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
