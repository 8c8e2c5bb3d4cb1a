"""Where everything of a project stands, relative to its folder: the only place that names files."""

import re
from dataclasses import dataclass
from pathlib import Path

from hcutal.errors import HcutalError

# What a person writes.
PARAMS = Path("params.yaml")
LABELS = Path("labels")
# By which an editor checks the first.
SCHEMA = Path("params.schema.json")
GITIGNORE, DVCIGNORE = Path(".gitignore"), Path(".dvcignore")
# What the pipeline is made of; `PIPELINE` are the files that make a folder a project.
GRAPH, LOCK, SNAKEFILE = Path("dvc.yaml"), Path("dvc.lock"), Path("Snakefile")
PIPELINE = (SNAKEFILE, GRAPH, PARAMS)
WORKFLOW = Path("workflow")
PROFILES = WORKFLOW / "profiles"
# Which runs there are: an experiment with one seed each, for the stages of the graph.
RUNS = Path("runs.json")
# What stands for parameters, code and raw data among the dependencies of the stages.
RESOLVED = Path("resolved.json")
CODE = Path("code.json")
SOURCES = Path("sources.json")
# The comparison of all experiments.
RESULTS = Path("results")
SUITES = Path("suites")
COMPARED_CSV, COMPARED_MARKDOWN = RESULTS / "compare.csv", RESULTS / "compare.md"
# MLflow's own.
MLFLOW_DATABASE = Path("mlflow.db")
MLFLOW_ARTIFACTS = Path("mlartifacts")
# What a run leaves for the next one; all of it can be made again.
STATE = Path(".hcutal")
RECORDS = STATE / "records"
# Copies of the pages of experiments, for the report of Snakemake.
REPORT_PAGES = STATE / "pages"
INPUTS = STATE / "inputs.json"
HOLDER = STATE / "holder.json"
RUN_LOCK = STATE / "run.lock"
# Held while a table in labels/ is changed.
LABELS_LOCK = STATE / "labels.lock"
HASHES = STATE / "hashes.json"
# The digests of the code of stages, as they were made last.
KNOWN_CODE = STATE / "known_code.json"
# The entries of dvc.lock, as they were parsed last.
KNOWN_ENTRIES = STATE / "known_entries"
LIVE = STATE / "live"
EXTRACTED = STATE / "extracted"
MADE_PREVIEWS = STATE / "previews"
TRAINING = STATE / "training"
EXECUTIONS = STATE / "executions"
MADE = STATE / "made"
# How far a run is: what it is about to do, a file for each job that has begun, and how far the work of one is.
PLAN = STATE / "plan.json"
PACE = STATE / "pace.json"
JOBS = STATE / "jobs"
PROGRESS = STATE / "progress"
LOGS, BENCHMARKS = STATE / "logs", STATE / "benchmarks"
SNAKEMAKE_LOG = LOGS / "snakemake.log"
MLFLOW_LOCK = STATE / "mlflow.lock"
SNAKEMAKE_LOCKS = Path(".snakemake", "locks")
# A file for each output that a job which was cut off may have left half done.
SNAKEMAKE_INCOMPLETE = Path(".snakemake", "incomplete")
# Which files the processes of DVC read and write.
DVC_LOCKS = Path(".dvc/tmp/rwlock")

RUN_NAME = re.compile(r"([^./]+)\.(0|[1-9][0-9]*)")
METRICS = "metrics.json"
PAGE = "report.html"
SIDECAR = "features.json"
PREVIEWS_INDEX = "previews.json"
RECORDINGS_INDEX = "index.csv"
RECORDINGS_ABOUT = "recordings.json"
MODEL_WEIGHTS, MODEL_DESCRIPTION = "model.safetensors", "model.json"
MAPPING = "mapping.csv"
PSEUDO_LABELS = "pseudo_labels.csv"
STATES_TABLE = "states.csv"


def features_dir(dataset: str) -> Path:
    """What `features` writes: one `.npy` a stream and recording, and the sidecar `features.json`."""
    return Path("features", dataset)


def previews_dir(dataset: str) -> Path:
    """What `previews` writes: small copies of films, and the list of them."""
    return Path("previews", dataset)


def run_name(experiment: str, seed: int) -> str:
    """The name of a run, `watch.0`: no experiment has a dot in its name, so that nothing else is called so."""
    return f"{experiment}.{seed}"


def split_run(run: str) -> tuple[str, int]:
    """The experiment and the seed of a run; `HcutalError` for what is no name of a run."""
    match = RUN_NAME.fullmatch(run)
    if not match:
        raise HcutalError(f"{run!r}: is no run; expected an experiment with a seed, such as watch.0")
    return match[1], int(match[2])


def is_run(name: str) -> bool:
    """Whether a name is one of a run, and none of an experiment."""
    return RUN_NAME.fullmatch(name) is not None


def run_of(folder: Path) -> str:
    """The run whose folder `results/EXPERIMENT/seed-SEED` is this."""
    return f"{folder.parent.name}.{folder.name.removeprefix('seed-')}"


def training_dir(run: str) -> Path:
    """Where an interrupted training stands, until it is complete."""
    return TRAINING / run


def last_execution(stage: str) -> Path:
    """What the last execution of a stage took, as it left it."""
    return EXECUTIONS / f"{stage}.json"


def execution(fingerprint: str) -> Path:
    """What the execution took that made a state of a stage, by the fingerprint of its entry of dvc.lock."""
    return EXECUTIONS / fingerprint[:2] / f"{fingerprint}.json"


def shard_name(stage: str, shard: int) -> str:
    """The job that does one part of a stage's work beforehand."""
    return f"shard-{shard}-{stage}"


def state_folder(step: int) -> str:
    """The folder of the state of a training after so many steps, among those that were kept."""
    return f"step-{step:06d}"


def live_curves(run: str) -> Path:
    """The curves of a training while it goes on."""
    return LIVE / f"{run}.csv"


def names_file(run: str) -> Path:
    """The names that people give to the clusters of a run."""
    return LABELS / f"{run}.csv"


def marks_file(run: str) -> Path:
    """What people say of single segments of a run."""
    return LABELS / f"{run}.marks.csv"


def taught_file(run: str) -> Path:
    """The labels of recordings that names and marks of a run give."""
    return LABELS / f"{run}.taught.csv"


def dropped_file(run: str) -> Path:
    """The recordings that people do not want, as they said in the page of a run."""
    return LABELS / f"{run}.dropped.csv"


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
class RunPaths:
    """What the stages of a run write, below `folder`, `results/EXPERIMENT/seed-SEED`."""

    folder: Path

    @classmethod
    def of(cls, run: str) -> "RunPaths":
        """In the project's folder; `HcutalError` for what is no name of a run."""
        experiment, seed = split_run(run)
        return cls(RESULTS / experiment / f"seed-{seed}")

    def metrics(self, stage: str) -> Path:
        """The flat metrics of a stage."""
        return self.folder / stage / METRICS

    def draws(self, stage: str) -> Path:
        """What a stage measured on all recordings and on draws of them, beside that of the other seeds."""
        return self.folder.parent / "draws" / self.folder.name / f"{stage}.csv"

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
        return self.folder / "train" / PSEUDO_LABELS

    @property
    def states(self) -> Path:
        """The folder of the states that training kept: a table, and a folder each."""
        return self.model / "states"

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
    def training_proposals(self) -> Path:
        """The same of the recordings that were only trained on; empty where nobody asked for them."""
        return self.folder / "propose" / "training.json"

    @property
    def segments(self) -> Path:
        """The folder of the segments of all recordings: tables, and the forms of annotation tools."""
        return self.folder / "segments"

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
        """The page of the run."""
        return self.report / PAGE


def suites_dir(dataset: str, preset: str) -> Path:
    """Where the tables, the figures and the page of suites on a data set stand."""
    return SUITES / dataset / preset


@dataclass(frozen=True)
class SuiteFiles:
    """The files of a table that compares experiments: numbers, text and LaTeX."""

    csv: Path
    markdown: Path
    latex: Path

    @classmethod
    def of(cls, suite: str, dataset: str, preset: str) -> "SuiteFiles":
        """Of a suite on a data set, with a preset."""
        stem = suites_dir(dataset, preset) / suite
        return cls(*(stem.with_suffix(f".{kind}") for kind in ("csv", "md", "tex")))


@dataclass(frozen=True)
class FigureFiles:
    """The files of a figure that compares experiments: pictures, and what is said of them."""

    png: Path
    svg: Path
    pdf: Path
    about: Path

    @classmethod
    def of(cls, suite: str, dataset: str, preset: str) -> "FigureFiles":
        """Of a suite on a data set, with a preset."""
        stem = suites_dir(dataset, preset) / suite
        return cls(*(stem.with_suffix(f".{kind}") for kind in ("png", "svg", "pdf", "json")))

    @property
    def pictures(self) -> tuple[Path, Path, Path]:
        """The same picture in three formats."""
        return self.png, self.svg, self.pdf


@dataclass(frozen=True)
class SummaryPaths:
    """What the stage `summary` writes of an experiment, in `folder`."""

    folder: Path

    @classmethod
    def of(cls, experiment: str) -> "SummaryPaths":
        """In the project's folder."""
        return cls(RESULTS / experiment / "summary")

    @property
    def metrics(self) -> Path:
        """Mean, standard deviation and interval of each number, flat."""
        return self.folder / METRICS

    @property
    def headline(self) -> Path:
        """The few of them that tell most: what DVC calls metrics."""
        return self.folder / "headline.json"

    @property
    def map_by_tiou(self) -> Path:
        """The mean mAP by tIoU, for DVC to plot."""
        return self.folder / "map_by_tiou.csv"

    @property
    def table(self) -> Path:
        """The same as a table, with the number of each seed."""
        return self.folder / "summary.csv"

    @property
    def page(self) -> Path:
        """The page of the experiment."""
        return self.folder / PAGE


def project_file(*parts: str) -> Path:
    """A file of the package that a new project is made of."""
    return Path(__file__).resolve().parent.joinpath("project", *parts)


def rule_name(*parts: str) -> str:
    """The name of a Snakemake rule for a step, e.g. `train_watch_weak_0` for `train@watch-weak.0`."""
    return re.sub(r"[@.-]", "_", "_".join(parts))
