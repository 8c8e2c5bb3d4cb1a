"""A trained run: the model with all that is needed to apply it to new features, in memory and as one folder."""

from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from hcutal.cluster.mapping import read_mapping
from hcutal.data.store import SIDECAR, FeatureMeta
from hcutal.data.times import SnippetTimes
from hcutal.errors import HcutalError
from hcutal.files import atomic_path, read_json, write_json
from hcutal.layout import features_dir, results_dir
from hcutal.localize.apply import Localized, Spacing, features_end, localize_recording
from hcutal.localize.merge import ClassMap, class_map
from hcutal.model.checkpoint import DESCRIPTION, WEIGHTS, Localizer, load_model
from hcutal.params.propose import ProposeParams
from hcutal.params.section import RESOLVED, read_section, validate

ABOUT, MAPPING = "run.json", "mapping.csv"


class Described(Spacing, Protocol):
    """What is known of features: where their snippets stand, and the SHA-256 of the weights that made them."""

    @property
    def weights(self) -> str | None:
        """None where there are none, or they are not known."""


class FeatureForm(BaseModel):
    """What the features of a run are: the sidecar of its feature store without its recordings."""

    model_config = ConfigDict(frozen=True)

    extractor: str
    fps: float = Field(gt=0)
    snippet_frames: int = Field(ge=1)
    stride: int = Field(ge=1)
    streams: dict[str, int] = Field(min_length=1)
    weights: str | None = None
    settings: dict[str, Any] = {}

    @property
    def times(self) -> SnippetTimes:
        """Where the snippets of a recording stand."""
        return SnippetTimes(self.fps, self.snippet_frames, self.stride)

    def check(self, found: Described, where: str | Path) -> None:
        """Refuse features with another number of frames a second, other snippets, or of other weights."""
        for key in ("fps", "snippet_frames", "stride"):
            _refuse_other(key, getattr(found, key), getattr(self, key), where)
        if found.weights and self.weights:
            _refuse_other("weights", found.weights, self.weights, where)


class About(BaseModel):
    """What `run.json` of a folder says beside the model: which run it is, how it proposes, on what features."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    experiment: str
    propose: ProposeParams
    features: FeatureForm


@dataclass(frozen=True)
class TrainedRun:
    """A run that can be applied; `mapping` names the columns of its model."""

    name: str
    localizer: Localizer
    mapping: ClassMap
    params: ProposeParams
    features: FeatureForm

    def localize(
        self,
        features: npt.NDArray[np.float32],
        duration: float | None = None,
        spacing: Spacing | None = None,
    ) -> Localized:
        """Localize in a recording with features [T, D], its streams side by side.

        duration: seconds, None for the end of the last snippet; spacing: where snippets stand, None for what
        the run was trained on.
        """
        place = self.features if spacing is None else spacing
        end = features_end(len(features), place) if duration is None else duration
        return localize_recording(self.localizer, features, place, end, self.mapping, self.params)


@dataclass(frozen=True)
class RunFiles:
    """Where the parts of a run stand: the folder of the model, the names of its columns, what it says of itself."""

    model: Path
    mapping: Path
    about: About

    def load(self) -> TrainedRun:
        """Read the run; `HcutalError` when a part is missing or they do not fit each other."""
        localizer = load_model(self.model)
        if self.about.features.streams != localizer.streams:
            raise HcutalError(
                f"{self.model / DESCRIPTION}: streams are {localizer.streams}, the features of the run have "
                f"{self.about.features.streams}"
            )
        params = self.about.propose
        rows = read_mapping(self.mapping)
        mapping = class_map(rows, localizer.network.shape.outputs, params.cluster_weights)
        return TrainedRun(self.about.experiment, localizer, mapping, params, self.about.features)

    def pack(self, folder: Path) -> None:
        """Copy the run into one folder, from which `folder_files` finds it again."""
        with atomic_path(folder) as target:
            target.mkdir()
            for name in (DESCRIPTION, WEIGHTS):
                copyfile(self.model / name, target / name)
            copyfile(self.mapping, target / MAPPING)
            write_json(target / ABOUT, self.about.model_dump(mode="json"))


def folder_files(folder: Path) -> RunFiles:
    """The parts of a run that `pack` wrote."""
    about = validate(About, read_json(folder / ABOUT), str(folder / ABOUT))
    return RunFiles(folder, folder / MAPPING, about)


class _Entry(BaseModel):
    """What resolved.json says of an experiment, sections of stages apart."""

    dataset: str


def project_files(experiment: str, root: Path = Path()) -> RunFiles:
    """The parts of an experiment's run in a project's folder; `HcutalError` names what is missing."""
    dataset = read_section(_Entry, "experiments", experiment, path=root / RESOLVED).dataset
    params = read_section(ProposeParams, "experiments", experiment, "propose", path=root / RESOLVED)
    form = read_form(root / features_dir(dataset))
    about = About(experiment=experiment, propose=params, features=form)
    train, mapped = (root / results_dir(experiment, stage) for stage in ("train", "map"))
    return RunFiles(train, mapped / MAPPING, about)


def read_form(store: Path) -> FeatureForm:
    """The form of the features in a store, from its sidecar."""
    meta = validate(FeatureMeta, read_json(store / SIDECAR), str(store / SIDECAR))
    return FeatureForm.model_validate(meta.model_dump())


def find_run(run: str, root: Path = Path()) -> RunFiles:
    """The run of an experiment of the project at `root`, or in a folder (packed, or results/EXPERIMENT).

    Raises `HcutalError` with what there is when it is none of these.
    """
    path = Path(run).resolve()
    if Path(run).name == run and (root / results_dir(run, "train")).is_dir():
        return project_files(run, root)
    # A model of MLflow holds the packed folder below.
    packed = next(
        (place.parent for place in (path / ABOUT, *path.glob(f"artifacts/*/{ABOUT}")) if place.is_file()),
        None,
    )
    if packed:
        return folder_files(packed)
    if path.parent.name == "results" and (path / "train").is_dir():
        return project_files(path.name, path.parent.parent)
    known = sorted(place.parent.name for place in root.glob(str(results_dir("*", "train"))))
    raise HcutalError(
        f"run {run!r}: found none; expected an experiment that has run (there is {', '.join(known) or 'none'}), "
        f"a folder with {ABOUT} or results/EXPERIMENT, or a model of MLflow such as models:/hcutal-watch/1"
    )


def _refuse_other(key: str, found: object, expected: object, where: str | Path) -> None:
    if found != expected:
        raise HcutalError(f"{where}: {key} is {found}, the run was trained on {expected}")
