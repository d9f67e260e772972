"""A transport between a session and an emulator that fails on demand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal, TypeAlias

from ftrack_orm import ConnectionLostError
from ftrack_orm.types import Reply, Transport
from tests.support.transports import PassingTransport

Fault: TypeAlias = Literal[
    "lost before", "lost after", "garbage", "duplicate", "refused", "interrupted"
]
"""The kinds of faults: every one but the first and "refused" applies the request."""

FAULTS: tuple[Fault, ...] = (
    "lost before",
    "lost after",
    "garbage",
    "duplicate",
    "refused",
    "interrupted",
)

_REFUSAL = b'{"exception": "ServerError", "content": "Refused.", "error_code": null}'


class FaultyTransport(PassingTransport):
    """Pass requests on; the next ones meet the queued faults.

    Attributes:
        faults: one for each of the next requests; ``None`` lets a request pass.
        bodies: every request, in order.
    """

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self._last: Reply | None = None
        self.faults: deque[Fault | None] = deque()
        self.bodies: list[bytes] = []

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        """Return the reply of the inner transport, or meet the next fault."""
        self.bodies.append(body)
        fault = self.faults.popleft() if self.faults else None
        if fault == "lost before":
            raise ConnectionLostError(self.server_url, "lost before it arrived")
        if fault == "refused":
            return Reply(self.server_url, 200, "application/json", _REFUSAL)
        reply = send()
        last, self._last = self._last, reply
        if fault == "lost after":
            raise ConnectionLostError(self.server_url, "lost after it arrived")
        if fault == "interrupted":
            raise KeyboardInterrupt
        if fault == "garbage":
            return Reply(self.server_url, 200, "application/json", b"[{")
        if fault == "duplicate" and last is not None:
            return last
        return reply

    def drop_connections(self) -> None:
        """Forget the last reply: no copy of it arrives on a new connection."""
        self._last = None
