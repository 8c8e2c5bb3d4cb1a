"""`hcutal ui`: the pages of MLflow."""

import os
import sys

import click

from hcutal.errors import HcutalError

# One person looks: no jobs of the server's own, and one process in the place of four, which starts sooner.
SPARING = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


@click.command("ui")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
def command(port: int) -> None:
    """Serve the MLflow pages of all runs on this machine."""
    from hcutal.pipeline.mlflow_log.mlflow_store import experiment_id, is_own, open_store, tracking_uri
    from hcutal.pipeline.mlflow_log.mlflow_view import arrange, page_of

    if is_own() and experiment_id() is None:
        raise HcutalError("no run is logged yet; start with: hcutal run")
    client, place = open_store()
    # Of a store that an earlier version made, too.
    arrange(client, place)
    if tracking_uri().startswith(("http://", "https://")):
        print(f"open {tracking_uri().rstrip('/')}{page_of(place)} (a server of its own)", flush=True)
        return
    address = f"http://127.0.0.1:{port}{page_of(place)}"
    print(f"open {address} (ready in some seconds; Ctrl-C ends it)", flush=True)
    where = ["--backend-store-uri", tracking_uri(), "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, **SPARING}
    server = [sys.executable, "-m", "mlflow", "ui", *where, "--workers", "1"]
    # In the place of this process: a signal ends the server.
    os.execve(sys.executable, server, environment)
