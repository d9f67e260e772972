"""Clients that work and clients that misbehave, at the same time."""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from resource import RLIMIT_NOFILE, getrlimit
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import VFX, create, update
from tests.support.event_socket import RawClient, an_event, open_socket
from tests.support.schemas import recorded

LIMIT: Final = 200_000
SECONDS: Final = 4
WRITERS: Final = 8
READERS: Final = 8
CONNECTIONS: Final = min(1_200, (getrlimit(RLIMIT_NOFILE)[0] - 400) // 2)
"""Open connections, as far as this process may open files for both of their ends."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator on disk that accepts short requests and logs few."""
    with Emulator(
        schema=recorded(),
        database=tmp_path / "emulator.db",
        max_body=LIMIT,
        max_logged_calls=50,
    ) as started:
        yield started


def client_of(served: Emulator) -> httpx.Client:
    headers = {"ftrack-user": "admin", "ftrack-api-key": "emulator-admin-key"}
    return httpx.Client(base_url=served.server_url, headers=headers, timeout=60)


class Work:
    """What the clients do until the time is over, and what they were answered."""

    def __init__(self, served: Emulator) -> None:
        self.served = served
        self.ready = threading.Barrier(WRITERS + READERS + len(ABUSES))
        self.end = threading.Event()
        self.written: list[str] = []

    def write(self, number: int) -> None:
        """Create tasks, each with an update of its shot in the same request."""
        with client_of(self.served) as web:
            self.ready.wait(60)
            for turn in itertools.count():
                if self.end.is_set() and turn:
                    return
                name = f"t{number}-{turn}"
                answer = web.post(
                    "/api",
                    json=[
                        create("Task", id=name, name=name, parent_id=f"s{number}"),
                        update("Shot", f"s{number}", description=name),
                    ],
                )
                assert isinstance(answer.json(), list), answer.text
                self.written.append(name)

    def read(self, number: int) -> None:
        """Read shots with their tasks: a description names the last task of all."""
        expression = "select description, children.name from Shot where id is s{}"
        with client_of(self.served) as web:
            self.ready.wait(60)
            for turn in itertools.count():
                if self.end.is_set() and turn:
                    return
                answer = web.post(
                    "/api",
                    json=[{"action": "query", "expression": expression.format(number)}],
                )
                [shot] = answer.json()[0]["data"]
                names = {child["name"] for child in shot["children"]}
                assert not shot["description"] or shot["description"] in names

    def abuse(self, misbehave: Callable[[Emulator, httpx.Client], None]) -> None:
        with client_of(self.served) as web:
            self.ready.wait(60)
            for turn in itertools.count():
                if self.end.is_set() and turn:
                    return
                misbehave(self.served, web)


def check_refused(answer: httpx.Response) -> None:
    """Check that an answer is an error in JSON without anything of the emulator."""
    content = answer.json()
    assert isinstance(content, dict)
    assert {"exception", "detail"} & set(content)
    assert content.get("exception") != "InternalServerError"
    for secret in ("Traceback", ".py", "emulator.db"):
        assert secret not in answer.text


def send_too_much(_served: Emulator, web: httpx.Client) -> None:
    answer = web.post("/api", content=b" " * (LIMIT + 1))
    assert answer.status_code == 413
    check_refused(answer)


def send_deep_json(_served: Emulator, web: httpx.Client) -> None:
    check_refused(web.post("/api", content=b"[" * 50_000 + b"]" * 50_000))


def send_long_queries(_served: Emulator, web: httpx.Client) -> None:
    expression = "Task where " + " or ".join(["name is x"] * 10_000)
    query = [{"action": "query", "expression": expression}]
    check_refused(web.post("/api", json=query))


def send_no_text(_served: Emulator, web: httpx.Client) -> None:
    for body in (b"\xff\xfe[]", b'["\xed\xa0\x80"]', b'[{"action": "\\ud800"}]'):
        check_refused(web.post("/api", content=body))


def ask_elsewhere(_served: Emulator, web: httpx.Client) -> None:
    for method, path in (
        ("FOO", "/api"),
        ("GET", "/..%2f..%2femulator.db"),
        ("GET", "/component/get?id=..%2f..%2femulator.db&username=admin"),
        ("PUT", "/upload/..%2femulator.db"),
    ):
        answer = web.request(method, path)
        assert 400 <= answer.status_code < 500
        check_refused(answer)


def hang_up_early(served: Emulator, _web: httpx.Client) -> None:
    """Send half a request slowly, then break the connection."""
    address = urlsplit(served.server_url)
    assert address.hostname
    assert address.port
    with socket.create_connection((address.hostname, address.port), 10) as raw:
        head = b"POST /api HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n"
        for byte in head:
            raw.sendall(bytes([byte]))
        raw.sendall(b'[{"action": ')
        time.sleep(0.05)


ABUSES: Final = (
    send_too_much,
    send_deep_json,
    send_long_queries,
    send_no_text,
    ask_elsewhere,
    hang_up_early,
)


def test_work_goes_on_while_others_misbehave(
    served: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    with client_of(served) as web:
        project = create(
            "Project", id="p", name="p", full_name="p", project_schema_id=VFX
        )
        shots = [
            create("Shot", id=f"s{n}", name=f"s{n}", parent_id="p", description="")
            for n in range(WRITERS)
        ]
        assert web.post("/api", json=[project, *shots]).status_code == 200
    work = Work(served)
    with ThreadPoolExecutor(WRITERS + READERS + len(ABUSES)) as pool:
        running = [
            *(pool.submit(work.write, number) for number in range(WRITERS)),
            *(pool.submit(work.read, number % WRITERS) for number in range(READERS)),
            *(pool.submit(work.abuse, misbehave) for misbehave in ABUSES),
        ]
        work.end.wait(SECONDS)
        work.end.set()
        for each in running:
            each.result(120)
    with client_of(served) as web:
        query = [{"action": "query", "expression": "select name from Task"}]
        [result] = web.post("/api", json=query).json()
    assert sorted(row["name"] for row in result["data"]) == sorted(work.written)
    assert len(served.calls) <= 50
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []


def silent_sockets(served: Emulator, number: int) -> Iterator[Any]:
    """Yield connections to the event hub that read nothing, not even heartbeats."""
    with client_of(served) as web:
        for _ in range(number):
            session_id = web.get("/socket.io/1/").text.partition(":")[0]
            yield open_socket(served.server_url, session_id)


@pytest.mark.slow
def test_many_connections_of_the_hub_stall_nobody(served: Emulator) -> None:
    hub = served.event_hub
    with ExitStack() as stack:
        for connection in silent_sockets(served, CONNECTIONS):
            stack.callback(connection.sock.close)
        listening = RawClient(served)
        stack.callback(listening.vanish)
        listening.subscribe("topic=studio.*")
        hub.wait_until(lambda: len(hub.router.connections) == CONNECTIONS + 1)
        with client_of(served) as web:
            for number in range(20):
                said = listening.acknowledged(an_event("studio.a", {"n": number}))
                assert said == {"success": True}
                query = [{"action": "query", "expression": "select id from User"}]
                assert web.post("/api", json=query).json()[0]["data"]
    hub.wait_until(lambda: not hub.router.connections)


def test_connections_in_process_are_as_many_as_needed() -> None:
    with Emulator(schema=recorded()) as emulator:
        hub = emulator.event_hub
        received: list[str] = []
        connections = [hub.connect() for _ in range(1_200)]
        for connection in connections:
            connection.subscribe(
                "topic=studio.all", lambda event: received.append(event.topic)
            )
        assert connections[0].publish({"topic": "studio.all"})
        for connection in connections:
            connection.wait()
        assert len(received) == 1_200
        reply = emulator.transport().call(
            json.dumps([{"action": "query", "expression": "User"}]).encode()
        )
        assert reply.status == 200
