"""Results at a DVC remote: a colleague's clone has them, without the raw data and with no stage run."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflow.faults import RESULTS, fingerprint
from tests.workflow.project import Project, commit, git

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("sharing")]


def with_remote(project: Project, url: str) -> None:
    project.run("dvc", "remote", "add", "--default", "--force", "store", url)
    commit(project.folder)


def colleague(project: Project, folder: Path) -> Project:
    """A clone with a store of MLflow of its own."""
    git(project.folder, "clone", "--quiet", str(project.folder), str(folder))
    return Project(folder, folder / "mlflow.db")


def is_complete(clone: Project) -> None:
    """Nothing runs in a clone, and it has every result."""
    assert "everything is up to date" in clone.run("hcutal.cli", "run", "-n")
    assert clone.executed() == []


def test_a_clone_has_every_result_after_a_pull(project: Project, tmp_path: Path) -> None:
    with_remote(project, str(tmp_path / "store"))
    assert "pushed" in project.run("hcutal.cli", "share", "push")
    clone = colleague(project, tmp_path / "clone")
    assert "pulled" in clone.run("hcutal.cli", "share", "pull")
    is_complete(clone)
    for name in RESULTS:
        assert (clone.folder / name).exists(), name


def test_an_edit_that_is_taken_back_costs_nothing_at_a_colleague(project: Project, tmp_path: Path) -> None:
    with_remote(project, str(tmp_path / "store"))
    before = (project.folder / "params.yaml").read_text()
    project.replace("params.yaml", "steps: 10", "steps: 11")
    project.stages()
    commit(project.folder)
    project.run("hcutal.cli", "share", "push")
    clone = colleague(project, tmp_path / "clone")
    clone.run("hcutal.cli", "share", "pull")
    (clone.folder / "params.yaml").write_text(before)
    clone.stages()
    assert clone.executed() == []


def test_what_was_pushed_in_part_is_pulled_and_the_rest_made(project: Project, tmp_path: Path) -> None:
    with_remote(project, str(tmp_path / "store"))
    project.run("hcutal.cli", "share", "push")
    objects = sorted(path for path in (tmp_path / "store/files/md5").glob("??/*") if path.is_file())
    for path in objects[::3]:
        path.unlink()
    clone = colleague(project, tmp_path / "clone")
    output = clone.run("hcutal.cli", "share", "pull", ok=False)
    assert "Traceback" not in output
    assert "the rest was never pushed" in output
    clone.stages()
    assert {
        name: digest for name, digest in fingerprint(clone.folder).items() if name.startswith("results/a")
    } == {
        name: digest for name, digest in fingerprint(project.folder).items() if name.startswith("results/a")
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a server does."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError(f"no answer on port {port}: {process.poll()}")


@pytest.fixture
def bucket() -> Iterator[str]:
    """The address of an S3-compatible server with a bucket `results`."""
    pytest.importorskip("dvc_s3", reason="pip install -e '.[share]'")
    pytest.importorskip("moto", reason="pip install 'moto[server]'")
    boto3 = pytest.importorskip("boto3")
    port = free_port()
    server = subprocess.Popen(
        [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        answers(port, server)
        address = f"http://127.0.0.1:{port}"
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=address, **keys).create_bucket(Bucket="results")
        yield address
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def ssh_server(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The port of an SSH server on this machine, and the key that it takes."""
    pytest.importorskip("dvc_ssh", reason="pip install -e '.[share]'")
    server = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if server is None or os.geteuid() != 0:
        pytest.skip("Debian's openssh-server, as root")
    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True
        )
    shutil.copy(tmp_path / "user.pub", tmp_path / "authorized")
    Path("/run/sshd").mkdir(exist_ok=True)
    port = free_port()
    options = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": tmp_path / "authorized",
        "PasswordAuthentication": "no",
        "StrictModes": "no",
        "PidFile": "none",
        "Subsystem": "sftp internal-sftp",
    }
    (tmp_path / "sshd_config").write_text("".join(f"{key} {value}\n" for key, value in options.items()))
    process = subprocess.Popen([server, "-D", "-e", "-f", str(tmp_path / "sshd_config")])
    try:
        answers(port, process)
        yield port, tmp_path / "user"
    finally:
        process.terminate()
        process.wait()


def test_results_go_over_a_server_like_s3(project: Project, bucket: str, tmp_path: Path) -> None:
    project.run("dvc", "remote", "add", "--default", "--force", "store", "s3://results/project")
    settings = {"endpointurl": bucket, "access_key_id": "key", "secret_access_key": "secret"}
    for name, value in settings.items():
        project.run("dvc", "remote", "modify", "store", name, value)
    commit(project.folder)
    project.run("hcutal.cli", "share", "push")
    clone = colleague(project, tmp_path / "clone")
    clone.run("hcutal.cli", "share", "pull")
    is_complete(clone)
    clone.run("dvc", "remote", "modify", "store", "endpointurl", f"http://127.0.0.1:{free_port()}")
    output = clone.run("hcutal.cli", "share", "push", ok=False)
    assert "Traceback" not in output
    assert len(output.splitlines()) <= 3, output


def test_results_go_over_ssh(project: Project, ssh_server: tuple[int, Path], tmp_path: Path) -> None:
    port, key = ssh_server
    project.run(
        "dvc", "remote", "add", "--default", "--force", "store", f"ssh://root@127.0.0.1:{port}{tmp_path}/far"
    )
    project.run("dvc", "remote", "modify", "store", "keyfile", str(key))
    commit(project.folder)
    project.run("hcutal.cli", "share", "push")
    assert any((tmp_path / "far/files/md5").iterdir())
    clone = colleague(project, tmp_path / "clone")
    clone.run("hcutal.cli", "share", "pull")
    is_complete(clone)
    clone.run("dvc", "remote", "modify", "store", "keyfile", str(tmp_path / "host"))
    output = clone.run("hcutal.cli", "share", "pull", ok=False)
    assert "Traceback" not in output
    assert "dvc pull failed" in output


def test_two_people_push_at_once(project: Project, tmp_path: Path) -> None:
    with_remote(project, str(tmp_path / "store"))
    other = tmp_path / "other"
    shutil.copytree(project.folder, other, symlinks=True)
    pushing = [each.piped("hcutal.cli", "share", "push") for each in (project, Project(other, None))]
    for process in pushing:
        output = process.communicate(timeout=120)[0].decode()
        assert process.returncode == 0, output
    clone = colleague(project, tmp_path / "clone")
    clone.run("hcutal.cli", "share", "pull")
    is_complete(clone)


def test_where_there_is_no_remote_it_says_how_to_name_one(project: Project) -> None:
    output = project.run("hcutal.cli", "share", "push", ok=False)
    assert "no default remote; name one: dvc remote add -d store" in output
    assert "no DVC remote 'x'; there is none" in project.run(
        "hcutal.cli", "share", "pull", "--remote", "x", ok=False
    )


def test_a_remote_of_all_projects_of_a_user_is_one(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "global"))
    outside = Project(project.folder, project.store)
    outside.run("dvc", "remote", "add", "--global", "--default", "store", str(tmp_path / "store"))
    assert "pushed" in outside.run("hcutal.cli", "share", "push")
    assert any((tmp_path / "store/files/md5").iterdir())


def test_a_remote_that_cannot_be_reached_is_said_in_a_line(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with_remote(project, str(tmp_path / "file/below"))
    output = project.run("hcutal.cli", "share", "push", ok=False)
    assert "Traceback" not in output
    assert len(output.splitlines()) <= 3, output
    assert "dvc push failed" in output


def test_a_project_that_has_not_run_has_nothing_to_share(project: Project, tmp_path: Path) -> None:
    with_remote(project, str(tmp_path / "store"))
    (project.folder / "dvc.lock").unlink()
    assert "nothing has run yet" in project.run("hcutal.cli", "share", "push", ok=False)
    assert subprocess.run(["git", "status"], cwd=project.folder, check=True, capture_output=True).stdout
