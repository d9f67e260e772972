"""One request with the fault it meets, the same over HTTP and in process.

What comes out is an `Outcome`: the bytes that would arrive, and whether the
connection survives. The application acts it out on a socket, the in-process
transport as the errors a client's transport raises.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ftrack_orm.emulator import request_log
from ftrack_orm.emulator.dispatch import Dispatcher, Reply, read_operations
from ftrack_orm.emulator.faults import Fault, Faults

JSON_CONTENT: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reaches the client.

    Attributes:
        status: HTTP status.
        body: the whole answer.
        content_type: of the answer.
        retry_after: value of the ``Retry-After`` header, if there is one.
        delay: seconds before the answer begins.
        is_lost: the connection breaks before a single byte.
        keep: the connection breaks after so many bytes of the body.
        cookie: the token of a login that begins.
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
    """Takes requests, lets each meet the next fault, and has the rest carried out."""

    def __init__(self, dispatcher: Dispatcher, faults: Faults) -> None:
        self._dispatcher = dispatcher
        self._faults = faults

    def run(self, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Return what comes of a request.

        Args:
            body: as sent.
            headers: as sent, names in lower case.
        """
        if not request_log.is_enabled():
            return self._run(body, headers)
        started = time.perf_counter()
        outcome = self._run(body, headers)
        said = "no answer" if outcome.is_lost else str(outcome.status)
        seconds = time.perf_counter() - started
        request_log.log_request(body, headers, said, outcome.body, seconds)
        return outcome

    def _run(self, body: bytes, headers: Mapping[str, str]) -> Outcome:
        fault = self._faults.take()
        if fault is None:
            return _sent(self._dispatcher.handle(body, headers))
        if fault.kind == "drop_before":
            self._note(body, headers)
            return Outcome(is_lost=True)
        if fault.kind == "respond":
            self._note(body, headers)
            return Outcome(
                fault.status, fault.body, fault.content_type, fault.retry_after
            )
        answer = self._dispatcher.handle(body, headers, refusal=fault.refusal)
        return _met(fault, answer)

    def _note(self, body: bytes, headers: Mapping[str, str]) -> None:
        try:
            operations = read_operations(body)
        except ValueError:
            operations = []
        self._dispatcher.record(operations, headers)


def _sent(answer: Reply) -> Outcome:
    return Outcome(answer.status, answer.body, cookie=answer.cookie)


def _met(fault: Fault, answer: Reply) -> Outcome:
    """Return what becomes of an answer whose operations were carried out."""
    match fault.kind:
        case "drop_after":
            return Outcome(is_lost=True)
        case "delay":
            return Outcome(
                answer.status, answer.body, delay=fault.seconds, cookie=answer.cookie
            )
        case "truncate":
            return Outcome(answer.status, answer.body, keep=fault.keep)
        case "length" if isinstance(answer.content, list):
            results = answer.content
            if fault.difference < 0:
                results = results[: fault.difference]
            else:
                results = results + [{}] * fault.difference
            return Outcome(answer.status, json.dumps(results).encode())
        case _:
            return _sent(answer)
