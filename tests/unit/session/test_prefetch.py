"""One request ahead: who waits for it, and what an interruption leaves."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ftrack_orm import ConnectionFailedError, SessionClosedError, TransportError
from ftrack_orm.session.prefetch import Prefetch
from ftrack_orm.types import Reply


def reply() -> Reply:
    return Reply("http://server", 200, "application/json", b"[]")


class Interrupted:
    """An event whose first wait is interrupted."""

    def __init__(self, event: threading.Event) -> None:
        self._event = event
        self._is_first = True

    def wait(self) -> bool:
        if self._is_first:
            self._is_first = False
            raise KeyboardInterrupt
        return self._event.wait()

    def set(self) -> None:
        self._event.set()


def test_the_call_runs_beside_and_the_reading_here() -> None:
    threads: list[str] = []

    def call() -> Reply:
        threads.append(threading.current_thread().name)
        assert threading.current_thread().daemon
        return reply()

    def read(outcome: Any) -> Any:
        threads.append(threading.current_thread().name)
        return outcome

    prefetch = Prefetch(call, read)
    assert prefetch.result() == reply()
    assert threads == ["ftrack_orm-prefetch", threading.current_thread().name]


def test_a_failed_call_is_given_to_the_reader() -> None:
    error = ConnectionFailedError("http://server", "refused")

    def call() -> Reply:
        raise error

    outcomes: list[Reply | TransportError] = []
    Prefetch(call, outcomes.append).result()
    assert outcomes == [error]


def test_an_error_that_is_not_of_the_exchange_is_raised() -> None:
    def call() -> Reply:
        raise RuntimeError("unexpected")

    prefetch = Prefetch(call, lambda outcome: outcome)
    with pytest.raises(RuntimeError, match="unexpected"):
        prefetch.result()


def test_dropping_ends_a_wait_that_nothing_else_would() -> None:
    release = threading.Event()

    def call() -> Reply:
        release.wait(10)
        return reply()

    prefetch = Prefetch(call, lambda outcome: outcome)
    threading.Timer(0.05, prefetch.drop).start()
    with pytest.raises(SessionClosedError):
        prefetch.result()
    release.set()


def test_a_reply_that_came_before_is_dropped_too() -> None:
    prefetch = Prefetch(reply, lambda outcome: outcome)
    prefetch.result()
    prefetch.drop()
    with pytest.raises(SessionClosedError):
        prefetch.result()


def test_an_interrupted_wait_can_be_repeated() -> None:
    release = threading.Event()

    def call() -> Reply:
        release.wait(10)
        return reply()

    prefetch = Prefetch(call, lambda outcome: outcome)
    prefetch._done = Interrupted(prefetch._done)  # type: ignore[assignment] # the stand-in
    with pytest.raises(KeyboardInterrupt):
        prefetch.result()
    release.set()
    assert prefetch.result() == reply()
