"""MLflow's server whose pages open for the training of models: `hcutal ui`, and `mlflow server --app-name hcutal`.

To a browser that comes for the first time, MLflow shows itself as a tool for language models, and on the server's own
machine it opens an assistant that needs one and takes a quarter of the page. It has no setting for either; its page
keeps both in the browser, under the names below. These are no part of its documentation: what they do is checked in a
browser (tests/pipeline/mlflow_log/test_mlflow_page.py).
"""

import json
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any

# The name in the group of entry points by which MLflow finds applications (pyproject.toml).
GROUP, NAME = "mlflow.app", "hcutal"
# What a browser starts with that has not chosen yet.
KEPT = {
    "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true",
    "mlflow.workflowType_v1": '"machine_learning"',
}
# At the end of the page, and yet before the program of the page, which is deferred.
SCRIPT = (
    f"<script>for (const [name, value] of Object.entries({json.dumps(KEPT)}))"
    " if (localStorage.getItem(name) === null) localStorage.setItem(name, value)</script>"
).encode()

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# As ASGI has it.
Application = Callable[[Message, Receive, Send], Coroutine[Any, Any, None]]


def create_app() -> Application:
    """MLflow's own application, with the script in its page."""
    from mlflow.server.fastapi_app import app

    return with_script(app)


def with_script(application: Application) -> Application:
    """The application, with the script at the end of its page, which is what it answers for a folder."""

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        page = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].endswith("/")
        await application(scope, receive, _Extended(send) if page else send)

    return serve


class _Extended:
    """Sends an answer on, with the script behind it where it is a page."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_page = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            kind = headers.get(b"content-type", b"")
            self._is_page = message["status"] == 200 and kind.startswith(b"text/html")
            if self._is_page and b"content-length" in headers:
                headers[b"content-length"] = b"%d" % (int(headers[b"content-length"]) + len(SCRIPT))
                message = {**message, "headers": list(headers.items())}
        elif self._is_page and message["type"] == "http.response.body" and not message.get("more_body"):
            message = {**message, "body": message.get("body", b"") + SCRIPT}
        await self._send(message)
