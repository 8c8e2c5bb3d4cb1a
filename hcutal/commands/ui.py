"""`hcutal ui`: the pages of MLflow."""

import os
import subprocess
import sys

import click

from hcutal.errors import HcutalError


@click.command("ui")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
def command(port: int) -> None:
    """Serve the MLflow pages of all runs on this machine."""
    from hcutal.pipeline.mlflow_store import experiment_id, is_own, prepare_own, tracking_uri

    place = experiment_id()
    if is_own() and place is None:
        raise HcutalError("no run is logged yet; start with: hcutal run")
    if is_own():
        prepare_own()
    page = f"/#/experiments/{place}/runs" if place else ""
    print(f"open http://127.0.0.1:{port}{page} (ready in some seconds; Ctrl-C ends it)", flush=True)
    arguments = ["--backend-store-uri", tracking_uri(), "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    server = [sys.executable, "-m", "mlflow", "ui", *arguments]
    try:
        sys.exit(subprocess.run(server, env=environment, check=False).returncode)
    except KeyboardInterrupt:
        sys.exit(0)
