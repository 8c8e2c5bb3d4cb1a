"""The stages as DVC sees them: the only module that uses DVC's Python API (undocumented, hence dvc<4)."""

import gc
import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from dvc.dependency.param import ParamsDependency
from dvc.repo import Repo
from dvc.stage.serialize import to_single_stage_lockfile
from dvc.utils.strictyaml import YAMLSyntaxError, YAMLValidationError

from hcutal.code import code_digests
from hcutal.cores import AUTO, cpu_count
from hcutal.data.unique_json import collector_paused
from hcutal.errors import HcutalError
from hcutal.files import json_digest
from hcutal.layout import GRAPH, LABELS, LOCK, PARAMS, RESOLVED, RESULTS, rule_name
from hcutal.params.document import EXPERIMENT_SECTIONS, load, resolve
from hcutal.pipeline.dvc_reading import reading
from hcutal.pipeline.outlook import NOT_RUN
from hcutal.pipeline.runs import write_runs
from hcutal.pipeline.sources import source_digests

PARAMETERS, SUMMARY = "parameters", "summary"
# What a changed digest means, by the group of its key.
WORDS = {
    "code": "its code changed",
    "sources": "files in its folder were added, removed, renamed or changed",
    "weights": "its weights changed",
}
NOT_THERE = "not there"
# Names that a person gives to clusters, and the training that these are of.
CLUSTER_NAME, NAMED_TRAINING = "map.names.", "map.named_training"
NOT_WHOLE = f"{RESOLVED} is not what {PARAMS} says"
REMEDY = f"after a conflict in {LOCK} take either side, or remove the file; run again: results are restored"
# DVC takes any word for a kind of hash, and fails later.
HASHES = ("md5", "md5-dos2unix", None)
TRIES = 5
TRY_SECONDS = 0.3


@dataclass(frozen=True)
class Stage:
    """One stage: `name` as DVC calls it, the stages that it `needs`, its entry of dvc.lock.

    The entry is empty before the first run. `intact` says that the outputs are those of the entry, `fresh`
    that command, dependencies and parameters are as well. `params` are the parameters that params.yaml gives
    it, by full key, e.g. `runs.watch.0.train`. `outs` maps the paths of its outputs to `metrics`,
    `plots` or `data`. `reasons` say why it is not fresh.
    """

    name: str
    needs: tuple[str, ...]
    intact: bool
    fresh: bool
    entry: Mapping[str, Any]
    params: Mapping[str, Any]
    outs: Mapping[str, str]
    reasons: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What is before the @: `train` of `train@watch.0`."""
        return self.name.partition("@")[0]

    @property
    def key(self) -> str:
        """The data set, run or experiment: `watch.0` of `train@watch.0`, `watch` of `summary@watch`."""
        return self.name.partition("@")[2]

    @property
    def experiment(self) -> str | None:
        """The experiment that it is a stage of; None for one of a data set, and for `parameters`."""
        return experiment_of(self.name)

    @property
    def run(self) -> str | None:
        """The run that it is a stage of; None for one that is of none alone."""
        return self.key if self.kind in EXPERIMENT_SECTIONS else None

    @property
    def rule(self) -> str:
        """The name of its Snakemake rule: `train_watch_0`."""
        return rule_name(self.name)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of its entry of dvc.lock: the same fingerprint, the same command, inputs and outputs."""
        return json_digest(self.entry)

    @property
    def threads(self) -> int:
        """How many threads its parameters ask for, all workers together, on this machine."""
        return self.threads_of(cpu_count())

    def threads_of(self, cores: int) -> int:
        """The same for a run, or a job, with so many cores."""
        threads = int(self._asked("threads", 1))
        return threads * (max(cores // threads, 1) if self._is_auto else int(self._asked("workers", 1)))

    @property
    def shards(self) -> int:
        """How many jobs do its work before it gathers what they made; 1: it does the work itself."""
        return int(self._asked("shards", 1))

    @property
    def memory_mb(self) -> int:
        """Megabytes that its parameters ask for, all workers together; 0: they say nothing."""
        return int(self._asked("memory_mb", 0) * (1 if self._is_auto else self._asked("workers", 1)))

    @property
    def minutes(self) -> int:
        """Minutes that its parameters say it may take; 0: they say nothing."""
        return int(self._asked("minutes", 0))

    @property
    def _is_auto(self) -> bool:
        return bool(self._asked("workers", 1) == AUTO)

    def _asked(self, name: str, default: int) -> Any:
        found = [v[name] for v in self.params.values() if isinstance(v, dict) and name in v]
        return AUTO if AUTO in found else max(found, default=default)


Graph = dict[str, Stage]


def experiment_of(stage: str) -> str | None:
    """The experiment that a stage is of, by their names; None for one of a data set, and for `parameters`."""
    kind, _, key = stage.partition("@")
    return key.partition(".")[0] if kind in EXPERIMENT_SECTIONS or kind == SUMMARY else None


def read_graph(root: str | Path = ".", experiments: Collection[str] | None = None) -> Graph:
    """All stages of the project, each after those that it needs, compared with the files, params.yaml and the code.

    Where `experiments` are named, of the stages of experiments theirs alone, unless these need those of others.

    No lock is taken, so that a look at the state never disturbs a run; while another process writes dvc.lock,
    which is then cut short, reading is tried again. Parameters are compared with
    params.yaml and not with resolved.json, code and raw data with what they are now: an edit reaches just the
    stages whose values it changes. runs.json, by which DVC knows the runs, is brought in step with params.yaml
    first. Raises `HcutalError` on a bad params.yaml.
    """
    document = load(Path(root, PARAMS))
    resolved = resolve(document, labels=Path(root, LABELS))
    write_runs(document, Path(root))
    values = {**resolved, **code_digests(), **source_digests(resolved["datasets"], Path(root))}
    is_resolved = _is_resolved(Path(root, RESOLVED), resolved)
    logging.getLogger("dvc").setLevel(logging.ERROR)
    for _ in range(TRIES):
        try:
            return _read_graph(root, values, is_resolved, experiments)
        except (YAMLSyntaxError, YAMLValidationError) as error:
            problem = error
            time.sleep(TRY_SECONDS)
    raise HcutalError(f"{GRAPH} or {LOCK}: cannot be read ({problem}); {REMEDY}")


def _read_graph(
    root: str | Path, values: Mapping[str, Any], is_resolved: bool, experiments: Collection[str] | None
) -> Graph:
    wanted = None if experiments is None else lambda name: experiment_of(name) in (None, *experiments)
    with reading(wanted), collector_paused(), Repo(str(root)) as repo:
        if experiments is None or _is_closed(repo.index, experiments):
            graph = _compared(repo.index.graph, values, is_resolved)
            # Of DVC's objects, a million with 200 experiments, none is ever searched for cycles.
            gc.freeze()
            return graph
    return _read_graph(root, values, is_resolved, None)


def _is_closed(index: Any, experiments: Collection[str]) -> bool:
    """Whether the stages of an index read results of these experiments alone."""
    read = [Path(dep.def_path).parts for dep in index.deps if not isinstance(dep, ParamsDependency)]
    return all(parts[1:] and parts[1] in experiments for parts in read if parts[:1] == RESULTS.parts)


def _compared(edges: Any, values: Mapping[str, Any], is_resolved: bool) -> Graph:
    waiting = sorted(edges.nodes, key=lambda stage: str(stage.addressing))
    graph: Graph = {}
    made: dict[str, Any] = {}
    while waiting:
        later = []
        for stage in waiting:
            needs = sorted(str(other.addressing) for other in edges.successors(stage))
            if all(name in graph for name in needs):
                read = _read_stage(stage, tuple(needs), values, made)
                # Emptied or cut short, the file is not what DVC thinks that it is, or is not asked about.
                is_whole = read.name != PARAMETERS or is_resolved
                graph[stage.addressing] = read if is_whole else _without_outputs(read)
            else:
                later.append(stage)
        waiting = later
    return graph


def _without_outputs(stage: Stage) -> Stage:
    return replace(stage, intact=False, fresh=False, reasons=stage.reasons or (NOT_WHOLE,))


def _is_resolved(path: Path, values: Any) -> bool:
    """Whether resolved.json says what params.yaml does now."""
    try:
        return bool(orjson.loads(path.read_bytes()) == orjson.loads(orjson.dumps(values)))
    except (OSError, orjson.JSONDecodeError):
        return False


def experiments_of(graph: Graph) -> dict[str, list[Stage]]:
    """The experiments that have stages, sorted, each with what `stages_of` says of it."""
    own: dict[str, set[str]] = {}
    for stage in graph.values():
        if stage.experiment is not None:
            own.setdefault(stage.experiment, set()).add(stage.name)
    return {name: _with_needs(graph, own[name]) for name in sorted(own)}


def stages_of(graph: Graph, name: str) -> list[Stage]:
    """The stages of an experiment (`watch`) or of one run (`watch.0`), or one stage, and those before them.

    In the graph's order, without `parameters`.
    """
    return _with_needs(graph, {s.name for s in graph.values() if name in (s.name, s.experiment, s.run)})


def _with_needs(graph: Graph, names: Collection[str]) -> list[Stage]:
    wanted, waiting = set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += graph[name].needs
    return [stage for name, stage in graph.items() if name in wanted and name != PARAMETERS]


def state_of(stages: Iterable[Stage]) -> str:
    """One fingerprint for the state of several stages."""
    return json_digest({stage.name: stage.fingerprint for stage in stages})


def _read_stage(stage: Any, needs: tuple[str, ...], values: Mapping[str, Any], made: dict[str, Any]) -> Stage:
    """made: the hashes of outputs that are as their stages have made them, by path; those of this one are added."""
    asked = [dep for dep in stage.deps if isinstance(dep, ParamsDependency)]
    for item in (*stage.deps, *stage.outs):
        if item not in asked and item.hash_name not in HASHES:
            raise HcutalError(
                f"{LOCK}: {stage.addressing}: {item}: hash: found {item.hash_name!r}; expected md5; {REMEDY}"
            )
    params = {key: _lookup(values, key) for dep in asked for key in dep.params}
    ran_with = {key: value for dep in asked for key, value in (dep.hash_info.value or {}).items()}
    # Raw data that is not there is taken for unchanged.
    params |= {
        key: ran_with[key] for key, value in params.items() if value is None and _is_raw(key, ran_with)
    }
    has_run = not stage.cmd_changed and all(item.hash_info for item in (*stage.deps, *stage.outs))
    intact = has_run and not any(out.status() for out in stage.outs)
    if intact:
        made.update((out.fs_path, out.hash_info) for out in stage.outs)
    changed = [
        str(dep.def_path)
        for dep in (stage.deps if has_run else ())
        if dep not in asked and made.get(dep.fs_path) != dep.hash_info and dep.status()
    ]
    fresh = intact and ran_with == params and not changed
    return Stage(
        name=str(stage.addressing),
        needs=needs,
        intact=intact,
        fresh=fresh,
        entry=orjson.loads(orjson.dumps(to_single_stage_lockfile(stage))) if has_run else {},
        params=params,
        outs={
            out.def_path: "metrics" if out.metric else "plots" if out.plot else "data" for out in stage.outs
        },
        reasons=tuple(_reasons(has_run, intact, ran_with, params, changed)),
    )


def _is_raw(key: str, ran_with: Mapping[str, Any]) -> bool:
    return key.partition(".")[0] in ("sources", "weights") and key in ran_with


def _reasons(
    has_run: bool, intact: bool, before: Mapping[str, Any], now: Mapping[str, Any], changed: Sequence[str]
) -> Iterator[str]:
    """Why a stage is not fresh, in words; nothing for one that is."""
    if not has_run:
        yield NOT_RUN
        return
    for key in now:
        group, _, rest = key.partition(".")
        if before.get(key) == now[key]:
            continue
        if group in WORDS:
            yield WORDS[group]
        else:
            # What is before the section says whose it is: an experiment or data set, or a run.
            where = ".".join(rest.split(".")[2 if group == "runs" else 1 :])
            yield from _told(
                (f"{where}{name}".strip("."), old, new)
                for name, old, new in _differences(before.get(key), now[key])
            )
    yield from (f"{path} changed" for path in changed)
    if not intact:
        yield "its outputs are missing or were changed"


def _told(changes: Iterable[tuple[str, Any, Any]]) -> Iterator[str]:
    """Values that changed, in words: of clusters that got other names, what they are called."""
    for name, old, new in changes:
        cluster = name.removeprefix(CLUSTER_NAME)
        if name == NAMED_TRAINING:
            yield "the table of names is new" if new else "the table of names is gone"
        elif cluster == name:
            yield f"{name} is {new}, was {old}"
        elif new == NOT_THERE:
            yield f"cluster {cluster} has no name any more"
        else:
            yield f"cluster {cluster} is called {new}" + (f", was {old}" if old != NOT_THERE else "")


def _differences(before: Any, now: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The values that differ, by dotted key, with what they were and are."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in sorted({*before, *now}):
            yield from _differences(before.get(key, NOT_THERE), now.get(key, NOT_THERE), f"{name}.{key}")
    elif before != now:
        yield name, before, now


def _lookup(values: Any, key: str) -> Any:
    for part in key.split("."):
        values = values[part]
    return values
