"""What a failure means: whether it was for nothing, and what to do next.

`urllib3` can repeat requests, but neither a reply that breaks off while it is read,
nor within one deadline for all attempts, nor part by part of a file.
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

_TURNED_AWAY: Final = frozenset({429, 503})
"""HTTP statuses of servers that have not begun with a request."""

_LOOK: Final = 0.05
"""Seconds between two looks at whether the caller has cancelled."""


@lazy_dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and how long, something is tried again.

    Waits double from one attempt to the next, each shortened at random by up to half,
    so that many clients do not come back at once. A wait that the server asks for
    (``Retry-After``) takes its place when it is longer.

    Attributes:
        attempts: how often in all; 1 never repeats.
        first_wait: seconds before the second attempt.
        longest_wait: seconds no wait of our own exceeds.
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
        own = longest * random.uniform(0.5, 1.0)  # noqa: S311 # no secret is made
        return own if retry_after is None else max(own, retry_after)


NO_RETRIES: Final = RetryPolicy(attempts=1)
"""Everything is tried once."""


class Attempts:
    """The attempts at one thing, as its `RetryPolicy` allows them."""

    def __init__(self, policy: RetryPolicy, cancel: Cancel | None = None) -> None:
        self._policy = policy
        self._cancel = cancel
        self._ends = time.monotonic() + policy.deadline
        self._failed = 0

    def may_repeat(self, error: Exception) -> bool:
        """Wait, and return true, when what failed is to be tried again.

        False, without a wait, when the error is permanent, no attempt or time is
        left, or the caller has cancelled.
        """
        return is_temporary(error) and self.wait(getattr(error, "retry_after", None))

    def wait(self, retry_after: float | None = None) -> bool:
        """Wait for the next attempt; return false when there is none."""
        self._failed += 1
        if self._failed >= self._policy.attempts:
            return False
        resume = time.monotonic() + self._policy.wait(self._failed, retry_after)
        if resume > self._ends:
            return False
        while not self._is_cancelled:
            left = resume - time.monotonic()
            if left <= 0:
                return True
            with gc_resumed():
                time.sleep(min(left, left if self._cancel is None else _LOOK))
        return False

    @property
    def _is_cancelled(self) -> bool:
        return self._cancel is not None and self._cancel.is_set()


def is_temporary(error: Exception) -> bool:
    """Return whether another attempt may succeed where this one failed."""
    if isinstance(error, ConnectionFailedError):
        return not error.is_permanent
    return isinstance(error, _TEMPORARY)


def was_not_applied(error: TransportError) -> bool:
    """Return whether the server has certainly not applied what `error` was raised for.

    Nothing was sent, it was sent to the wrong place, or it was turned away before
    the server began with it.
    """
    if isinstance(error, ServerUnavailableError):
        return error.http_status in _TURNED_AWAY
    if isinstance(error, RequestCancelledError):
        return not error.may_be_applied
    return isinstance(error, ConnectionFailedError | WrongAddressError)
