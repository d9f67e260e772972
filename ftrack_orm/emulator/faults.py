"""Failures of networks, proxies and servers, queued by tests for the next requests.

Over HTTP a fault closes the socket or cuts the body. In process it raises the error
that the HTTP transport would raise.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ftrack_orm.emulator.deviations import Deviations
from ftrack_orm.emulator.errors import PermissionDenied, Refusal

FaultKind: TypeAlias = Literal[
    "drop_before",
    "drop_after",
    "call_before",
    "call_after",
    "delay",
    "respond",
    "truncate",
    "length",
    "refuse",
]

_GATEWAY_PAGE: Final = "<html><body><h1>Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure of one request. Each kind uses some of the attributes.

    Attributes:
        kind: the kind of failure.
        seconds: delay of the response, for ``delay``.
        status: HTTP status of the injected response, for ``respond``.
        body: body of the injected response.
        content_type: content type of the injected response.
        retry_after: ``Retry-After`` header of the injected response.
        keep: number of bytes sent before the connection breaks, for ``truncate``.
        difference: number of additional (positive) or missing (negative) results, for
            ``length``.
        refusal: the error in the response, for ``refuse``.
        function: called with no arguments, for ``call_before`` and ``call_after``.
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
    function: Callable[[], object] | None = None


class Faults:
    """A queue of faults for the next requests.

    Each method has a parameter `times`: the number of requests that get the fault.

    Attributes:
        deviations: differences from a recorded server, for all requests.
    """

    def __init__(self) -> None:
        self.deviations = Deviations()
        self._queue: deque[Fault] = deque()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._queue)

    def take(self) -> Fault | None:
        """Remove and return the next fault, ``None`` without one."""
        with self._lock:
            return self._queue.popleft() if self._queue else None

    def clear(self) -> None:
        """Remove all faults; deviations stay."""
        with self._lock:
            self._queue.clear()

    def drop_before(self, times: int = 1) -> None:
        """Break the connection before the request is applied."""
        self._add(Fault("drop_before"), times)

    def drop_after(self, times: int = 1) -> None:
        """Apply the request, then break the connection without a response."""
        self._add(Fault("drop_after"), times)

    def pass_on(self, times: int = 1) -> None:
        """Handle the request without a fault, before those queued later."""
        self._add(Fault("delay"), times)

    def call_before(self, function: Callable[[], object], times: int = 1) -> None:
        """Call `function`, then apply the request and respond.

        A test may change rows in it, or kill the client. When it returns false the
        connection breaks, and the request is not applied.
        """
        self._add(Fault("call_before", function=function), times)

    def call_after(self, function: Callable[[], object], times: int = 1) -> None:
        """Apply the request, call `function`, then respond."""
        self._add(Fault("call_after", function=function), times)

    def delay(self, seconds: float, times: int = 1) -> None:
        """Apply the request at once and respond after `seconds`."""
        self._add(Fault("delay", seconds=seconds), times)

    def status(
        self,
        status: int,
        body: str = '{"detail": "Injected by the emulator."}',
        *,
        retry_after: str | None = None,
        times: int = 1,
    ) -> None:
        """Respond with `status` and `body`; the request is not applied."""
        fault = Fault(
            "respond", status=status, body=body.encode(), retry_after=retry_after
        )
        self._add(fault, times)

    def html(
        self, body: str = _GATEWAY_PAGE, *, status: int = 502, times: int = 1
    ) -> None:
        """Respond with an HTML page, as proxies do; the request is not applied."""
        fault = Fault(
            "respond",
            status=status,
            body=body.encode(),
            content_type="text/html; charset=utf-8",
        )
        self._add(fault, times)

    def truncate(self, keep: int = 10, times: int = 1) -> None:
        """Apply the request, then break the connection after `keep` bytes."""
        self._add(Fault("truncate", keep=keep), times)

    def wrong_length(self, difference: int = -1, times: int = 1) -> None:
        """Apply the request, then respond with missing or additional results.

        Args:
            difference: number of missing (negative) or additional (positive) results.
            times: number of requests.
        """
        self._add(Fault("length", difference=difference), times)

    def deny_permission(
        self, content: str = "Permission denied.", times: int = 1
    ) -> None:
        """Refuse the request as for a user without the required role."""
        self.refuse(PermissionDenied(content), times)

    def refuse(self, refusal: Refusal, times: int = 1) -> None:
        """Respond with the error object of `refusal`; the request is not applied."""
        self._add(Fault("refuse", refusal=refusal), times)

    def _add(self, fault: Fault, times: int) -> None:
        with self._lock:
            self._queue.extend([fault] * times)
