"""The server of `hcutal label` gives one page and what it refers to, and to nobody without the token."""

import json
import re
import threading
import time
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from hcutal.errors import HcutalError
from hcutal.labelling.label_server import LabelServer
from hcutal.params.given_labels import given_names
from tests.labelling.conftest import train_again, write_page

JSON = {"Content-Type": "application/json"}


def ask(
    server: LabelServer, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    """Send a request as it is, to the address behind the token unless `path` begins with a slash."""
    connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    target = path if path.startswith("/") else f"/{server.token}/{path}"
    connection.request(method, target, body, {name.replace("_", "-"): text for name, text in headers.items()})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def save(server: LabelServer, **values: Any) -> tuple[int, Any]:
    body = json.dumps({"training": server.labels.training, **values}).encode()
    answer, content = ask(server, "POST", "labels", body, **JSON)
    return answer.status, json.loads(content)


def addresses(server: LabelServer) -> list[str]:
    text = ask(server, "GET", "")[1].decode()
    return list(dict.fromkeys(re.findall(rf'href="/{server.token}/(file/[^"#]+)', text)))


def test_it_listens_on_this_machine_alone(server: LabelServer) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"
    assert len(server.token) >= 32


def test_the_page_and_the_films_that_it_refers_to_are_served(
    server: LabelServer, films: dict[str, Path]
) -> None:
    answer, content = ask(server, "GET", "")
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"file:///" not in content and b"../../../../films" not in content
    found = [ask(server, "GET", address) for address in addresses(server)]
    assert {body for _, body in found} == {path.read_bytes() for path in films.values()}
    assert {answer.headers["Content-Type"] for answer, _ in found} == {"video/webm"}
    # On the disk the page is as it was.
    assert "../../../../films/a%20film.webm" in server.page.read_text()


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize(
    "path", ["/", "/labels", "/x/labels", "/{token}x/labels", "/x/{token}/labels", "/%2e%2e/labels"]
)
def test_without_the_token_there_is_nothing(server: LabelServer, method: str, path: str) -> None:
    answer, content = ask(server, method, path.format(token=server.token), b"{}", **JSON)
    assert answer.status == 403
    assert server.token.encode() not in content


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "127.0.0.1"}, {"Origin": "null"}, {"Origin": "//evil.example"}],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("GET", "labels"), ("POST", "labels"), ("POST", "run")]
)
def test_another_host_and_another_origin_are_refused(
    server: LabelServer, method: str, path: str, headers: dict[str, str]
) -> None:
    assert ask(server, method, path, b"{}", **JSON, **headers)[0].status == 403


@pytest.mark.parametrize(
    "path",
    [
        "report.html",
        "../results/mine/seed-0/report/report.html",
        "file/0/../../params.yaml",
        "file/../resolved.json",
        "file/0",
        "file/99/a.webm",
        "file/-1/a.webm",
        "file/%2e%2e/a.webm",
        "//etc/passwd",
        "resolved.json",
        "labels/mine.0.csv",
    ],
)
def test_no_path_of_a_request_reaches_the_disk(server: LabelServer, path: str) -> None:
    ask(server, "GET", "")
    assert ask(server, "GET", f"/{server.token}/{path}")[0].status == 404


def test_a_file_that_no_page_refers_to_has_no_number(server: LabelServer) -> None:
    assert ask(server, "GET", "file/0/x")[0].status == 404
    count = len(addresses(server))
    assert [ask(server, "GET", f"file/{number}/x")[0].status for number in range(count + 1)] == [
        200
    ] * count + [404]


@pytest.mark.parametrize(
    ("span", "status", "first", "last"),
    [
        ("bytes=0-99", 206, 0, 99),
        ("bytes=100-", 206, 100, None),
        ("bytes=-50", 206, -50, None),
        ("bytes=10-10", 206, 10, 10),
        ("bytes=5-999999999", 206, 5, None),
        ("items=0-9", 200, 0, None),
        ("bytes=0-1,4-5", 200, 0, None),
        ("bytes=9-3", 200, 0, None),
    ],
)
def test_a_part_of_a_film(
    server: LabelServer, films: dict[str, Path], span: str, status: int, first: int, last: int | None
) -> None:
    whole = films["a film"].read_bytes()
    address = next(each for each in addresses(server) if "a%20film" in each)
    answer, content = ask(server, "GET", address, Range=span)
    expected = whole[first : None if last is None else last + 1]
    assert (answer.status, content) == (status, expected)
    assert (
        answer.headers["Content-Length"] == str(len(expected)) and answer.headers["Accept-Ranges"] == "bytes"
    )
    if status == 206:
        start = first % len(whole)
        assert answer.headers["Content-Range"] == f"bytes {start}-{start + len(expected) - 1}/{len(whole)}"


def test_a_part_beyond_the_end_is_refused(server: LabelServer, films: dict[str, Path]) -> None:
    size = films["a film"].stat().st_size
    address = next(each for each in addresses(server) if "a%20film" in each)
    answer, _ = ask(server, "GET", address, Range=f"bytes={size}-")
    assert answer.status == 416 and answer.headers["Content-Range"] == f"bytes */{size}"


def test_one_connection_serves_one_request_after_another(server: LabelServer) -> None:
    connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    for _ in range(2):
        connection.request("HEAD", f"/{server.token}/")
        assert connection.getresponse().read() == b""
        connection.request("GET", f"/{server.token}/labels")
        assert json.loads(connection.getresponse().read())["run"] == "mine.0"
    connection.close()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", JSON, 400),
        (b"[]", JSON, 400),
        (b'"' + b"[" * 5000, JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"\xff\xfe{}", JSON, 400),
        (b'{"names": {"0": "wave"}}', JSON, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"training=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (None, {**JSON, "Content-Length": "x"}, 411),
        (None, {**JSON, "Content-Length": "99999999"}, 413),
    ],
)
def test_bad_content_is_refused_and_changes_nothing(
    server: LabelServer, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    answer, content = ask(server, "POST", "labels", body, **headers)
    assert answer.status == status and json.loads(content)["error"]
    assert not Path("labels").exists()


def test_what_was_refused_says_why(server: LabelServer) -> None:
    assert save(server, names={"7": "wave"}) == (400, {"error": "no cluster 7 in this training"})
    training = server.labels.training
    train_again()
    body = json.dumps({"training": training, "names": {"0": "wave"}}).encode()
    answer, content = ask(server, "POST", "labels", body, **JSON)
    assert answer.status == 409 and "load it again" in json.loads(content)["error"]


def test_each_save_answers_with_all_that_is_said(server: LabelServer) -> None:
    save(server, names={"0": "wave"})
    status, state = save(server, names={"1": "jump"}, dropped={"b": True})
    assert status == 200 and state["names"] == {"0": "wave", "1": "jump"} and state["dropped"] == ["b"]
    assert state["agreement"] == ["mine.0 agrees with 3 of 4 marks (75 %)"]
    assert json.loads(ask(server, "GET", "labels")[1]) == state


def test_of_many_saves_at_once_none_is_lost(server: LabelServer) -> None:
    changes: list[dict[str, Any]] = [
        {"names": {"0": "wave"}},
        {"names": {"1": "jump"}},
        *({"dropped": {name: True}} for name in ("a film", "b", "c")),
    ]
    threads = [threading.Thread(target=save, args=(server,), kwargs=change) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = server.labels.state()
    assert state["names"] == {"0": "wave", "1": "jump"} and state["dropped"] == ["a film", "b", "c"]
    assert given_names(Path("labels/mine.0.csv"))["names"] == state["names"]


def test_a_page_that_was_made_again_is_served_with_the_same_numbers(server: LabelServer) -> None:
    before = addresses(server)
    write_page()
    assert addresses(server) == before


def test_a_run_is_started_once_and_told_of(server: LabelServer) -> None:
    assert json.loads(ask(server, "GET", "run")[1]) == {"running": False, "status": None, "lines": []}
    assert ask(server, "POST", "run", b"{}", **JSON)[0].status == 202
    while (state := json.loads(ask(server, "GET", "run")[1]))["running"]:
        time.sleep(0.05)
    assert state == {"running": False, "status": 0, "lines": ["brought mine.0"]}


def test_at_an_address_that_was_asked_for_it_answers_to_that_alone(server: LabelServer) -> None:
    try:
        elsewhere = LabelServer("mine.0", 0, host="127.0.0.2")
    except HcutalError as error:
        pytest.skip(f"no second address here: {error}")
    with elsewhere:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        port = elsewhere.server_address[1]
        found = {}
        for host in ("127.0.0.2", "127.0.0.1", "localhost", "evil.example"):
            connection = HTTPConnection("127.0.0.2", port, timeout=20)
            connection.request("HEAD", f"/{elsewhere.token}/", headers={"Host": f"{host}:{port}"})
            found[host] = connection.getresponse().status
            connection.close()
        elsewhere.shutdown()
    assert found == {"127.0.0.2": 200, "127.0.0.1": 403, "localhost": 403, "evil.example": 403}


def test_without_a_page_and_on_a_port_that_is_taken_it_says_so(server: LabelServer) -> None:
    port = server.server_address[1]
    with pytest.raises(HcutalError, match=rf"port {port}: .*; another one: --port"):
        LabelServer("mine.0", port)
    server.page.unlink()
    with pytest.raises(HcutalError, match=r"report\.html: no such file; make it first: hcutal run mine\.0"):
        LabelServer("mine.0", 0)


def test_a_program_that_reads_the_page_of_the_server_may_embed_nothing_else(server: LabelServer) -> None:
    headers = ask(server, "GET", "")[0].headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"
