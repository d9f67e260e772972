"""Transports for tests: one that passes calls on, one that answers, one unused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ftrack_orm.types import HasConnections, Reply, Transport


class PassingTransport:
    """Pass calls on to `inner`; a subclass changes the reply to one of them."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner

    @property
    def server_url(self) -> str:
        return self.inner.server_url

    def call(
        self,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Return what `reply_to` returns."""

        def send() -> Reply:
            return self.inner.call(body, headers=headers, timeout=timeout)

        return self.reply_to(body, send)

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        """Return the reply to `body`; `send` returns the reply of `inner`."""
        return send()

    def drop_connections(self) -> None:
        """Close idle connections of `inner`, if it keeps any."""
        if isinstance(self.inner, HasConnections):
            self.inner.drop_connections()

    def close(self) -> None:
        """Close `inner`."""
        self.inner.close()


class CuttingTransport(PassingTransport):
    """Cuts the results of queries to ten rows, as a server with a limit does."""

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        """Return the reply with fewer rows."""
        reply = send()
        results = json.loads(reply.body)
        for operation, result in zip(json.loads(body), results, strict=True):
            rows = result.get("data") if operation["action"] == "query" else None
            if rows and len(rows) > 10:
                found = re.search(r"offset (\d+)", operation["expression"])
                offset = int(found[1]) if found else 0
                result["data"] = rows[:10]
                result["metadata"] = {"next": {"offset": offset + 10}}
        return reply._replace(body=json.dumps(results).encode())


class AnsweringTransport:
    """Answer every call with the same JSON.

    Attributes:
        sent: every batch, decoded, in order.
    """

    server_url = "https://studio.example"

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.sent: list[Any] = []

    def call(self, body: bytes, **options: object) -> Reply:
        self.sent.append(json.loads(body))
        text = json.dumps(self.answer).encode()
        return Reply(self.server_url, 200, "application/json", text)

    def close(self) -> None:
        """Do nothing; there is no connection."""


class UnusedTransport:
    """Fail the test when anything is sent."""

    server_url = "https://studio.example"

    def call(self, body: bytes, **options: object) -> Reply:
        raise AssertionError(f"{body!r} was sent with {options}")

    def close(self) -> None:
        """Do nothing; there is no connection."""
