"""What a project of many recordings costs, stage by stage, and how long a run takes that has nothing to do.

    python benchmarks/scale.py projects /tmp/scale 300 1500 15000
    python benchmarks/scale.py projects /tmp/clusters 3000 --classes 200 --clusters 1000
    python benchmarks/scale.py example /tmp/example
    python benchmarks/scale.py experiments /tmp/experiments 200 --plan
    python benchmarks/scale.py trainings /tmp/trainings 50
    python benchmarks/scale.py share /tmp/trainings/project
    python benchmarks/scale.py lock /tmp/lock 1 50 200
    python benchmarks/scale.py copies /tmp/copies 1 200
    python benchmarks/scale.py neighbours 15000 60000

`projects` makes up features for each number of recordings (two thirds to train on), makes a project of the folder
and runs everything in it. `example` runs the repository's own experiments with short trainings. `experiments` runs
a miniature project of so many experiments, whose stages compute nothing: what is left is the pipeline's own.
`trainings` runs all stages of so many experiments on few made-up features, then one experiment more, and compares
ten times as many with copies of these results. `share` pushes all results of such a project into a folder and
pulls them in a clone. `lock` runs one stage of a miniature project whose dvc.lock has so many experiments, by DVC
and as a run does. `copies` takes the results of one for those of so many, all up to date, and measures what a run
takes with nothing to do and with one edit, and each of its jobs. `neighbours` looks for the nearest recordings of
each, as training does at its start and at each refresh. CPU seconds and the memory of the largest process, all
processes of a stage together; megabytes as they stand on the disk.
"""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from ruamel.yaml import YAML

from hcutal.files import read_json, write_json
from hcutal.layout import BENCHMARKS, REPORT_PAGES, RESOLVED, RESULTS
from hcutal.pipeline.executions import known_executions
from tests.workflow.project import ROOT, commit, git, make
from tests.workflow.test_real import make_small

FPS, FRAMES = 25.0, 16
SECONDS = FRAMES / FPS
# Instances of a recording, of so many snippets.
INSTANCES, LENGTH = 2, 6
PROJECT = "project"
# Of `trainings`.
RECORDINGS, CLASSES, STEPS = 60, 4, 10
STAGES = ("parameters", "prepare", "features", "train", "map", "propose", "evaluate", "report", "summary")
# As Snakemake starts one of its rules on another machine.
JOB = (
    *(
        "snakemake",
        "--snakefile",
        "Snakefile",
        "--target-jobs",
        "map_e000_0:",
        "--allowed-rules",
        "map_e000_0",
    ),
    *("--cores", "1", "--attempt", "1", "--force-use-threads", "--force", "--nolock", "--ignore-incomplete"),
    *("--target-files-omit-workdir-adjustment", "--rerun-triggers", "mtime", "--mode", "remote"),
    *("--executor", "local"),
)
FOLDERS = ("features", "data", "results", ".dvc/cache", ".hcutal", ".snakemake", "mlflow.db", "mlartifacts")


@dataclass
class Taken:
    """What a command took: seconds on the clock, CPU seconds, and megabytes of its largest process."""

    wall: float
    cpu: float
    memory: float

    def __str__(self) -> str:
        return f"{self.wall:8.1f} s {self.cpu:8.1f} CPU s {self.memory:7.0f} MB"


def hcutal(folder: Path, *arguments: str) -> Taken:
    """Run `hcutal ARGUMENTS` in a folder; its output goes to a file beside."""
    return taken(folder, "hcutal.cli", *arguments)


def taken(folder: Path, *module: str) -> Taken:
    """Run `python -m MODULE ARGUMENTS` in a folder; its output goes to a file beside."""
    before = time.monotonic()
    with (folder / "output.log").open("a") as log:
        command = [sys.executable, "-m", *module]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment())
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}; see {folder / 'output.log'}")
    return Taken(time.monotonic() - before, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def environment() -> dict[str, str]:
    """Ours, with the code that this file belongs to, and with `python` of this one."""
    own = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return own | {
        "PATH": path,
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [own.get("PYTHONPATH")])]),
    }


def write_features(folder: Path, count: int, snippets: int, dimensions: int, classes: int) -> None:
    """Recordings with two instances each of one class, whose snippets lie in the direction of the class."""
    rng = np.random.default_rng(0)
    directions = 2 * rng.standard_normal((classes, dimensions)).astype(np.float32)
    arrays = folder / "features" / "made"
    arrays.mkdir(parents=True)
    database: dict[str, Any] = {}
    for number in range(count):
        name, label = f"recording_{number:07d}", int(rng.integers(classes))
        features = rng.standard_normal((snippets, dimensions), dtype=np.float32)
        starts = rng.choice(snippets // LENGTH, INSTANCES, replace=False) * LENGTH
        for start in starts:
            features[start : start + LENGTH] += directions[label]
        np.save(arrays / f"{name}.npy", features.astype(np.float16))
        database[name] = {
            "subset": "test" if number % 3 == 2 else "training",
            "duration": snippets * SECONDS,
            "annotations": [
                {
                    "label": f"class {label:03d}",
                    "segment": [float(start * SECONDS), float((start + LENGTH) * SECONDS)],
                }
                for start in sorted(starts)
            ],
        }
    write_json(folder / "gt.json", {"database": database})


def set_training(project: Path, clusters: int, steps: Sequence[int]) -> None:
    """An experiment for each number of steps, with one seed, so many clusters, and short trainings."""
    path, yaml = project / "params.yaml", YAML()
    params = yaml.load(path)
    first = next(iter(params["experiments"].values()))
    params["experiments"] = {
        f"e{number:03d}": {
            **first,
            "seeds": [0],
            "train": {
                "steps": each,
                "refresh": max(each // 2, 1),
                "video": {"clusters": clusters, "warmup": each},
            },
        }
        for number, each in enumerate(steps)
    }
    yaml.dump(params, path)


def stages_text(project: Path) -> str:
    """A line a stage: what its own process took, and what its job took, DVC's part among it."""
    own = dict(known_executions_of(project))
    lines = [f"  {'stage':<24} {'s':>7} {'CPU s':>8} {'MB':>7}   whole job: {'s':>7} {'CPU s':>8} {'MB':>7}"]
    jobs = sorted((project / BENCHMARKS).glob("*.tsv"), key=lambda path: order(path.stem))
    for path in jobs:
        with path.open() as stream:
            job = next(csv.DictReader(stream, delimiter="\t"))
        found = own.get(path.stem)
        took = f"{found.seconds:7.1f} {found.cpu_seconds:8.1f} {found.peak_memory_mb:7.0f}" if found else ""
        whole = f"{number(job['s']):7.1f} {number(job['cpu_time']):8.1f} {number(job['max_rss']):7.0f}"
        lines.append(f"  {path.stem:<24} {took:>24}              {whole}")
    return "\n".join(lines)


def order(stage: str) -> tuple[int, str]:
    """Stages as they follow each other."""
    kind = stage.partition("@")[0]
    return (STAGES.index(kind) if kind in STAGES else len(STAGES), stage)


def number(text: str) -> float:
    """Snakemake writes `-` or NA where it could not look."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def known_executions_of(project: Path) -> list[tuple[str, Any]]:
    """The executions of stages that a project knows."""
    before = Path.cwd()
    os.chdir(project)
    try:
        return list(known_executions())
    finally:
        os.chdir(before)


def megabytes(path: Path) -> float:
    """What a file or folder takes on the disk; a file with two names counts once."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    blocks = {(state.st_dev, state.st_ino): state.st_blocks for state in (each.lstat() for each in files)}
    return sum(blocks.values()) * 512 / 1e6


def disk_text(project: Path) -> str:
    """Megabytes of each folder."""
    sizes = {name: megabytes(project / name) for name in FOLDERS if (project / name).exists()}
    # Those of one experiment stand for all.
    found = (project / "results").rglob("report.html")
    pages = {path.parent.name: path.stat().st_size / 1e6 for path in found}
    return "  MB on the disk: " + ", ".join(
        [
            *(f"{name} {size:.1f}" for name, size in sizes.items()),
            *(f"page {n} {s:.1f}" for n, s in pages.items()),
        ]
    )


def run_twice(project: Path) -> None:
    """Run everything, and again, when there is nothing to do."""
    print(f"  hcutal run               {hcutal(project, 'run')}", flush=True)
    print(stages_text(project))
    print(disk_text(project))
    for _ in range(2):
        print(f"  nothing to do            {hcutal(project, 'run')}", flush=True)
    print(f"  hcutal run -n            {hcutal(project, 'run', '-n')}", flush=True)


def projects(options: argparse.Namespace) -> None:
    for count in options.counts:
        folder = options.folder.resolve() / str(count)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(
            f"{count} recordings of {options.snippets} snippets x {options.dimensions}, {options.classes} classes, "
            f"{options.clusters} clusters, {options.steps} steps"
        )
        write_features(folder / "made", count, options.snippets, options.dimensions, options.classes)
        new = hcutal(folder, "new", PROJECT, "--features", str(folder / "made"))
        print(f"  hcutal new               {new}", flush=True)
        set_training(folder / PROJECT, options.clusters, [options.steps])
        run_twice(folder / PROJECT)


def example(options: argparse.Namespace) -> None:
    options.folder.mkdir(parents=True)
    run_twice(make_small(options.folder.resolve()).folder)


def set_experiments(folder: Path, count: int, apart: int = 1) -> None:
    """Give a miniature project so many experiments: e000, e001 and so on, each with so many steps more."""
    lines = [
        f"  e{number:03d}: {{dataset: toy, supervision: unsupervised, train: {{steps: {10 + apart * number}}}}}"
        for number in range(count)
    ]
    head = (folder / "params.yaml").read_text().partition("experiments:")[0]
    (folder / "params.yaml").write_text("\n".join([head + "experiments:", *lines, ""]))


def experiments(options: argparse.Namespace) -> None:
    options.folder.mkdir(parents=True)
    folder = options.folder.resolve()
    make(folder)
    set_experiments(folder, options.count)
    print(f"{options.count} experiments")
    print(f"  hcutal run -n            {hcutal(folder, 'run', '-n')}", flush=True)
    if options.plan:
        return
    print(f"  hcutal run               {hcutal(folder, 'run')}", flush=True)
    print(disk_text(folder))
    for _ in range(2):
        print(f"  nothing to do            {hcutal(folder, 'run')}", flush=True)


def lock(options: argparse.Namespace) -> None:
    options.folder.mkdir(parents=True)
    folder = options.folder.resolve()
    make(folder)
    set_experiments(folder, 1)
    hcutal(folder, "run")
    start = "  train@e000.0:\n"
    shared, _, own = (folder / "dvc.lock").read_text().partition(start)
    for count in options.counts:
        set_experiments(folder, count)
        hcutal(folder, "run", "-n")
        text = shared + "".join((start + own).replace("e000", f"e{number:03d}") for number in range(count))
        print(f"{count:>4} experiments, dvc.lock {len(text) / 1e6:.1f} MB")
        for module in ("dvc", "hcutal.pipeline.dvc_single"):
            (folder / "dvc.lock").write_text(text)
            with (folder / "code/evaluate.py").open("a") as code:
                code.write("#\n")
            command = (module, "repro", "--single-item", "evaluate@e000.0")
            print(f"  {module:<26} a stage that runs    {taken(folder, *command)}", flush=True)
            print(f"  {module:<26} nothing to do        {taken(folder, *command)}", flush=True)
        print(f"  {'hcutal run -n':<47} {hcutal(folder, 'run', '-n')}", flush=True)


def copies(options: argparse.Namespace) -> None:
    for count in options.counts:
        folder = options.folder.resolve() / str(count)
        folder.mkdir(parents=True)
        make(folder)
        set_experiments(folder, 1)
        hcutal(folder, "run")
        repeat_results(folder, count)
        hcutal(folder, "run")
        print(f"{count} experiments", flush=True)
        print(f"  hcutal run, nothing to do        {hcutal(folder, 'run')}", flush=True)
        print(f"  hcutal run -n                    {hcutal(folder, 'run', '-n')}", flush=True)
        log = str(folder / "job.log")
        for name, *command in (
            ("a stage's job", "hcutal.pipeline.run_stage", "map@e000.0", "--log", log),
            ("the same on a cluster", *JOB),
            ("an experiment's for MLflow", "hcutal.pipeline.tracking", "e000"),
            ("that of the table", "hcutal.pipeline.compare"),
        ):
            print(f"  {name:<32} {taken(folder, *command)}", flush=True)
        params = folder / "params.yaml"
        edited = params.read_text().replace("{steps: 10}}", "{steps: 10}, report: {typical: 5}}", 1)
        params.write_text(edited)
        print(f"  hcutal run, one page to do       {hcutal(folder, 'run')}", flush=True)


def repeat_results(folder: Path, count: int) -> None:
    """Have the results of a miniature project's experiment stand for so many, all up to date and in MLflow."""
    text = (folder / "dvc.lock").read_text()
    start = "  train@e000.0:\n"
    shared, _, own = text.partition(start)
    for number in range(1, count):
        shutil.copytree(folder / "results/e000", folder / f"results/e{number:03d}")
    set_experiments(folder, count, apart=0)
    own = "".join((start + own).replace("e000", f"e{number:03d}") for number in range(count))
    (folder / "dvc.lock").write_text(shared + own)
    hcutal(folder, "run", "-n")
    taken(folder, "hcutal.pipeline.run_stage", "parameters", "--log", str(folder / "job.log"))
    # What this process takes counts for those that it starts: DVC is not imported here.
    marking = get_context("fork").Process(target=mark_tracked, args=(folder,))
    marking.start()
    marking.join()


def mark_tracked(folder: Path) -> None:
    """Have all experiments of a project stand for ones that are in MLflow."""
    from hcutal.pipeline.graph import experiments_of, read_graph
    from hcutal.pipeline.mlflow_log.mlflow_store import identity
    from hcutal.pipeline.records import track_name, write_record
    from hcutal.pipeline.synchronise import synchronise, tracked

    os.chdir(folder)
    graph = read_graph()
    for name, stages in experiments_of(graph).items():
        write_record(track_name(name), tracked(stages, identity()))
    synchronise(graph)


def trainings(options: argparse.Namespace) -> None:
    folder = options.folder.resolve()
    write_features(folder / "made", RECORDINGS, 50, 32, CLASSES)
    hcutal(folder, "new", PROJECT, "--features", str(folder / "made"))
    project = folder / PROJECT
    print(
        f"{options.count} experiments on {RECORDINGS} recordings, {CLASSES} classes and clusters, from {STEPS} steps"
    )
    for count in (options.count, options.count + 1):
        set_training(project, CLASSES, range(STEPS, STEPS + count))
        print(f"  hcutal run, {count:>4}         {hcutal(project, 'run')}", flush=True)
        print(f"{disk_text(project)}, .hcutal/pages {megabytes(project / REPORT_PAGES):.1f}", flush=True)
    for _ in range(2):
        print(f"  nothing to do            {hcutal(project, 'run')}", flush=True)
    print(f"  hcutal run -n            {hcutal(project, 'run', '-n')}")
    print(f"  hcutal compare           {hcutal(project, 'compare')}", flush=True)
    count = copy_results(project, 10)
    print(f"  hcutal compare, {count:>4}     {hcutal(project, 'compare')}", flush=True)
    print(f"  MB on the disk: .hcutal/pages {megabytes(project / REPORT_PAGES):.1f}")


def copy_results(project: Path, times: int) -> int:
    """Have the results of each experiment stand for so many, for what reads results alone; how many there are now."""
    values = read_json(project / RESOLVED)
    for name, entry in list(values["experiments"].items()):
        for number in range(1, times):
            values["experiments"][f"{name}-{number}"] = entry
            shutil.copytree(project / RESULTS / name, project / RESULTS / f"{name}-{number}")
    write_json(project / RESOLVED, values)
    return len(values["experiments"])


def share(options: argparse.Namespace) -> None:
    project = options.folder.resolve()
    store, clone = project.parent / "store", project.parent / "clone"
    for made in (store, clone):
        shutil.rmtree(made, ignore_errors=True)
    taken(project, "dvc", "remote", "add", "--default", "--force", "store", str(store))
    for _ in range(2):
        print(f"  hcutal share push        {hcutal(project, 'share', 'push')}", flush=True)
    commit(project)
    git(project.parent, "clone", "--quiet", str(project), str(clone))
    print(f"  hcutal share pull        {hcutal(clone, 'share', 'pull')}", flush=True)
    print(f"  MB in the store {megabytes(store):.1f}, by git {megabytes(project / '.git'):.1f}")
    print(f"  hcutal run -n            {hcutal(clone, 'run', '-n')}", flush=True)


def neighbours(options: argparse.Namespace) -> None:
    # What this process takes counts for those that it starts.
    import torch

    from hcutal.model.pooling import nearest_neighbours

    torch.set_num_threads(1)
    for count in options.counts:
        pooled = torch.randn(count, options.components, generator=torch.Generator().manual_seed(0))
        before = time.process_time()
        nearest_neighbours(pooled, 10)
        print(f"{count:>9} recordings: {time.process_time() - before:8.1f} CPU s", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_subparsers(required=True)
    of_projects = kinds.add_parser("projects")
    of_projects.add_argument("folder", type=Path)
    of_projects.add_argument("counts", type=int, nargs="+", metavar="RECORDINGS")
    for name, default in (
        ("snippets", 50),
        ("dimensions", 32),
        ("classes", 20),
        ("clusters", 20),
        ("steps", 100),
    ):
        of_projects.add_argument(f"--{name}", type=int, default=default)
    of_projects.set_defaults(run=projects)
    of_example = kinds.add_parser("example")
    of_example.add_argument("folder", type=Path)
    of_example.set_defaults(run=example)
    of_experiments = kinds.add_parser("experiments")
    of_experiments.add_argument("folder", type=Path)
    of_experiments.add_argument("count", type=int)
    of_experiments.add_argument("--plan", action="store_true", help="only look at what would run")
    of_experiments.set_defaults(run=experiments)
    of_trainings = kinds.add_parser("trainings")
    of_trainings.add_argument("folder", type=Path)
    of_trainings.add_argument("count", type=int)
    of_trainings.set_defaults(run=trainings)
    of_share = kinds.add_parser("share")
    of_share.add_argument("folder", type=Path, help="a project that has run")
    of_share.set_defaults(run=share)
    for name, run in (("lock", lock), ("copies", copies)):
        of_counts = kinds.add_parser(name)
        of_counts.add_argument("folder", type=Path)
        of_counts.add_argument("counts", type=int, nargs="+", metavar="EXPERIMENTS")
        of_counts.set_defaults(run=run)
    of_neighbours = kinds.add_parser("neighbours")
    of_neighbours.add_argument("counts", type=int, nargs="+", metavar="RECORDINGS")
    of_neighbours.add_argument("--components", type=int, default=25)
    of_neighbours.set_defaults(run=neighbours)
    options = parser.parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()
