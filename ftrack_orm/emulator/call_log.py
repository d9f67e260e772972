"""Log the requests that an emulator receives, with their operations."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from ftrack_orm.types import JSONObject

MAX_LOGGED_CALLS: Final = 10_000
MAX_LOGGED_BYTES: Final = 16 * 1024 * 1024


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

    A call is logged when it arrives, so the log includes refused and dropped ones. The
    oldest calls are removed when there are too many, or when their bodies have too many
    bytes; the last call always stays.
    """

    def __init__(
        self, max_calls: int = MAX_LOGGED_CALLS, max_bytes: int = MAX_LOGGED_BYTES
    ) -> None:
        """Create an empty log.

        Args:
            max_calls: number of calls to keep.
            max_bytes: bytes of all bodies to keep; the parsed operations need several
                times the memory.
        """
        self._max_calls = max_calls
        self._max_bytes = max_bytes
        self._calls: deque[tuple[LoggedCall, int]] = deque()
        self._bytes = 0
        self._total = 0
        self._lock = threading.Lock()

    @property
    def calls(self) -> tuple[LoggedCall, ...]:
        """Return the calls so far, without those that were removed."""
        with self._lock:
            return tuple(call for call, _ in self._calls)

    @property
    def operations(self) -> list[JSONObject]:
        """Return the operations of all calls, in order of arrival."""
        return [operation for call in self.calls for operation in call.operations]

    @property
    def total(self) -> int:
        """Return the number of calls so far, with those that were removed."""
        return self._total

    def __len__(self) -> int:
        return len(self._calls)

    def record(self, call: LoggedCall, size: int = 0) -> None:
        """Add a call whose body has `size` bytes."""
        with self._lock:
            self._total += 1
            self._bytes += size
            self._calls.append((call, size))
            while len(self._calls) > 1 and (
                len(self._calls) > self._max_calls or self._bytes > self._max_bytes
            ):
                _, removed_size = self._calls.popleft()
                self._bytes -= removed_size

    def clear(self) -> None:
        """Remove every call."""
        with self._lock:
            self._calls.clear()
            self._bytes = 0

    @contextmanager
    def expect_calls(self, count: int) -> Iterator[None]:
        """Fail unless exactly `count` requests arrive inside the block.

        Raises:
            AssertionError: more or fewer requests arrived; the message lists them.
        """
        total_before = self._total
        yield
        received = self._total - total_before
        if received != count:
            calls = self.calls[-received:] if received else ()
            # The first calls may have been removed from the log.
            numbers = range(received - len(calls) + 1, received + 1)
            lines = "".join(
                f"\n  {number}. {call}"
                for number, call in zip(numbers, calls, strict=True)
            )
            raise AssertionError(
                f"Expected {count} calls, the emulator received {received}:"
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
