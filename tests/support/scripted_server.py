"""A server that answers with the bytes that a test gives it, well-formed or not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import parse_headers
from io import BufferedReader
from typing import TypeAlias

API_KEY = "7f3c-secret/key+that=nobody&may=see"


@dataclass(frozen=True)
class Request:
    """What arrived, as the server read it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answer: TypeAlias = Callable[[Request], bytes | None]
"""The bytes to send before closing; None closes without an answer."""


@dataclass
class ScriptedServer:
    """Answers each connection's one request as `answer` says, then hangs up."""

    answer: Answer = field(default=lambda request: page(b"[]"))
    requests: list[Request] = field(default_factory=list)
    listener: socket.socket = field(
        default_factory=lambda: socket.create_server(("127.0.0.1", 0))
    )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:  # closed: the test is over
                return
            with connection, connection.makefile("rb") as incoming:
                request = read_request(incoming)
                if request is None:
                    continue
                self.requests.append(request)
                reply = self.answer(request)
                if reply is not None:
                    connection.sendall(reply)

    def stop(self) -> None:
        # shutdown wakes the accept that waits in the other thread; close alone
        # does not.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def read_request(incoming: BufferedReader) -> Request | None:
    line = incoming.readline().decode("ascii").split()
    if not line:
        return None
    headers = {name.lower(): value for name, value in parse_headers(incoming).items()}
    body = incoming.read(int(headers.get("content-length", "0")))
    return Request(line[0], line[1], headers, body)


def page(
    body: bytes,
    status: str = "200 OK",
    content_type: str = "application/json",
    *,
    length: int | None = None,
    extra: str = "",
) -> bytes:
    """Return an HTTP answer; `length` is announced instead of the true one."""
    announced = len(body) if length is None else length
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {announced}\r\nConnection: close\r\n{extra}\r\n"
    )
    return head.encode("ascii") + body


@contextmanager
def serving() -> Iterator[ScriptedServer]:
    """Yield a server that accepts connections in another thread."""
    server = ScriptedServer()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield server
    server.stop()
    thread.join()
