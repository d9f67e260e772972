"""Transports that record exchanges, and that replay them without a server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ftrack_orm.errors.transport import TransportError
from ftrack_orm.types import HasConnections, Reply, Transport


class RecordedCall(NamedTuple):
    """One encoded batch and its reply, without headers and so without credentials."""

    body: bytes
    reply: Reply


class RecordingTransport:
    """Passes calls on to `inner` and records each one that got a reply in `calls`."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.calls: list[RecordedCall] = []

    @property
    def server_url(self) -> str:
        """Return the address of the inner transport."""
        return self.inner.server_url

    def call(
        self,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Return the inner transport's reply, and record it with `body`."""
        reply = self.inner.call(body, headers=headers, timeout=timeout)
        self.calls.append(RecordedCall(body, reply))
        return reply

    def drop_connections(self) -> None:
        """Close idle connections of the inner transport, if it has any."""
        if isinstance(self.inner, HasConnections):
            self.inner.drop_connections()

    def close(self) -> None:
        """Close the inner transport; the recorded calls stay."""
        self.inner.close()

    def __repr__(self) -> str:
        return f"RecordingTransport({self.inner!r}, {len(self.calls)} calls)"


class ReplayTransport:
    """Answers calls with recorded replies, in the order of their recording.

    A call must send the recorded JSON; white space and the order of an object's
    members do not matter.
    """

    def __init__(
        self,
        calls: Iterable[RecordedCall],
        *,
        server_url: str = "https://replay.invalid",
    ) -> None:
        self._calls = tuple(calls)
        self._position = 0
        self._server_url = server_url

    @property
    def server_url(self) -> str:
        """Return the address that errors name; nothing is sent there."""
        return self._server_url

    @property
    def remaining(self) -> int:
        """Return the number of recorded calls that were not replayed yet."""
        return len(self._calls) - self._position

    def call(
        self,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Return the next recorded reply.

        Raises:
            TransportError: `body` differs from the next recorded call, or none is left.
        """
        total = len(self._calls)
        if not self.remaining:
            raise TransportError(
                f"All {total} recorded exchanges were replayed before this one: "
                f"{_text(body)}. Record again.",
                server_url=self._server_url,
            )
        expected, reply = self._calls[self._position]
        if body != expected and json.loads(body) != json.loads(expected):
            raise self._difference(expected, body)
        self._position += 1
        return reply

    def _difference(self, expected: bytes, body: bytes) -> TransportError:
        return TransportError(
            f"Exchange {self._position + 1} of {len(self._calls)} was recorded with "
            f"{_text(expected)}, but {_text(body)} was sent. Record again, or correct "
            "the caller.",
            server_url=self._server_url,
        )

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def __repr__(self) -> str:
        return f"ReplayTransport({self.remaining} of {len(self._calls)} left)"


def _text(body: bytes) -> str:
    text = body.decode("utf-8", errors="replace")
    return text if len(text) <= 500 else text[:500] + "…"
