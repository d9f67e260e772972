"""Requests that no client should send: the server answers them and stays up."""

from __future__ import annotations

import errno
import itertools
import json
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.blobs.on_disk import DiskIncoming
from tests.support.emulator_client import create, update
from tests.support.schemas import recorded

LIMIT: Final = 100_000
KEY: Final = "emulator-admin-key"
QUERY: Final = [{"action": "query", "expression": "select name from State"}]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator on disk that accepts short requests."""
    database = tmp_path / "emulator.db"
    with Emulator(schema=recorded(), database=database, max_body=LIMIT) as started:
        yield started


@pytest.fixture
def web(served: Emulator) -> Iterator[httpx.Client]:
    headers = {"ftrack-user": "admin", "ftrack-api-key": KEY}
    url = served.server_url
    with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
        yield client


def check_is_up(web: httpx.Client) -> None:
    answer = web.post("/api", json=QUERY)
    assert (answer.status_code, len(answer.json()[0]["data"])) == (200, 4)


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def deep_value(levels: int) -> bytes:
    head = b'[{"action": "update", "entity_type": "ContextCustomAttributeValue", '
    return head + b'"entity_key": ["a", "b"], "entity_data": {"value": %b}}]' % nested(
        levels
    )


def query(expression: str) -> bytes:
    return json.dumps([{"action": "query", "expression": expression}]).encode()


@pytest.mark.parametrize("levels", [500, 1_000, 20_000])
def test_deep_nesting_gets_the_error_of_the_protocol(
    web: httpx.Client, levels: int
) -> None:
    bodies = [
        nested(levels),
        deep_value(levels),
        query("Task where " + "(" * levels + "name is x" + ")" * levels),
        query("Task where " + "not " * levels + "name is x"),
        query("Task where parent has " + "(parent has " * levels + "(name is x)"),
        query(f"Task where {'parent.' * min(levels, 10_000)}name is x"),
    ]
    for body in bodies:
        answer = web.post("/api", content=body)
        assert answer.status_code < 500
        content = answer.json()
        assert isinstance(content, list) or {"exception", "detail"} & set(content)
        assert "Traceback" not in answer.text
    check_is_up(web)


def test_a_query_of_any_length_is_answered_at_once() -> None:
    with Emulator(schema=recorded()) as served:
        transport = served.transport()
        for word in ("and", "or"):
            for number in (5_001, 60_000, 200_000):
                text = f" {word} ".join(["name is x"] * number)
                reply = transport.call(query(f"Task where {text}"))
                assert (reply.status, b"UnsupportedError" in reply.body) == (501, True)
                assert len(reply.body) < 1_000


def test_deep_nesting_is_logged_without_a_failure(
    web: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "ftrack_orm.emulator.requests"):
        assert web.post("/api", content=nested(40_000)).status_code == 422
        check_is_up(web)
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b'[{"action": "query", "expression": "\xff"}]',
        b'[{"action": "query", "expression": "\\ud800"}]',
        b'[{"\\ud800": 1, "action": "query", "expression": "Task"}]',
        b'[{"action": "\\ud800"}]',
        b'["\xed\xa0\x80"]',
        b"[NaN]",
        b"[1" + b"0" * 9_000 + b"]",
        b'[{"action": ["query"]}]',
        b'[{"action": "query", "expression": {}}]',
        b'[{"action": "create", "entity_type": ["x"], "entity_data": []}]',
        b'[{"action": "delete", "entity_type": "Task", "entity_key": {"a": 1}}]',
        b"",
    ],
    ids=lambda body: repr(body[:30]),
)
def test_bodies_that_are_no_operations_get_the_error_of_the_protocol(
    web: httpx.Client, body: bytes
) -> None:
    answer = web.post("/api", content=body)
    assert answer.status_code in (200, 422)
    content = answer.json()
    assert {"exception", "detail"} & set(content)
    assert content.get("exception") != "InternalServerError"
    check_is_up(web)


def test_a_body_beyond_the_limit_is_refused_and_not_kept(
    served: Emulator, web: httpx.Client
) -> None:
    def chunks() -> Iterator[bytes]:
        yield from itertools.repeat(b" " * 65_536, 200)

    for content in (b" " * (LIMIT + 1), chunks()):
        answer = web.post("/api", content=content)
        assert answer.status_code == 413
        assert answer.json()["exception"] == "ValidationError"
        assert "100,000 bytes" in answer.json()["content"]
    assert web.post("/api", content=b"[]" + b" " * (LIMIT - 2)).json() == []
    assert served.transport().call(b" " * (LIMIT + 1)).status == 413
    check_is_up(web)


@pytest.mark.parametrize(
    "path",
    [
        "/component/get?id=../../../../etc/passwd",
        "/component/get?id=..%2f..%2femulator.db",
        "/component/get?id=/etc/passwd",
        "/component/get?id=%00",
        "/component/thumbnail?id=../emulator.db&size=-1",
        "/component/remove?id=../emulator.db",
        "/img/../emulator.db",
        "/img/..%2f..%2femulator.db",
        "/component/..%2f..%2femulator.db",
        "/emulator.db",
    ],
)
def test_no_address_leads_to_another_file(
    served: Emulator, web: httpx.Client, path: str
) -> None:
    separator = "&" if "?" in path else "?"
    url = f"{path}{separator}username=admin&apiKey={KEY}"
    address = served.server_url.removeprefix("http://").split(":")
    # A raw socket: HTTP libraries normalise the path.
    with socket.create_connection((address[0], int(address[1])), timeout=10) as raw:
        raw.sendall(f"GET {url} HTTP/1.0\r\nhost: x\r\n\r\n".encode())
        received = b""
        while piece := raw.recv(65_536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    status = int(head.split(b" ")[1])
    assert status < 500
    assert b"SQLite" not in body
    assert b"root:" not in body
    check_is_up(web)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api"),
        ("FOO", "/api"),
        ("GET", "/none"),
        ("POST", "/socket.io/1/"),
        ("PUT", "/upload/..%2f..%2fx"),
        ("DELETE", "/component/get"),
    ],
)
def test_unknown_addresses_and_methods_are_answered_in_json(
    web: httpx.Client, method: str, path: str
) -> None:
    answer = web.request(method, path)
    assert 400 <= answer.status_code < 500
    assert isinstance(answer.json(), dict)


def test_a_full_disk_refuses_a_batch_whole(served: Emulator, web: httpx.Client) -> None:
    driver = served.storage._driver
    [(pages,)] = driver.execute("PRAGMA page_count")
    driver.execute(f"PRAGMA max_page_count = {pages}")
    rows = [
        create("ManagerType", id=f"m{number}", name="x" * 400) for number in range(100)
    ]
    answer = web.post("/api", json=rows)
    content = answer.json()
    assert content["exception"] == "InternalServerError"
    assert "disk is full" in content["content"]
    assert "INSERT" not in answer.text
    assert ".db" not in answer.text
    check_is_up(web)
    driver.execute("PRAGMA max_page_count = 1000000")
    assert web.post("/api", json=rows).status_code == 200
    found = web.post("/api", content=query('ManagerType where id is "m99"')).json()
    assert len(found[0]["data"]) == 1


def test_a_full_disk_refuses_an_upload(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: DiskIncoming, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/secret/place")

    made = create("FileComponent", id="c1", name="x", file_type=".bin")
    upload = {
        "action": "get_upload_metadata",
        "component_id": "c1",
        "file_name": "x.bin",
        "file_size": 10,
    }
    url = web.post("/api", json=[made, upload]).json()[1]["url"]
    monkeypatch.setattr(DiskIncoming, "write", fail)
    answer = web.put(url, content=b"x" * 10)
    assert answer.status_code == 507
    assert "No space left" in answer.json()["detail"]
    assert "secret" not in answer.text
    monkeypatch.undo()
    assert web.put(url, content=b"x" * 10).status_code == 200


def test_a_failure_of_the_emulator_shows_no_traceback_and_no_file(
    served: Emulator, web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any) -> None:
        raise OSError(errno.EIO, "Input/output error", "/secret/place")

    monkeypatch.setattr(type(served.storage), "transaction", fail)
    answer = web.post("/api", json=QUERY)
    assert answer.json()["exception"] == "InternalServerError"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    monkeypatch.undo()
    check_is_up(web)


def test_clients_that_send_slowly_hold_up_nobody(
    served: Emulator, web: httpx.Client
) -> None:
    address = served.server_url.removeprefix("http://").split(":")
    head = b"POST /api HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n[{"
    slow = [
        socket.create_connection((address[0], int(address[1])), timeout=10)
        for _ in range(50)
    ]
    for connection in slow:
        connection.sendall(head)
    for _ in range(5):
        check_is_up(web)
    for connection in slow:
        connection.close()
    check_is_up(web)


def test_sixteen_threads_read_and_write(served: Emulator, web: httpx.Client) -> None:
    project = create("Project", id="p", name="p", full_name="p")
    schema = web.post("/api", content=query("select id from ProjectSchema limit 1"))
    project["entity_data"]["project_schema_id"] = schema.json()[0]["data"][0]["id"]
    shots = [create("Shot", id=f"s{n}", name=f"s{n}", parent_id="p") for n in range(8)]
    assert web.post("/api", json=[project, *shots]).status_code == 200
    ready = threading.Barrier(16)

    def work(number: int) -> None:
        ready.wait(30)
        for turn in range(10):
            operations = QUERY
            if number < 8:
                name = f"t{number}-{turn}"
                operations = [
                    create("Task", id=name, name=name, parent_id=f"s{number}"),
                    update("Shot", f"s{number}", description=name),
                ]
            answer = web.post("/api", json=operations)
            assert isinstance(answer.json(), list), answer.text

    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(work, number) for number in range(16)]:
            done.result()
    rows = web.post("/api", content=query("select id from Task")).json()[0]["data"]
    assert len(rows) == 80
