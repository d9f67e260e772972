"""When something is tried again, and when no more."""

from __future__ import annotations

import threading
import time

import pytest

from ftrack_orm import (
    NO_RETRIES,
    ConnectionFailedError,
    ConnectionLostError,
    NotJSONError,
    OutcomeUnknownError,
    RequestCancelledError,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
    ServerUnavailableError,
    TransportError,
    TruncatedResponseError,
    WrongAddressError,
)
from ftrack_orm.transport.retry import Attempts, is_temporary, was_not_applied

URL = "https://studio.example"


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits that take no time; the list holds how long each was."""
    waits: list[float] = []
    now = [100.0]

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return waits


def test_waits_double_up_to_the_longest_and_are_shortened_by_half_at_most() -> None:
    policy = RetryPolicy(first_wait=1.0, longest_wait=5.0)

    for failed, longest in enumerate([1.0, 2.0, 4.0, 5.0, 5.0], 1):
        waits = [policy.wait(failed) for _ in range(200)]
        assert longest / 2 <= min(waits) < max(waits) <= longest


def test_a_longer_wait_that_the_server_asks_for_is_kept() -> None:
    policy = RetryPolicy(first_wait=1.0)

    assert policy.wait(1, retry_after=7.0) == 7.0
    assert policy.wait(1, retry_after=0.0) >= 0.5


def test_so_many_attempts_are_made_and_no_more(slept: list[float]) -> None:
    attempts = Attempts(RetryPolicy(attempts=4))

    assert [attempts.wait() for _ in range(4)] == [True, True, True, False]
    assert len(slept) == 3


def test_no_attempt_begins_after_the_deadline(slept: list[float]) -> None:
    attempts = Attempts(RetryPolicy(attempts=99, first_wait=1.0, deadline=10.0))

    while attempts.wait():
        pass

    assert sum(slept) <= 10.0
    assert len(slept) < 20


def test_a_wait_beyond_the_deadline_is_not_begun(slept: list[float]) -> None:
    attempts = Attempts(RetryPolicy(deadline=10.0))

    assert not attempts.may_repeat(ServerUnavailableError(URL, 503, 11.0))
    assert slept == []


def test_without_retries_nothing_is_repeated(slept: list[float]) -> None:
    assert not Attempts(NO_RETRIES).may_repeat(ConnectionFailedError(URL, "refused"))
    assert slept == []


def test_a_cancelled_wait_ends_at_once() -> None:
    cancel = threading.Event()
    attempts = Attempts(RetryPolicy(first_wait=30.0), cancel)
    threading.Timer(0.1, cancel.set).start()
    began = time.monotonic()

    assert not attempts.wait()

    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionFailedError(URL, "refused"), True),
        (ConnectionFailedError(URL, "no such host", is_permanent=True), False),
        (ConnectionLostError(URL, "reset"), True),
        (OutcomeUnknownError(URL, "reset"), False),
        (RequestTimeoutError(URL, 1.0), True),
        (TruncatedResponseError(URL, 3, "cut"), True),
        (ServerUnavailableError(URL, 502), True),
        (NotJSONError(URL, 200, "text/html", "<html>"), False),
        (WrongAddressError(URL, 404), False),
        (ServerError("ParseError", "no"), False),
        (ValueError("no"), False),
    ],
)
def test_permanent_errors_are_never_repeated(error: Exception, expected: bool) -> None:
    assert is_temporary(error) is expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionFailedError(URL, "refused"), True),
        (WrongAddressError(URL, 404), True),
        (ServerUnavailableError(URL, 429), True),
        (ServerUnavailableError(URL, 503), True),
        (ServerUnavailableError(URL, 502), False),
        (ServerUnavailableError(URL, 504), False),
        (RequestCancelledError(URL, may_be_applied=False), True),
        (RequestCancelledError(URL, may_be_applied=True), False),
        (RequestTimeoutError(URL, 1.0), False),
        (ConnectionLostError(URL, "reset"), False),
        (OutcomeUnknownError(URL, "reset"), False),
        (TruncatedResponseError(URL, 3, "cut"), False),
        (NotJSONError(URL, 200, "text/html", "<html>"), False),
    ],
)
def test_only_what_never_reached_the_server_is_surely_not_applied(
    error: TransportError, expected: bool
) -> None:
    assert was_not_applied(error) is expected
