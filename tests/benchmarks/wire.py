"""Recording, replaying and counting below both clients, where `requests` sends.

Both clients send through `requests`, so both can be measured without the server: the
replies of one run are kept and played again, in the same order.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse


class Recording:
    """The replies of one run in order, and the time that was spent on carrying them.

    Attributes:
        bodies: one for each request.
        waited: seconds of computing between sending and having the whole reply.
    """

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.waited = 0.0

    def __len__(self) -> int:
        return len(self.bodies)

    @property
    def size(self) -> int:
        """Return how many bytes all replies have together."""
        return sum(map(len, self.bodies))


@contextmanager
def recording() -> Iterator[Recording]:
    """Keep every reply that arrives in the block."""
    kept = Recording()
    send = HTTPAdapter.send

    def record(
        adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        started = time.process_time()
        response = send(adapter, request, **{**options, "stream": True})
        body: bytes = response.raw.read(decode_content=True)
        kept.waited += time.process_time() - started
        kept.bodies.append(body)
        response.raw.release_conn()
        return _answer(adapter, request, body)

    with patch.object(HTTPAdapter, "send", record):
        yield kept


@contextmanager
def replaying(recorded: Recording) -> Iterator[None]:
    """Answer every request in the block with the next recorded reply."""
    bodies = iter(recorded.bodies)

    def replay(
        adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        del options
        return _answer(adapter, request, next(bodies))

    with patch.object(HTTPAdapter, "send", replay):
        yield


def _answer(
    adapter: HTTPAdapter, request: requests.PreparedRequest, body: bytes
) -> requests.Response:
    raw = HTTPResponse(
        io.BytesIO(body),
        headers={
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        },
        status=200,
        preload_content=False,
    )
    return adapter.build_response(request, raw)


def receive(recorded: Recording, decode: Callable[[bytes], Any]) -> list[Any]:
    """Receive and decode every recorded reply: what no client can be faster than."""
    http = requests.Session()
    decoded = []
    with replaying(recorded):
        for _ in recorded.bodies:
            response = http.post("http://replay.invalid/api", data=b"", stream=True)
            decoded.append(decode(response.raw.read(decode_content=True)))
    return decoded
