"""A trained run: the model with all that is needed to apply it to new features, in memory and as one folder."""

from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from hcutal.cluster.mapping import read_mapping
from hcutal.data.store import FeatureMeta
from hcutal.data.times import SnippetTimes
from hcutal.errors import HcutalError
from hcutal.files import atomic_path, read_json, write_json
from hcutal.layout import (
    MAPPING,
    MODEL_DESCRIPTION,
    MODEL_WEIGHTS,
    RECORDS,
    RESOLVED,
    RESULTS,
    SIDECAR,
    RunPaths,
    features_dir,
    is_run,
    run_name,
    run_of,
    split_run,
)
from hcutal.localize.apply import Localized, localize_recording
from hcutal.localize.merge import ClassMap, class_map
from hcutal.model.model_description import check_model
from hcutal.params.propose import ProposeParams
from hcutal.params.section import read_run_section, read_section, validate

# Torch is slow to import; what only looks at a run does without.
if TYPE_CHECKING:
    from hcutal.model.checkpoint import Localizer

ABOUT = "run.json"


class Described(Protocol):
    """What is known of features: where their snippets stand, and the SHA-256 of the weights that made them."""

    @property
    def times(self) -> SnippetTimes:
        """Where the snippets stand."""

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
    offset: float = Field(0.0, ge=0)
    streams: dict[str, int] = Field(min_length=1)
    weights: str | None = None
    settings: dict[str, Any] = {}

    @property
    def times(self) -> SnippetTimes:
        """Where the snippets stand."""
        return SnippetTimes(self.fps, self.snippet_frames, self.stride, self.offset)

    def check(self, found: Described, where: str | Path) -> None:
        """Refuse features with another number of frames a second, other snippets, or of other weights."""
        for key, name in (("fps", "fps"), ("snippet_frames", "frames"), ("stride", "stride")):
            _refuse_other(key, getattr(found.times, name), getattr(self.times, name), where)
        if found.weights and self.weights:
            _refuse_other("weights", found.weights, self.weights, where)


class RunDescription(BaseModel):
    """What `run.json` of a folder says beside the model: which run it is, how it proposes, on what features."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    experiment: str
    # Not told where the run was packed before runs had one.
    seed: int | None = None
    propose: ProposeParams
    features: FeatureForm

    @classmethod
    def of(cls, run: str, propose: ProposeParams, features: FeatureForm) -> "RunDescription":
        """That of a run by its name."""
        experiment, seed = split_run(run)
        return cls(experiment=experiment, seed=seed, propose=propose, features=features)

    @property
    def run(self) -> str:
        """Its name, `watch.0`."""
        return self.experiment if self.seed is None else run_name(self.experiment, self.seed)


@dataclass(frozen=True)
class TrainedRun:
    """A run that can be applied; `mapping` names the columns of its model."""

    name: str
    localizer: "Localizer"
    mapping: ClassMap
    params: ProposeParams
    features: FeatureForm

    def localize(
        self,
        features: npt.NDArray[np.float32],
        duration: float | None = None,
        times: SnippetTimes | None = None,
    ) -> Localized:
        """Localize in a recording with features [T, D], its streams side by side.

        duration: seconds, None for the end of the last snippet; times: where snippets stand, None for what
        the run was trained on.
        """
        place = self.features.times if times is None else times
        end = place.end(len(features)) if duration is None else duration
        return localize_recording(self.localizer, features, place, end, self.mapping, self.params)


@dataclass(frozen=True)
class RunFiles:
    """Where the parts of a run stand: the folder of the model, the names of its columns, what it says of itself."""

    model: Path
    mapping: Path
    about: RunDescription

    def load(self) -> TrainedRun:
        """Read the run; `HcutalError` when a part is missing or they do not fit each other."""
        from hcutal.model.checkpoint import load_model

        localizer = load_model(self.model)
        mapping = self._fitting(localizer.streams, localizer.network.shape.outputs)
        return TrainedRun(self.about.run, localizer, mapping, self.about.propose, self.about.features)

    def check(self) -> int:
        """How many inputs the run has; raises as `load` does, but for weights that are not those of the model."""
        streams, columns = check_model(self.model)
        self._fitting(streams, columns)
        return sum(streams.values())

    def _fitting(self, streams: dict[str, int], columns: int) -> ClassMap:
        """The names of the columns of a model, where features and names are those of the model."""
        if self.about.features.streams != streams:
            raise HcutalError(
                f"{self.model / MODEL_DESCRIPTION}: streams are {streams}, the features of the run have "
                f"{self.about.features.streams}"
            )
        return class_map(read_mapping(self.mapping), columns, self.about.propose.cluster_weights)

    def pack(self, folder: Path) -> None:
        """Copy the run into one folder, from which `folder_files` finds it again."""
        with atomic_path(folder) as target:
            target.mkdir()
            for name in (MODEL_DESCRIPTION, MODEL_WEIGHTS):
                copyfile(self.model / name, target / name)
            copyfile(self.mapping, target / MAPPING)
            write_json(target / ABOUT, self.about.model_dump(mode="json"))


def folder_files(folder: Path) -> RunFiles:
    """The parts of a run that `pack` wrote."""
    about = validate(RunDescription, read_json(folder / ABOUT), str(folder / ABOUT))
    return RunFiles(folder, folder / MAPPING, about)


class _Entry(BaseModel):
    """What resolved.json says of a run, sections of stages apart."""

    dataset: str


class _Seeds(BaseModel):
    """What resolved.json says of the runs of an experiment."""

    seeds: list[int] = Field(min_length=1)


def project_files(run: str, root: Path = Path()) -> RunFiles:
    """The parts of a run in a project's folder; `HcutalError` names what is missing, or is just being made."""
    dataset = read_run_section(_Entry, run, path=root / RESOLVED).dataset
    params = read_run_section(ProposeParams, run, "propose", path=root / RESOLVED)
    form = read_form(root / features_dir(dataset))
    files = RunPaths(root / RunPaths.of(run).folder)
    _refuse_unfinished(run, files, root)
    return RunFiles(files.model, files.mapping, RunDescription.of(run, propose=params, features=form))


def _refuse_unfinished(run: str, files: RunPaths, root: Path) -> None:
    """Refuse a run whose model or names are not there, or whose names are those of the training before."""
    needed = (files.model / MODEL_DESCRIPTION, files.model / MODEL_WEIGHTS, files.mapping)
    missing = next((path for path in needed if not path.exists()), None)
    # While a stage is not done, it has no record; a project that was copied or pulled has none at all.
    trained, named = ((root / RECORDS / f"{kind}@{run}.json").exists() for kind in ("train", "map"))
    if missing is None and (named or not trained):
        return
    what = f"{missing}: no such file" if missing else f"{files.mapping}: of the training before"
    raise HcutalError(
        f"{what}; {run} is being made anew, or was interrupted: `hcutal run {run}` finishes it. Until then its models "
        f"from before are in MLflow: --run models:/hcutal-{split_run(run)[0]}/1 (`hcutal ui` shows which there are)"
    )


def read_form(store: Path) -> FeatureForm:
    """The form of the features in a store, from its sidecar."""
    meta = validate(FeatureMeta, read_json(store / SIDECAR), str(store / SIDECAR))
    return FeatureForm.model_validate(meta.model_dump())


def find_run(run: str, root: Path = Path()) -> RunFiles:
    """A run of the project at `root`, or in a folder (packed, or results/EXPERIMENT/seed-SEED).

    An experiment stands for the run of its first seed. Raises `HcutalError` with what there is for anything else.
    """
    path = Path(run).resolve()
    if Path(run).name == run and (name := _run_here(run, root)):
        return project_files(name, root)
    # A model of MLflow holds the packed folder below.
    packed = next(
        (place.parent for place in (path / ABOUT, *path.glob(f"artifacts/*/{ABOUT}")) if place.is_file()),
        None,
    )
    if packed:
        return folder_files(packed)
    # results/EXPERIMENT/seed-SEED, or results/EXPERIMENT.
    for folder, name in (
        (path.parent.parent, run_of(path)),
        (path.parent, path.name),
    ):
        if folder.name == RESULTS.name and (found := _run_here(name, folder.parent)):
            return project_files(found, folder.parent)
    known = sorted(run_of(place.parent) for place in root.glob(f"{RESULTS}/*/seed-*/train"))
    raise HcutalError(
        f"run {run!r}: found none; expected one that has run (there is {', '.join(known) or 'none'}), its experiment, "
        f"a folder with {ABOUT} or results/EXPERIMENT/seed-SEED, or a model of MLflow such as models:/hcutal-watch/1"
    )


def _run_here(name: str, root: Path) -> str | None:
    """The run of this name, or the first of the experiment, where it has a model; None otherwise."""
    if not is_run(name):
        if not (root / RESOLVED).exists() or not (root / RESULTS / name).is_dir():
            return None
        seeds = read_section(_Seeds, "experiments", name, path=root / RESOLVED).seeds
        name = run_name(name, seeds[0])
    return name if (root / RunPaths.of(name).model).is_dir() else None


def _refuse_other(key: str, found: object, expected: object, where: str | Path) -> None:
    if found != expected:
        raise HcutalError(f"{where}: {key} is {found}, the run was trained on {expected}")
