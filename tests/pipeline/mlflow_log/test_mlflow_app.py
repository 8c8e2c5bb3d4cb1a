"""The server whose page opens for the training of models: what is changed of its answers, and what is not."""

import asyncio
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from hcutal.pipeline.mlflow_log.mlflow_app import (
    GROUP,
    KEPT,
    NAME,
    SCRIPT,
    Message,
    Receive,
    Send,
    with_script,
)

PAGE = [b"<html>", b"</html>"]
HTML = "text/html; charset=utf-8"


def answer(path: str, method: str = "GET", status: int = 200, kind: str = HTML) -> tuple[int, bytes]:
    """The length that an answer announces, and its content."""
    sent: list[Message] = []

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", kind.encode()), (b"content-length", b"13")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE[0], "more_body": True})
        await send({"type": "http.response.body", "body": PAGE[1]})

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": method, "path": path}
    asyncio.run(with_script(application)(scope, receive, send))
    return int(dict(sent[0]["headers"])[b"content-length"]), b"".join(message["body"] for message in sent[1:])


@pytest.mark.parametrize("path", ["/", "/prefix/"])
def test_the_page_ends_with_the_script_and_says_how_long_it_is(path: str) -> None:
    length, content = answer(path)
    assert content == b"".join(PAGE) + SCRIPT
    assert length == 13 + len(SCRIPT)
    assert all(name.encode() in SCRIPT for name in KEPT)


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("/get-artifact", {}),
        ("/", {"method": "HEAD"}),
        ("/", {"status": 304}),
        ("/api/", {"kind": "application/json"}),
    ],
)
def test_all_other_answers_are_as_they_were(path: str, changes: dict[str, Any]) -> None:
    assert answer(path, **changes) == (13, b"".join(PAGE))


def test_the_package_offers_the_application_to_mlflow_by_its_name() -> None:
    root = Path(__file__).resolve().parents[3]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    module, _, function = project["entry-points"][GROUP][NAME].partition(":")
    assert callable(getattr(import_module(module), function))
