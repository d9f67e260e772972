"""Failures on demand: what networks, proxies and servers do to a request.

A test asks for a fault, and the next request meets it: over HTTP with a socket really
closed or a body really cut, in process with the error a client's transport raises.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ftrack_orm.emulator.errors import PermissionDenied, Refusal

FaultKind: TypeAlias = Literal[
    "drop_before", "drop_after", "delay", "respond", "truncate", "length", "refuse"
]

_GATEWAY_PAGE: Final = "<html><body><h1>Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request; only the facts of its kind are used.

    Attributes:
        kind: what happens.
        seconds: how long the answer is held back.
        status: HTTP status of an answer that takes the place of ours.
        body: that answer.
        content_type: of that answer.
        retry_after: value of its ``Retry-After`` header.
        keep: how many bytes of the answer arrive.
        difference: results too many (positive) or missing (negative).
        refusal: the error to answer with.
    """

    kind: FaultKind
    seconds: float = 0.0
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    retry_after: str | None = None
    keep: int = 0
    difference: int = 0
    refusal: Refusal | None = None


class Faults:
    """The faults that wait for the next requests, first asked first met.

    Each method takes `times`: how many requests in a row meet the fault.
    """

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self) -> Fault | None:
        """Return the fault of the request that arrives now, and forget it."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def clear(self) -> None:
        """Let every following request pass."""
        with self._lock:
            self._waiting.clear()

    def drop_before(self, times: int = 1) -> None:
        """Lose the request: the connection breaks and nothing is applied."""
        self._add(Fault("drop_before"), times)

    def drop_after(self, times: int = 1) -> None:
        """Lose the answer: all is applied, then the connection breaks."""
        self._add(Fault("drop_after"), times)

    def delay(self, seconds: float, times: int = 1) -> None:
        """Apply at once, answer after `seconds`."""
        self._add(Fault("delay", seconds=seconds), times)

    def status(
        self,
        status: int,
        body: str = '{"detail": "Injected by the emulator."}',
        *,
        retry_after: str | None = None,
        times: int = 1,
    ) -> None:
        """Answer with `status` and `body`; nothing is applied."""
        fault = Fault(
            "respond", status=status, body=body.encode(), retry_after=retry_after
        )
        self._add(fault, times)

    def html(
        self, body: str = _GATEWAY_PAGE, *, status: int = 502, times: int = 1
    ) -> None:
        """Answer with a page, as proxies and login services do; nothing is applied."""
        fault = Fault(
            "respond",
            status=status,
            body=body.encode(),
            content_type="text/html; charset=utf-8",
        )
        self._add(fault, times)

    def truncate(self, keep: int = 10, times: int = 1) -> None:
        """Apply, then break the connection after `keep` bytes of the answer."""
        self._add(Fault("truncate", keep=keep), times)

    def wrong_length(self, difference: int = -1, times: int = 1) -> None:
        """Apply, then answer with results missing (negative) or too many."""
        self._add(Fault("length", difference=difference), times)

    def deny_permission(
        self, content: str = "Permission denied.", times: int = 1
    ) -> None:
        """Refuse as a server does when the user's roles do not allow it."""
        self.refuse(PermissionDenied(content), times)

    def refuse(self, refusal: Refusal, times: int = 1) -> None:
        """Answer with the error object of `refusal`; nothing is applied."""
        self._add(Fault("refuse", refusal=refusal), times)

    def _add(self, fault: Fault, times: int) -> None:
        with self._lock:
            self._waiting.extend([fault] * times)
