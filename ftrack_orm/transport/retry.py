"""Decide whether a failed request is sent again, and wait before the next attempt.

The retries of `urllib3` do not suffice: they do not repeat a request whose reply breaks
off while its body is read, and have no deadline over all attempts and parts of a file.
"""

from __future__ import annotations

import random
import time
from typing import Final

from ftrack_orm.errors.transport import (
    ConnectionFailedError,
    ConnectionLostError,
    RequestCancelledError,
    RequestTimeoutError,
    ServerUnavailableError,
    TransportError,
    TruncatedResponseError,
    WrongAddressError,
)
from ftrack_orm.gc_pause import gc_resumed
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.types import Cancel

_TEMPORARY: Final = (
    ConnectionFailedError,
    ConnectionLostError,
    RequestTimeoutError,
    ServerUnavailableError,
    TruncatedResponseError,
)

_REJECTED_UNPROCESSED: Final = frozenset({429, 503})
"""HTTP statuses of a server that has not begun to process the request."""

_POLL_INTERVAL: Final = 0.05
"""Seconds between two checks for cancellation."""


@lazy_dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The number of attempts at a request, and the waits between them.

    Waits double from one attempt to the next. Each is shortened at random by up to
    half, so that many clients do not retry at the same moment. A longer wait requested
    by the server (``Retry-After``) replaces it.

    Attributes:
        attempts: the number of attempts in total; 1 means no retry.
        first_wait: seconds before the second attempt.
        longest_wait: the longest wait in seconds, unless the server requests more.
        deadline: seconds for all attempts and waits together; no attempt begins
            after it.
    """

    attempts: int = 5
    first_wait: float = 0.25
    longest_wait: float = 30.0
    deadline: float = 60.0

    def wait(self, failed: int, retry_after: float | None = None) -> float:
        """Return the seconds to wait after the attempt number `failed`, from 1."""
        longest = min(self.longest_wait, self.first_wait * 2.0 ** (failed - 1))
        backoff = longest * random.uniform(0.5, 1.0)  # noqa: S311 # no secret is made
        return backoff if retry_after is None else max(backoff, retry_after)


NO_RETRIES: Final = RetryPolicy(attempts=1)
"""A policy of a single attempt."""


class Attempts:
    """The attempts at one request, within the limits of its `RetryPolicy`."""

    def __init__(self, policy: RetryPolicy, cancel: Cancel | None = None) -> None:
        self._policy = policy
        self._cancel = cancel
        self._deadline = time.monotonic() + policy.deadline
        self._failed = 0

    def may_repeat(self, error: Exception) -> bool:
        """Wait and return true if the request may be sent again.

        Return false if the error is permanent, no attempt or time is left, or the
        caller has cancelled; only a cancellation can end a wait that has begun.
        """
        return is_temporary(error) and self.wait(getattr(error, "retry_after", None))

    def wait(self, retry_after: float | None = None) -> bool:
        """Wait before the next attempt and return true; return false if there is none.

        Args:
            retry_after: seconds that the server requests to wait, or ``None``.
        """
        self._failed += 1
        if self._failed >= self._policy.attempts:
            return False
        resume = time.monotonic() + self._policy.wait(self._failed, retry_after)
        if resume > self._deadline:
            return False
        while not self._is_cancelled:
            remaining = resume - time.monotonic()
            if remaining <= 0:
                return True
            with gc_resumed():
                time.sleep(
                    min(
                        remaining, remaining if self._cancel is None else _POLL_INTERVAL
                    )
                )
        return False

    @property
    def _is_cancelled(self) -> bool:
        return self._cancel is not None and self._cancel.is_set()


def is_temporary(error: Exception) -> bool:
    """Return whether another attempt may succeed after `error`."""
    if isinstance(error, ConnectionFailedError):
        return not error.is_permanent
    return isinstance(error, _TEMPORARY)


def was_not_applied(error: TransportError) -> bool:
    """Return whether the server certainly did not apply the request of `error`.

    True if nothing was sent, it was sent to a wrong address, or the server rejected it
    before processing.
    """
    if isinstance(error, ServerUnavailableError):
        return error.http_status in _REJECTED_UNPROCESSED
    if isinstance(error, RequestCancelledError):
        return not error.may_be_applied
    return isinstance(error, ConnectionFailedError | WrongAddressError)
