"""A project that another version of hcutal made: its pipeline and params.yaml brought in step with this one."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from hcutal.errors import HcutalError
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
from hcutal.params.author_yaml import in_one_line, round_trip
from hcutal.params.document import load, resolve
from hcutal.params.written import with_comments, with_values
from hcutal.pipeline.new_project import copy_pipeline

OLD = ".old"
ENVIRONMENT = WORKFLOW / "envs" / "hcutal.yaml"
# A person adds lines to these: what they lack is added.
LISTS = (GITIGNORE, DVCIGNORE)


def outdated(root: Path = Path()) -> list[Path]:
    """The files of the pipeline in the project at `root` that are not those of the installed version."""
    with tempfile.TemporaryDirectory() as folder:
        copy_pipeline(Path(folder, "now"))
        return [
            path
            for path in _compared(Path(folder, "now"), root)
            if _differ(Path(folder, "now") / path, root / path)
        ]


def upgrade(root: Path = Path()) -> list[str]:
    """Replace outdated files of the pipeline, and write params.yaml as this version reads it; what was done, in words.

    Files that are replaced stay beside the new ones as `NAME.old`. Of params.yaml, `seed` of an experiment becomes
    `seeds`; presets of hcutal that this version refuses become those of this version; values that are new are added;
    all others stay. Profiles stay as they are.

    Raises:
        HcutalError: where params.yaml has other values that this version refuses; nothing is written then.
    """
    said: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        now = Path(folder, "now")
        copy_pipeline(now)
        text = _params(root / PARAMS, Path(folder, PARAMS.name), root, said)
        for path in outdated(root):
            _replace(root / path, (now / path).read_text(encoding="utf-8"), said)
        _replace(root / PARAMS, text, said)
        _replace(root / SCHEMA, (now / SCHEMA).read_text(encoding="utf-8"), said)
        for path in LISTS:
            _add_lines(root / path, (now / path).read_text(encoding="utf-8").splitlines(), said)
    return said


def _compared(now: Path, root: Path) -> list[Path]:
    """The files that are a version's own; an environment only where it names the version."""
    workflow = sorted(path.relative_to(now) for path in (now / WORKFLOW).rglob("*") if path.is_file())
    others = ["profiles"] if _names_a_version(root / ENVIRONMENT) else ["profiles", "envs"]
    return [GRAPH, SNAKEFILE, *(path for path in workflow if path.parts[1] not in others)]


def _names_a_version(path: Path) -> bool:
    return path.exists() and "hcutal==" in path.read_text(encoding="utf-8")


def _differ(one: Path, other: Path) -> bool:
    return not other.exists() or one.read_bytes() != other.read_bytes()


def _params(path: Path, temporary: Path, root: Path, said: list[str]) -> str:
    """The text of params.yaml for this version; it is tried as the file `temporary`."""
    yaml = round_trip()
    values, shipped = yaml.load(path), yaml.load(project_file(PARAMS.name))
    for name, entry in (values.get("experiments") or {}).items():
        if isinstance(entry, CommentedMap) and "seed" in entry and "seeds" not in entry:
            place, seed = list(entry).index("seed"), entry.pop("seed")
            entry.insert(place, "seeds", in_one_line([seed]))
            said.append(f"{PARAMS}: experiments.{name}: seed: {seed} is now seeds: [{seed}]")
    for name in values.get("presets") or {}:
        if name in shipped["presets"] and (
            reason := _refused(shipped, name, values["presets"][name], yaml, temporary)
        ):
            values["presets"][name] = shipped["presets"][name]
            said.append(f"{PARAMS}: presets.{name} is now that of this version; it had {reason}")
    yaml.dump(values, temporary)
    text = with_comments(with_values(temporary.read_text(encoding="utf-8")))
    temporary.write_text(text, encoding="utf-8")
    try:
        resolve(load(temporary), path, root / LABELS)
    except HcutalError as error:
        raise HcutalError(str(error).replace(str(temporary), str(path))) from None
    return text


def _refused(shipped: Any, name: str, preset: Any, yaml: Any, temporary: Path) -> str:
    """Why this version refuses the preset; empty where it takes it."""
    yaml.dump({**shipped, "presets": {**shipped["presets"], name: preset}}, temporary)
    try:
        resolve(load(temporary), temporary, temporary.parent)
    except HcutalError as error:
        return str(error).replace(f"{temporary}: presets.{name}.", "")
    return ""


def _replace(path: Path, text: str, said: list[str]) -> None:
    if path.exists():
        if path.read_text(encoding="utf-8") == text:
            return
        shutil.copyfile(path, path.with_name(path.name + OLD))
        said.append(f"{path}: replaced; it was kept as {path.name}{OLD}")
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        said.append(f"{path}: added")
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _add_lines(path: Path, lines: list[str], said: list[str]) -> None:
    present = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    missing = [line for line in lines if line.strip() and line not in present]
    if missing:
        with atomic_path(path) as temporary:
            temporary.write_text("\n".join([*present, *missing]) + "\n", encoding="utf-8")
        said.append(f"{path}: lines added")
