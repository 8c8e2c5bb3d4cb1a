"""`hcutal ui`: the pages of MLflow."""

import os
import signal
import socket
import subprocess
import sys
import time
from importlib.metadata import entry_points

import click

from hcutal.addresses import LOOPBACK
from hcutal.commands.browser import open_browser
from hcutal.commands.host_option import host_option, warn_of_others
from hcutal.errors import HcutalError

# One person looks: no jobs of the server's own, and one process in the place of four, which starts sooner.
SPARING = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
PAUSE = 0.2


@click.command("ui")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@host_option
@click.option("--no-browser", is_flag=True, help="Only say the address.")
def command(port: int, host: str, no_browser: bool) -> None:
    """Serve the MLflow pages of all runs on this machine, and open them."""
    from hcutal.pipeline.mlflow_log.mlflow_store import experiment_id, is_own, open_store, tracking_uri
    from hcutal.pipeline.mlflow_log.mlflow_view import arrange, page_of

    if is_own() and experiment_id() is None:
        raise HcutalError("no run is logged yet; start with: hcutal run")
    client, place = open_store()
    # Of a store that an earlier version made, too.
    arrange(client, place)
    if tracking_uri().startswith(("http://", "https://")):
        address = f"{tracking_uri().rstrip('/')}{page_of(place)}"
        print(f"open {address} (a server of its own)", flush=True)
        if not no_browser:
            open_browser(address)
        return
    warn_of_others(host, "whoever finds it sees all runs, and can change and delete them")
    if _answers(host, port):
        raise HcutalError(f"something else is served at port {port} already; another one: hcutal ui --port N")
    address = f"http://{host}:{port}{page_of(place)}"
    print(f"open {address} (ready in some seconds; Ctrl-C ends it)", flush=True)
    sys.exit(_serve(tracking_uri(), host, port, None if no_browser else address))


def _serve(store: str, host: str, port: int, address: str | None) -> int:
    """Serve a store until a signal ends it, and open an address as soon as that is there; the exit status."""
    from hcutal.pipeline.mlflow_log.mlflow_app import GROUP, NAME

    where = ["--backend-store-uri", store, "--host", host, "--port", str(port)]
    if host != LOOPBACK:
        own = f"{host}:{port}"
        where += ["--allowed-hosts", own, "--cors-allowed-origins", f"http://{own}"]
    # An installation that is older than the code lacks the entry.
    app = ["--app-name", NAME] if entry_points(group=GROUP, name=NAME) else []
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "ui", *where, *app, "--workers", "1"],
        env={**os.environ, **SPARING},
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.terminate())
    while address and server.poll() is None:
        if _answers(host, port):
            open_browser(address)
            break
        time.sleep(PAUSE)
    return server.wait()


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
