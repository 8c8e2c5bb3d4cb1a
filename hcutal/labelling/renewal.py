"""`hcutal run` of one run, started from its page."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from hcutal.layout import LOGS

# Of what the run says.
LINES = 8
GRACE_SECONDS = 10.0


class Renewal:
    """At most one `hcutal run RUN` at a time, and what it says."""

    def __init__(
        self, run: str, command: tuple[str, ...] = (sys.executable, "-m", "hcutal.cli", "run")
    ) -> None:
        self._command = [*command, run]
        self._log = Path(LOGS / f"label@{run}.log")
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
                )

    def state(self) -> dict[str, Any]:
        """Whether it runs, its exit status (None before its end), and the last lines that it wrote."""
        with self._lock:
            status = None if self._process is None else self._process.poll()
            is_running = self._process is not None and status is None
        text = self._log.read_text(errors="replace") if self._process is not None else ""
        return {"running": is_running, "status": status, "lines": text.splitlines()[-LINES:]}

    def stop(self) -> None:
        """End what runs; it goes on with the next `hcutal run`."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
