"""Log the requests that an emulator receives, with their operations."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ftrack_orm.types import JSONObject


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One request.

    Attributes:
        operations: the operations as received.
        api_user: the user name in the headers, or `None`.
    """

    operations: tuple[JSONObject, ...]
    api_user: str | None

    def __str__(self) -> str:
        lines = (_describe(operation) for operation in self.operations)
        return f"[{'; '.join(lines)}]"


class CallLog:
    """The calls that an emulator received, oldest first.

    A call is logged when it arrives, so the log includes refused and dropped ones.
    """

    def __init__(self) -> None:
        self._calls: list[LoggedCall] = []
        self._lock = threading.Lock()

    @property
    def calls(self) -> tuple[LoggedCall, ...]:
        """Return every call so far."""
        with self._lock:
            return tuple(self._calls)

    @property
    def operations(self) -> list[JSONObject]:
        """Return the operations of all calls, in order of arrival."""
        return [operation for call in self.calls for operation in call.operations]

    def __len__(self) -> int:
        return len(self._calls)

    def record(self, call: LoggedCall) -> None:
        """Add a call."""
        with self._lock:
            self._calls.append(call)

    def clear(self) -> None:
        """Remove every call."""
        with self._lock:
            self._calls.clear()

    @contextmanager
    def expect_calls(self, count: int) -> Iterator[None]:
        """Fail unless exactly `count` requests arrive inside the block.

        Raises:
            AssertionError: more or fewer requests arrived; the message lists them.
        """
        calls_before = len(self)
        yield
        received = self.calls[calls_before:]
        if len(received) != count:
            lines = "".join(
                f"\n  {number}. {call}" for number, call in enumerate(received, 1)
            )
            raise AssertionError(
                f"Expected {count} calls, the emulator received {len(received)}:"
                f"{lines or ' none'}"
            )


def _describe(operation: JSONObject) -> str:
    action = operation.get("action")
    if action in ("query", "search"):
        return f"{action} {operation.get('expression')}"
    parts = [str(action)]
    if operation.get("entity_type"):
        parts.append(str(operation["entity_type"]))
    if operation.get("entity_key"):
        parts.append(str(operation["entity_key"]))
    return " ".join(parts)
