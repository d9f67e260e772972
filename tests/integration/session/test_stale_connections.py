"""A connection on which anything unexpected arrived is not used again."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.client import parse_headers
from typing import Any

import pytest

from ftrack_orm import (
    NO_RETRIES,
    ConnectionLostError,
    FtrackError,
    OutcomeUnknownError,
    ReplyMismatchError,
    RequestTimeoutError,
    Session,
    TruncatedResponseError,
)
from ftrack_orm.operations import Delete, Query, SendUserInvite
from ftrack_orm.transport.http import RequestsTransport
from ftrack_orm.types import HasConnections

Sender = Callable[[socket.socket, bytes], None]
"""Sends an answer, in a way of its own."""


def whole(connection: socket.socket, answer: bytes) -> None:
    connection.sendall(answer)


def twice_at_once(connection: socket.socket, answer: bytes) -> None:
    connection.sendall(answer + answer)


def twice(connection: socket.socket, answer: bytes) -> None:
    connection.sendall(answer)
    time.sleep(0.05)
    connection.sendall(answer)


def with_surplus(connection: socket.socket, answer: bytes) -> None:
    connection.sendall(answer + b"\n")


def half(connection: socket.socket, answer: bytes) -> None:
    connection.sendall(answer[:-5])
    connection.shutdown(socket.SHUT_WR)


def nothing(connection: socket.socket, answer: bytes) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def late(connection: socket.socket, answer: bytes) -> None:
    time.sleep(0.4)
    connection.sendall(answer)


class KeepingServer:
    """Keeps connections open; sends each answer as the next of `senders` does.

    Attributes:
        senders: how the next answers are sent; whole when there is none left.
        repeated: an answer to send before that to the next request on its connection.
        requests: the number of its connection and the actions of each request.
    """

    def __init__(self) -> None:
        self.senders: list[Sender] = []
        self.repeated: bytes | None = None
        self.requests: list[tuple[int, list[str]]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def used(self) -> list[int]:
        """Return which connection each request came on."""
        return [number for number, _ in self.requests]

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.append(connection)
            number = len(self._connections) - 1
            threading.Thread(
                target=self._serve, args=(connection, number), daemon=True
            ).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            with connection.makefile("rb") as incoming:
                while incoming.readline():
                    headers = parse_headers(incoming)
                    body = incoming.read(int(headers["content-length"]))
                    self._answer(connection, number, json.loads(body))
        except (OSError, ValueError):
            return

    def _answer(
        self, connection: socket.socket, number: int, batch: list[dict[str, Any]]
    ) -> None:
        self.requests.append((number, [operation["action"] for operation in batch]))
        repeated, self.repeated = self.repeated, None
        if repeated is not None:
            connection.sendall(repeated)
            return
        answer = page([result_of(operation) for operation in batch])
        send = self.senders.pop(0) if self.senders else whole
        send(connection, answer)


def result_of(operation: dict[str, Any]) -> dict[str, Any]:
    match operation["action"]:
        case "query":
            row = {"__entity_type__": operation["expression"], "id": "1"}
            return {"action": "query", "data": [row]}
        case "delete":
            return {"action": "delete", "data": True}
        case _:
            return {"sent": True}


def page(results: Any) -> bytes:
    body = json.dumps(results).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Content-Type: application/json\r\n\r\n".encode() + body


@pytest.fixture
def server() -> Iterator[KeepingServer]:
    made = KeepingServer()
    yield made
    made.stop()


@pytest.fixture
def session(server: KeepingServer) -> Iterator[Session]:
    with Session(
        server.url,
        "jane",
        "key",
        check_schema="ignore",
        retry=NO_RETRIES,
        timeout=0.3,
    ) as made:
        yield made


def test_a_connection_is_used_again_as_long_as_all_is_well(
    server: KeepingServer, session: Session
) -> None:
    for _ in range(3):
        session.call([Query("Status")])

    assert server.used == [0, 0, 0]


@pytest.mark.parametrize("send", [twice_at_once, twice, with_surplus])
def test_after_surplus_bytes_the_next_request_opens_a_connection(
    server: KeepingServer, session: Session, send: Sender
) -> None:
    server.senders = [send]

    session.call([Query("Status")])
    time.sleep(0.1)
    [answer] = session.call([Query("Type")])

    assert server.used == [0, 1]
    assert answer.data[0].entity_type == "Type"


@pytest.mark.parametrize(
    ("send", "expected"),
    [
        (half, TruncatedResponseError),
        (nothing, ConnectionLostError),
        (late, RequestTimeoutError),
    ],
)
def test_after_an_answer_that_was_lost_the_next_request_opens_a_connection(
    server: KeepingServer,
    session: Session,
    send: Sender,
    expected: type[FtrackError],
) -> None:
    server.senders = [send]

    with pytest.raises(expected):
        session.call([Query("Status")])
    [answer] = session.call([Query("Type")])

    assert server.used == [0, 1]
    assert answer.data[0].entity_type == "Type"


def test_a_copy_that_comes_for_the_next_request_is_refused(
    server: KeepingServer, session: Session
) -> None:
    session.call([Query("Status")])
    server.repeated = page([result_of({"action": "query", "expression": "Status"})])

    with pytest.raises(ReplyMismatchError):
        session.call([Query("Type")])
    session.call([Query("Type")])

    assert server.used == [0, 0, 1]


@pytest.mark.parametrize(
    "operation", [Delete("Task", ("1",)), SendUserInvite("1")], ids=lambda o: o.action
)
def test_an_answer_that_names_nothing_never_follows_its_like_on_a_connection(
    server: KeepingServer, session: Session, operation: Delete | SendUserInvite
) -> None:
    session.call([operation])
    session.call([operation])
    session.call([Query("Status")])
    session.call([operation])

    assert server.used == [0, 1, 1, 1]


def test_an_invitation_with_the_answer_of_a_query_is_of_unknown_outcome(
    server: KeepingServer, session: Session
) -> None:
    session.call([Query("Status")])
    server.repeated = page([result_of({"action": "query", "expression": "Status"})])

    with pytest.raises(OutcomeUnknownError):
        session.call([SendUserInvite("1")])

    session.call([Query("Status")])
    assert server.used == [0, 0, 1]


def test_dropping_connections_keeps_the_cookies_and_nothing_else(
    server: KeepingServer,
) -> None:
    transport = RequestsTransport(server.url, "jane", "key")
    assert isinstance(transport, HasConnections)
    transport.drop_connections()  # there are none yet

    transport.call(b'[{"action": "query", "expression": "Status"}]')
    transport.drop_connections()
    transport.call(b'[{"action": "query", "expression": "Status"}]')
    transport.close()

    assert server.used == [0, 1]
