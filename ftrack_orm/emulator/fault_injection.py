"""Apply faults to API requests, the same way over HTTP and in process.

The result is an `Outcome`: the bytes of the response, and whether and when the
connection breaks. `asgi` does that to the socket, the in-process transport raises the
errors of the HTTP transport.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ftrack_orm.emulator import request_log
from ftrack_orm.emulator.dispatch import Dispatcher, Reply, read_operations
from ftrack_orm.emulator.errors import Refusal
from ftrack_orm.emulator.faults import Fault, Faults

JSON_CONTENT: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The response to a request, and the failure of its connection.

    Attributes:
        status: HTTP status.
        body: the whole body.
        content_type: content type of the body.
        retry_after: value of the ``Retry-After`` header, or ``None``.
        delay: seconds before the response begins.
        is_lost: the connection breaks before the first byte.
        keep: the connection breaks after this number of bytes of the body.
        cookie: token of a new login, or ``None``.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = JSON_CONTENT
    retry_after: str | None = None
    delay: float = 0.0
    is_lost: bool = False
    keep: int | None = None
    cookie: str | None = None


class FaultInjector:
    """Applies the next fault to each request and passes others to the dispatcher."""

    def __init__(self, dispatcher: Dispatcher, faults: Faults) -> None:
        self._dispatcher = dispatcher
        self._faults = faults

    @property
    def max_body(self) -> int:
        """Return the bytes of the longest body that is not refused."""
        return self._dispatcher.max_body

    def run(self, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Return the outcome of a request, and log it.

        Args:
            body: body of the request.
            headers: headers of the request, names in lower case.
        """
        # Decoding the body for the log takes time, so it is done only if needed.
        if not request_log.is_enabled():
            return self._run(body, headers)
        started = time.perf_counter()
        outcome = self._run(body, headers)
        status = "no response" if outcome.is_lost else str(outcome.status)
        seconds = time.perf_counter() - started
        request_log.log_request(body, headers, status, outcome.body, seconds)
        return outcome

    def _run(self, body: bytes, headers: Mapping[str, str]) -> Outcome:
        fault = self._faults.take()
        if fault is None:
            return _outcome(self._handle(body, headers))
        if fault.kind == "drop_before":
            self._record(body, headers)
            return Outcome(is_lost=True)
        if fault.kind == "respond":
            self._record(body, headers)
            return Outcome(
                fault.status, fault.body, fault.content_type, fault.retry_after
            )
        if (
            fault.kind == "call_before"
            and fault.function is not None
            and fault.function() is False
        ):
            self._record(body, headers)
            return Outcome(is_lost=True)
        response = self._handle(body, headers, fault.refusal)
        if fault.kind == "call_after" and fault.function is not None:
            fault.function()
        return _outcome_with_fault(fault, response)

    def _handle(
        self, body: bytes, headers: Mapping[str, str], refusal: Refusal | None = None
    ) -> Reply:
        return self._dispatcher.handle(
            body, headers, refusal=refusal, deviations=self._faults.deviations
        )

    def _record(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Add a request that the dispatcher does not handle to the call log."""
        try:
            operations = read_operations(body)
        except ValueError:
            operations = []
        self._dispatcher.record(operations, headers, len(body))


def _outcome(response: Reply) -> Outcome:
    return Outcome(response.status, response.body, cookie=response.cookie)


def _outcome_with_fault(fault: Fault, response: Reply) -> Outcome:
    """Return the outcome of a request that was applied before the fault."""
    match fault.kind:
        case "drop_after":
            return Outcome(is_lost=True)
        case "delay":
            return replace(_outcome(response), delay=fault.seconds)
        case "truncate":
            return Outcome(response.status, response.body, keep=fault.keep)
        case "length" if isinstance(response.content, list):
            results = response.content
            if fault.difference < 0:
                results = results[: fault.difference]
            else:
                results = results + [{}] * fault.difference
            return Outcome(response.status, json.dumps(results).encode())
        case _:
            return _outcome(response)
