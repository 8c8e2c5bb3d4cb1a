"""The server of `hcutal label`: one page, the files that it refers to, and what is said in it.

It listens on this machine alone unless it is given another address. Each address begins with a random token; requests
of another host (as a page of another site could make them, DNS rebinding) or origin are refused. Files have numbers: no
path comes from a request.
"""

import json
import mimetypes
import re
import secrets
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hcutal.addresses import LOOPBACK
from hcutal.errors import HcutalError
from hcutal.labelling.names_table import OtherTrainingError
from hcutal.labelling.page_files import served_page
from hcutal.labelling.renewal import Renewal
from hcutal.labelling.run_labels import RunLabels
from hcutal.layout import RunPaths

LARGEST = 1 << 20
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FILES = "file"


class LabelServer(ThreadingHTTPServer):
    """Serves the page of a run until it is shut down; port 0 is any that is free.

    host: the address of this machine that it listens on, and that requests are to name.
    agreed: says in lines how far the results agree with what was marked.
    """

    daemon_threads = True

    def __init__(
        self,
        run: str,
        port: int,
        renewal: Renewal | None = None,
        agreed: Callable[[], list[str]] = list,
        host: str = LOOPBACK,
    ) -> None:
        self.host = host
        self.page = RunPaths.of(run).page
        if not self.page.exists():
            raise HcutalError(f"{self.page}: no such file; make it first: hcutal run {run}")
        self.labels = RunLabels(run)
        self.renewal = renewal or Renewal(run)
        self.agreed = agreed
        self.token = secrets.token_urlsafe(24)
        self.files: list[Path] = []
        self.files_lock = threading.Lock()
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            place = f"port {port}" if host == LOOPBACK else f"{host}, port {port}"
            raise HcutalError(f"{place}: {error.strerror}; another one: --port") from error

    @property
    def hosts(self) -> set[str]:
        """What the header Host may say."""
        port = self.server_address[1]
        return {f"{self.host}:{port}", *([f"localhost:{port}"] if self.host == LOOPBACK else [])}

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{self.host}:{self.server_address[1]}/{self.token}/"

    def state(self) -> dict[str, Any]:
        """All that is said, and how far the results agree with it; `HcutalError` where a table is damaged."""
        return {**self.labels.state(), "agreement": self.agreed()}

    def read_page(self) -> str:
        """The page as it is now; a file that it refers to keeps its number while the server runs."""
        with self.files_lock:
            return served_page(self.page, f"/{self.token}/{FILES}", self.files)

    def server_close(self) -> None:
        """End with what was started."""
        self.renewal.stop()
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    server: LabelServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "hcutal", ""
    # A connection that says nothing is closed.
    timeout = 60

    def do_GET(self) -> None:
        self._get(with_body=True)

    def do_HEAD(self) -> None:
        self._get(with_body=False)

    def do_POST(self) -> None:
        what = self._what()
        if what is None:
            return
        body = self._body()
        if body is None:
            return
        if what == "run":
            self.server.renewal.start()
            self._json(HTTPStatus.ACCEPTED, self.server.renewal.state())
        elif what == "labels":
            self._save(body)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "there is nothing to be changed")

    def _save(self, body: bytes) -> None:
        try:
            self.server.labels.change(json.loads(body))
            self._json(HTTPStatus.OK, self.server.state())
        except OtherTrainingError as error:
            self._refuse(HTTPStatus.CONFLICT, str(error))
        except (HcutalError, ValueError, RecursionError) as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except OSError as error:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, f"{error.filename or 'labels/'}: {error.strerror}")

    def _get(self, with_body: bool) -> None:
        what = self._what()
        if what is None:
            return
        if what == "":
            self._send(HTTPStatus.OK, self.server.read_page().encode(), "text/html; charset=utf-8", with_body)
        elif what == "labels":
            try:
                self._json(HTTPStatus.OK, self.server.state(), with_body)
            except HcutalError as error:
                self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, str(error), with_body)
        elif what == "run":
            self._json(HTTPStatus.OK, self.server.renewal.state(), with_body)
        elif match := re.fullmatch(rf"{FILES}/(\d{{1,7}})/[^/]*", what):
            self._file(int(match[1]), with_body)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "hcutal label serves the page of one run alone", with_body)

    def _what(self) -> str | None:
        """What is asked for, behind the token; None where the request was refused."""
        if self.headers.get("Host") not in self.server.hosts:
            self._refuse(HTTPStatus.FORBIDDEN, "another host")
            return None
        origin = self.headers.get("Origin")
        if origin is not None and origin not in {f"http://{host}" for host in self.server.hosts}:
            self._refuse(HTTPStatus.FORBIDDEN, "another origin")
            return None
        path = self.path.partition("?")[0]
        token, _, rest = path.removeprefix("/").partition("/")
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            self._refuse(
                HTTPStatus.FORBIDDEN, "another address: the one that `hcutal label` printed is right"
            )
            return None
        return rest

    def _body(self) -> bytes | None:
        """The JSON that was sent; None where it was refused."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip()
        length = self.headers.get("Content-Length", "")
        if kind != "application/json":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expected application/json")
        elif not length.isdecimal():
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "expected Content-Length")
        elif int(length) > LARGEST:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"expected {LARGEST} bytes at most")
        else:
            return self.rfile.read(int(length))
        return None

    def _file(self, number: int, with_body: bool) -> None:
        files = self.server.files
        try:
            path = files[number]
            size = path.stat().st_size
            stream = path.open("rb")
        except (IndexError, OSError):
            self._refuse(HTTPStatus.NOT_FOUND, "no such file", with_body)
            return
        with stream:
            span = _span(self.headers.get("Range"), size)
            if span is None:
                self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
                self.send_header("Content-Range", f"bytes */{size}")
                self._end(0)
                return
            start, end = span
            is_part = self.headers.get("Range") is not None and span != (0, size)
            self.send_response(HTTPStatus.PARTIAL_CONTENT if is_part else HTTPStatus.OK)
            self.send_header("Content-Type", mimetypes.guess_type(path.name)[0] or "application/octet-stream")
            self.send_header("Accept-Ranges", "bytes")
            if is_part:
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
            self._end(end - start)
            if with_body:
                stream.seek(start)
                self._copy(stream, end - start)

    def _copy(self, stream: Any, count: int) -> None:
        try:
            while count > 0 and (part := stream.read(min(count, 1 << 16))):
                self.wfile.write(part)
                count -= len(part)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            # A player that seeks hangs up.
            self.close_connection = True
            return
        # A file that became shorter.
        self.close_connection = self.close_connection or count > 0

    def _json(self, status: HTTPStatus, value: Any, with_body: bool = True) -> None:
        self._send(status, json.dumps(value).encode(), "application/json", with_body)

    def _refuse(self, status: HTTPStatus, reason: str, with_body: bool = True) -> None:
        # A body that was not read must not be taken for the next request.
        self.close_connection = True
        self._send(status, json.dumps({"error": reason}).encode(), "application/json", with_body)

    def _send(self, status: HTTPStatus, body: bytes, kind: str, with_body: bool = True) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self._end(len(body))
        if with_body:
            self.wfile.write(body)

    def _end(self, length: int) -> None:
        self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        for name, value in (
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", POLICY),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
        ):
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal is for people, and an address holds the token."""


def _span(header: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one behind the last of what a Range asks for; None where there is nothing of it.

    What is no single range of bytes counts as none at all (RFC 9110, 14.2).

    >>> _span(None, 10), _span("bytes=2-4", 10), _span("bytes=8-99", 10), _span("bytes=-3", 10), _span("bytes=10-", 10)
    ((0, 10), (2, 5), (8, 10), (7, 10), None)
    """
    match = RANGE.fullmatch(header.strip()) if header else None
    if not match or not (match[1] or match[2]):
        return 0, size
    first, last = match.groups()
    if not first:
        return (max(size - int(last), 0), size) if int(last) and size else None
    start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= size:
        return None
    return (start, end) if start < end else (0, size)
