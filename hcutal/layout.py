"""Where everything of a project stands, relative to its folder: the only place that names files."""

from dataclasses import dataclass
from pathlib import Path

# What a person writes.
PARAMS = Path("params.yaml")
LABELS = Path("labels")
# By which an editor checks the first.
SCHEMA = Path("params.schema.json")
# What the pipeline is made of; `PIPELINE` are the files that make a folder a project.
GRAPH, LOCK, SNAKEFILE = Path("dvc.yaml"), Path("dvc.lock"), Path("Snakefile")
PIPELINE = (SNAKEFILE, GRAPH, PARAMS)
PROFILES = Path("workflow", "profiles")
# What stands for parameters, code and raw data among the dependencies of the stages.
RESOLVED = Path("resolved.json")
CODE = Path("code.json")
SOURCES = Path("sources.json")
# The comparison of all experiments.
COMPARED_CSV, COMPARED_MARKDOWN = Path("results", "compare.csv"), Path("results", "compare.md")
# MLflow's own.
MLFLOW_DATABASE = Path("mlflow.db")
MLFLOW_ARTIFACTS = Path("mlartifacts")
# What a run leaves for the next one; all of it can be made again.
STATE = Path(".hcutal")
RECORDS = STATE / "records"
INPUTS = STATE / "inputs.json"
HOLDER = STATE / "holder.json"
RUN_LOCK = STATE / "run.lock"
HASHES = STATE / "hashes.json"
LIVE = STATE / "live"
EXTRACTED = STATE / "extracted"
TRAINING = STATE / "training"
LOGS, BENCHMARKS = STATE / "logs", STATE / "benchmarks"
MLFLOW_LOCK = STATE / "mlflow.lock"
SNAKEMAKE_LOCKS = Path(".snakemake", "locks")

METRICS = "metrics.json"
SIDECAR = "features.json"
RECORDINGS_INDEX = "index.csv"
RECORDINGS_ABOUT = "recordings.json"
MODEL_WEIGHTS, MODEL_DESCRIPTION = "model.safetensors", "model.json"
MAPPING = "mapping.csv"


def features_dir(dataset: str) -> Path:
    """What `features` writes: one `.npy` a stream and recording, and the sidecar `features.json`."""
    return Path("features", dataset)


def training_dir(experiment: str) -> Path:
    """Where an interrupted training of an experiment stands, until it is complete."""
    return TRAINING / experiment


def names_file(experiment: str) -> Path:
    """The names that people give to the clusters of an experiment."""
    return LABELS / f"{experiment}.csv"


@dataclass(frozen=True)
class DatasetFiles:
    """What `prepare` writes of a data set, in `folder`."""

    folder: Path

    @classmethod
    def of(cls, dataset: str) -> "DatasetFiles":
        """In the project's folder."""
        return cls(Path("data", dataset))

    @property
    def annotations(self) -> Path:
        """Instances in ActivityNet's form: the only file with segments."""
        return self.folder / "annotations.json"

    @property
    def labels(self) -> Path:
        """Video-level labels of every recording."""
        return self.folder / "labels.json"

    @property
    def videos(self) -> Path:
        """A row a recording: its subset and duration."""
        return self.folder / "videos.csv"

    @property
    def recordings(self) -> Path:
        """The recordings themselves, or the list of where they are."""
        return self.folder / "recordings"

    @property
    def index(self) -> Path:
        """Where each recording or array is, for those that stay where they are."""
        return self.recordings / RECORDINGS_INDEX

    def supervision(self, setting: str) -> Path:
        """The labels that training may see under `unsupervised` (none), `weak` or `mapped`."""
        return self.folder / "supervision" / f"{setting}.json"


@dataclass(frozen=True)
class ExperimentFiles:
    """What the stages of an experiment write, below `folder`."""

    folder: Path

    @classmethod
    def of(cls, experiment: str) -> "ExperimentFiles":
        """In the project's folder."""
        return cls(Path("results", experiment))

    def metrics(self, stage: str) -> Path:
        """The flat metrics of a stage."""
        return self.folder / stage / METRICS

    @property
    def model(self) -> Path:
        """The folder of the trained model: `model.safetensors` and `model.json`."""
        return self.folder / "train"

    @property
    def description(self) -> Path:
        """What the trained model says of itself."""
        return self.model / MODEL_DESCRIPTION

    @property
    def pseudo_labels(self) -> Path:
        """The cluster of each training recording."""
        return self.folder / "train" / "pseudo_labels.csv"

    @property
    def curves(self) -> Path:
        """Losses and weights by step."""
        return self.folder / "train" / "curves.csv"

    @property
    def mapping(self) -> Path:
        """The names of the clusters."""
        return self.folder / "map" / MAPPING

    @property
    def cas(self) -> Path:
        """The class activation sequences of the test recordings."""
        return self.folder / "propose" / "cas.npz"

    @property
    def proposals(self) -> Path:
        """Proposals of the test recordings in ActivityNet's form."""
        return self.folder / "propose" / "proposals.json"

    @property
    def per_class(self) -> Path:
        """AP by class and tIoU."""
        return self.folder / "evaluate" / "per_class.csv"

    @property
    def diagnosis(self) -> Path:
        """Kinds of errors, and what they depend on."""
        return self.folder / "evaluate" / "diagnosis.json"

    @property
    def report(self) -> Path:
        """The folder of the page and its figures."""
        return self.folder / "report"

    @property
    def page(self) -> Path:
        """The page of the experiment."""
        return self.report / "report.html"


def project_file(*parts: str) -> Path:
    """A file of the package that a new project is made of."""
    return Path(__file__).resolve().parent.joinpath("project", *parts)


def rule_name(*parts: str) -> str:
    """The name of a Snakemake rule for a step, e.g. `train_watch_weak` for `train@watch-weak`."""
    return "_".join(parts).replace("@", "_").replace("-", "_")
