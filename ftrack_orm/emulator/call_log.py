"""What an emulator was asked: every operation in order, and how many requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ftrack_orm.types import JSONObject


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One request: its operations as sent, and who sent them."""

    operations: tuple[JSONObject, ...]
    api_user: str | None

    def __str__(self) -> str:
        shown = (_describe(operation) for operation in self.operations)
        return f"[{'; '.join(shown)}]"


class CallLog:
    """Every call an emulator received, oldest first.

    A call is noted when it arrives, so refused and dropped ones are in it too.
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
        """Add `call`."""
        with self._lock:
            self._calls.append(call)

    def clear(self) -> None:
        """Forget every call."""
        with self._lock:
            self._calls.clear()

    @contextmanager
    def expect_calls(self, count: int) -> Iterator[None]:
        """Fail unless exactly `count` requests arrive inside the block.

        Raises:
            AssertionError: more or fewer came; the text lists them.
        """
        before = len(self)
        yield
        received = self.calls[before:]
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
