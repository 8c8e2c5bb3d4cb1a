"""Results, and the memory of executions, to a DVC remote and from it: for the stages that have run."""

import subprocess
import sys
from pathlib import Path

from dvc.repo import Repo
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from hcutal.errors import HcutalError
from hcutal.layout import LOCK
from hcutal.pipeline.dvc_reading import texts_of

PUSH, PULL = "push", "pull"
# What DVC says where an address needs a package that is not here.
LACKS_PACKAGE = "is supported, but requires"
# What it says where a remote lacks objects.
MISSING = ("missing-files", "failed to download")


def share(direction: str, remote: str | None = None) -> None:
    """Push or pull the results of all stages of dvc.lock, and what DVC remembers of earlier executions.

    Stages that have never run are left out: DVC takes them for results that are missing.

    Args:
        direction: `push` or `pull`.
        remote: name of a DVC remote; None: the default one.

    Raises:
        HcutalError: where there is no remote, nothing to share, or DVC fails.
    """
    _require_remote(remote)
    _require_results()
    options = ["--remote", remote] if remote else []
    command = [sys.executable, "-m", "hcutal.pipeline.dvc_sharing", direction, "--run-cache", *options]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise HcutalError(_failed(direction, done.stderr))
    sys.stderr.write(done.stderr)
    _share_earlier(direction, remote)


def _share_earlier(direction: str, remote: str | None) -> None:
    """The results of earlier executions: of these `--run-cache` takes what DVC remembers, without the results.

    Uses DVC's Python API, which is undocumented. What is not in the cache any more, or not at the remote, is left out.
    """
    with Repo() as repo, repo.lock:
        runs = [(path.parent.name, path.name) for path in Path(repo.stage_cache.cache_dir).glob("??/*/*")]
        objects = set().union(*repo.stage_cache.get_used_objs(runs, remote=remote).values())
        move = repo.cloud.push if direction == PUSH else repo.cloud.pull
        move(objects, remote=remote)


def _require_remote(remote: str | None) -> None:
    # As DVC sees them: a remote may be one of all projects of a user or of a machine.
    with Repo() as repo:
        names, default = list(repo.config["remote"]), repo.config["core"].get("remote")
    if remote is not None and remote not in names:
        raise HcutalError(f"no DVC remote {remote!r}; there is {', '.join(names) or 'none'}")
    if remote is None and default is None:
        raise HcutalError(
            ".dvc/config: no default remote; name one: dvc remote add -d store /path/to/share "
            "(or s3://bucket/path, ssh://host/path)"
        )


def _require_results() -> None:
    if not LOCK.exists():
        raise HcutalError(
            f"{LOCK}: is not there: nothing has run yet; of a colleague's project, it is in git"
        )
    if texts_of(LOCK) is not None:
        return
    try:
        list(YAML(typ="safe").load(LOCK)["stages"])
    except (YAMLError, KeyError, TypeError) as error:
        raise HcutalError(f"{LOCK}: cannot be read ({error}); take that of git, or run again") from error


def _failed(direction: str, errors: str) -> str:
    # One a file comes before the last one.
    problem = [line for line in errors.splitlines() if line.startswith("ERROR")][-1:] or [errors.strip()]
    hint = ""
    if LACKS_PACKAGE in errors:
        hint = "\nthe package for such addresses comes with: pip install 'hcutal[share]'"
    elif direction == PULL and any(word in errors for word in MISSING):
        hint = (
            "\nwhat the remote has was taken; the rest was never pushed (hcutal share push, where it was made), and "
            "hcutal run makes it anew"
        )
    return f"dvc {direction} failed: {problem[0].removeprefix('ERROR: ')}{hint}"
