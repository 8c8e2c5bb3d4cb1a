"""A stand-in for the server of Kubernetes: it checks the jobs that it is given, and runs each as a process here."""

import json
import os
import re
import signal
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlparse

JOBS = re.compile(r"/apis/batch/v1/namespaces/([^/]+)/jobs(?:/([^/]+))?")
PODS = re.compile(r"/api/v1/namespaces/([^/]+)/pods(?:/([^/]+)/log)?")
KILLED = 137


class Cluster:
    """Jobs by name, each with its manifest and the process that is its pod.

    Attributes:
        node_mb: memory of its only node (MB): the pod of a job that asks for more waits for ever.
        needed: by a part of a stage's name, the memory (MB) without which a pod is killed; each is asked once.
    """

    def __init__(self, folder: Path) -> None:
        """folder: for the file that tells clients where the server is, and what pods say."""
        self.manifests: dict[str, dict[str, Any]] = {}
        self.needed: dict[str, int] = {}
        self.node_mb = 32_000
        self._pods: dict[str, subprocess.Popen[bytes]] = {}
        self._killed: set[str] = set()
        self._folder = folder
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(*cluster.get(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(*cluster.post(self.path, json.loads(body)))

            def do_DELETE(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self._answer(*cluster.delete(self.path))

            def _answer(self, status: int, body: Any) -> None:
                data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header(
                    "Content-Type", "text/plain" if isinstance(body, str) else "application/json"
                )
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def config(self) -> Path:
        """For KUBECONFIG."""
        path = self._folder / "kubeconfig.json"
        server = f"http://127.0.0.1:{self._server.server_address[1]}"
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "here",
                    "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
                    "clusters": [{"name": "here", "cluster": {"server": server}}],
                    "users": [{"name": "me", "user": {}}],
                }
            )
        )
        return path

    def close(self) -> None:
        """End the server, and all pods."""
        self._server.shutdown()
        for name in list(self._pods):
            self._kill(name)

    def stages(self) -> list[str]:
        """What the jobs that were submitted are of, in that order."""
        return [each["metadata"]["annotations"]["hcutal/stage"] for each in self.manifests.values()]

    def post(self, path: str, manifest: dict[str, Any]) -> tuple[int, Any]:
        import kubernetes_validate

        match = JOBS.fullmatch(path)
        assert match, path
        try:
            kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)
        except kubernetes_validate.ValidationError as error:
            return 422, {"kind": "Status", "message": error.message}
        name = manifest["metadata"]["name"]
        container = manifest["spec"]["template"]["spec"]["containers"][0]
        self.manifests[name] = manifest
        memory = int(container["resources"]["limits"]["memory"].removesuffix("M"))
        if memory > self.node_mb:
            return 201, self._job(name)
        stage = manifest["metadata"]["annotations"]["hcutal/stage"]
        if any(part in stage and memory < least for part, least in self.needed.items()):
            self._killed.add(name)
            return 201, self._job(name)
        with (self._folder / f"{name}.log").open("wb") as log:
            self._pods[name] = subprocess.Popen(
                [*container["command"], *container["args"]],
                cwd=container["workingDir"],
                # What a pod sees of the machine on which `hcutal run` is: nothing but the image and the volume.
                env={name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return 201, self._job(name)

    def get(self, path: str) -> tuple[int, Any]:
        url = urlparse(path)
        if match := JOBS.fullmatch(url.path):
            name = match[2]
            if name is None:
                items = [self._job(each) for each in self._labelled(url.query)]
                return 200, {"apiVersion": "batch/v1", "kind": "JobList", "items": items, "metadata": {}}
            return (200, self._job(name)) if name in self.manifests else _missing(name)
        match = PODS.fullmatch(url.path)
        assert match, path
        if match[2]:
            log = self._folder / f"{match[2].removesuffix('-pod')}.log"
            return (200, log.read_text()) if log.exists() else _missing(match[2])
        items = [self._pod(each) for each in self._labelled(url.query)]
        return 200, {"apiVersion": "v1", "kind": "PodList", "items": items, "metadata": {}}

    def delete(self, path: str) -> tuple[int, Any]:
        match = JOBS.fullmatch(urlparse(path).path)
        assert match, path
        if match[2] not in self.manifests:
            return _missing(match[2])
        self._kill(match[2])
        del self.manifests[match[2]]
        return 200, {"kind": "Status", "status": "Success"}

    def _labelled(self, query: str) -> list[str]:
        """The jobs with the labels of a query; each has its name for one, as its pod has."""
        asked = dict(each.split("=") for each in parse_qs(query)["labelSelector"][0].split(","))
        labels = {name: {**m["metadata"]["labels"], "job-name": name} for name, m in self.manifests.items()}
        return [name for name, own in labels.items() if asked.items() <= own.items()]

    def _kill(self, name: str) -> None:
        if (pod := self._pods.pop(name, None)) and pod.poll() is None:
            os.killpg(pod.pid, signal.SIGKILL)
            pod.wait()

    def _status(self, name: str) -> int | None:
        """With what a pod ended; None while it runs or waits."""
        if name in self._killed:
            return KILLED
        return self._pods[name].poll() if name in self._pods else None

    def _job(self, name: str) -> dict[str, Any]:
        status, conditions = self._status(name), []
        if status == 0:
            conditions = [{"type": "Complete", "status": "True"}]
        elif status is not None:
            message = "Job has reached the specified backoff limit"
            conditions = [
                {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": message}
            ]
        return {**self.manifests[name], "status": {"conditions": conditions}}

    def _pod(self, name: str) -> dict[str, Any]:
        status, state = self._status(name), {}
        conditions, phase = [], "Running"
        if name not in self._pods and status is None:
            phase, message = "Pending", "0/1 nodes are available: 1 Insufficient memory."
            conditions = [
                {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
            ]
        elif status is not None:
            reason = {0: "Completed", KILLED: "OOMKilled"}.get(status, "Error")
            state = {"terminated": {"exitCode": status, "reason": reason}}
            phase = "Failed" if status else "Succeeded"
        container = {
            "name": "stage",
            "image": "hcutal:latest",
            "imageID": "",
            "ready": False,
            "restartCount": 0,
            "state": state,
        }
        statuses = [] if conditions else [container]
        return {
            "metadata": {"name": f"{name}-pod"},
            "status": {"phase": phase, "conditions": conditions, "containerStatuses": statuses},
        }


def _missing(name: str) -> tuple[int, Any]:
    return 404, {"kind": "Status", "reason": "NotFound", "message": f"{name} not found"}
