"""Adding a folder of features to params.yaml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hcutal.data.problems import Findings
from hcutal.datasets.feature_folder import FeatureFolder, check_folder
from hcutal.errors import HcutalError
from hcutal.files import atomic_path
from hcutal.params.author_yaml import in_one_line, round_trip
from hcutal.params.document import Experiment, load, resolve
from hcutal.params.imported import ImportedPrepare
from hcutal.params.section import validate
from hcutal.pipeline.suite_runs.suite_experiments import experiments_of, write_experiments
from hcutal.suites.paper_data import PAPER, PAPER_DATASETS

DEFAULT = "default"


def add_dataset(
    params_path: Path,
    name: str,
    root: Path,
    fps: float = 25.0,
    snippet_frames: int = 16,
    preset: str = DEFAULT,
    more: Mapping[str, Any] | None = None,
) -> Findings:
    """Add the folder `root` to params.yaml as data set and experiment; comments are kept.

    The data set says how many classes there are; all other sizes are those of the preset. more: other parameters of
    `ImportedPrepare`. All that is read of the folder is returned.

    Raises `HcutalError` when anything in the folder cannot be used or the name is taken; the file is then untouched.
    """
    refuse_taken(params_path, name)
    folder, entries = read_entries(name, root, {"fps": fps, "snippet_frames": snippet_frames, **(more or {})})
    entries["experiments"][name]["preset"] = preset
    write_entries(params_path, entries)
    return folder.findings


def add_paper_dataset(params_path: Path, name: str, root: Path, prepare: Mapping[str, Any]) -> Findings:
    """Add a data set of the paper (one of `PAPER_DATASETS`) and the experiments of its table; as `add_dataset`."""
    refuse_taken(params_path, name)
    folder, entries = read_entries(name, root, prepare, name)
    with atomic_path(params_path) as temporary:
        temporary.write_bytes(params_path.read_bytes())
        write_entries(temporary, entries)
        write_table(temporary, name)
    return folder.findings


def read_entries(
    name: str, root: Path, prepare: Mapping[str, Any], paper: str | None = None
) -> tuple[FeatureFolder, dict[str, dict[str, Any]]]:
    """What a folder of features holds, and the data set and experiment of params.yaml that it becomes.

    Args:
        name: of both.
        root: the folder.
        prepare: parameters of `ImportedPrepare`.
        paper: which of `PAPER_DATASETS` it is, with the sizes of the paper; None: another one.

    Raises:
        HcutalError: when anything in the folder cannot be used.
    """
    folder = check_folder(root, validate(ImportedPrepare, dict(prepare), "import features"))
    folder.findings.refuse(root)
    assert folder.annotations is not None
    classes = len(folder.annotations.classes)
    if paper is None:
        sizes: dict[str, Any] = {"train": {"video": {"clusters": max(2, classes)}}}
    else:
        sizes = PAPER_DATASETS[paper].sections()
        folder.findings.summary[f"classes of {PAPER_DATASETS[paper].title}"] = PAPER_DATASETS[paper].classes
    entry = {"kind": "features", "source": str(root.resolve()), "prepare": dict(prepare), **sizes}
    experiment = {"dataset": name, "preset": DEFAULT, "seeds": [0], "supervision": "unsupervised"}
    return folder, {"datasets": {name: entry}, "experiments": {name: experiment}}


def refuse_taken(params_path: Path, name: str) -> None:
    """Raise `HcutalError` where params.yaml has a data set or an experiment of that name."""
    document = load(params_path)
    for group in ("datasets", "experiments"):
        if name in getattr(document, group):
            raise HcutalError(f"{params_path}: {group}.{name} exists already; choose another name")


def write_entries(params_path: Path, entries: Mapping[str, Mapping[str, Any]], alone: bool = False) -> None:
    """Add data sets and experiments to params.yaml, or with `alone` put them in the place of all others."""
    yaml = round_trip()
    values = yaml.load(params_path)
    for group, added in entries.items():
        if alone:
            values[group].clear()
        values[group].update({name: _in_lines(entry) for name, entry in added.items()})
    with atomic_path(params_path) as temporary:
        yaml.dump(values, temporary)
        resolve(load(temporary), params_path)


def _in_lines(entry: Mapping[str, Any]) -> Any:
    """An entry with each of its sections on a line; an experiment on a line as a whole."""
    if "kind" not in entry:
        return in_one_line(entry)
    lines = {key: in_one_line(value) for key, value in entry.items()}
    if "presets" in entry:
        lines["presets"] = {
            name: {section: in_one_line(value) for section, value in preset.items()}
            for name, preset in entry["presets"].items()
        }
    return lines


def write_table(params_path: Path, name: str, seeds: tuple[int, ...] = (0, 1, 2)) -> list[str]:
    """Write the experiments of the table of a data set of the paper, with our best values and with the paper's."""
    found: dict[str, tuple[str, Experiment]] = {}
    for preset in (DEFAULT, PAPER):
        entries = experiments_of(load(params_path), [PAPER_DATASETS[name].table], name, preset, seeds)
        found |= {f"{preset} {variant}": entry for variant, entry in entries.items()}
    return write_experiments(found, params_path)
