"""A call ends with its answer, or when its caller cancels."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from ftrack_orm import ConnectionLostError, RequestCancelledError
from ftrack_orm.session.cancellation import call_until_cancelled
from ftrack_orm.types import Reply

SERVER = "https://studio.example"
REPLY = Reply(SERVER, 200, "application/json", b"[]")


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """An event that a call waits for; the fixture sets it at the end."""
    event = threading.Event()
    yield event
    event.set()


class CancelledLater:
    """A caller that cancels once the call has begun."""

    def __init__(self, begun: threading.Event) -> None:
        self._begun = begun
        self._looks = 0

    def is_set(self) -> bool:
        self._looks += 1
        return self._looks > 1 and self._begun.wait(10)


def test_the_reply_is_returned() -> None:
    cancel = threading.Event()

    reply = call_until_cancelled(lambda: REPLY, cancel, SERVER, is_writing=True)

    assert reply is REPLY


def test_an_error_of_the_call_is_raised() -> None:
    def fail() -> Reply:
        raise ConnectionLostError(SERVER, "closed")

    with pytest.raises(ConnectionLostError, match="closed"):
        call_until_cancelled(fail, threading.Event(), SERVER, is_writing=False)


def test_nothing_is_sent_for_a_caller_who_has_cancelled() -> None:
    cancel = threading.Event()
    cancel.set()
    sent: list[None] = []

    def call() -> Reply:
        sent.append(None)
        return REPLY

    with pytest.raises(RequestCancelledError) as raised:
        call_until_cancelled(call, cancel, SERVER, is_writing=True)

    assert not sent
    assert not raised.value.may_be_applied


@pytest.mark.parametrize("is_writing", [True, False])
def test_a_write_on_its_way_may_be_applied_and_a_read_is_not(
    release: threading.Event, is_writing: bool
) -> None:
    begun = threading.Event()

    def call() -> Reply:
        begun.set()
        release.wait(10)
        return REPLY

    with pytest.raises(RequestCancelledError) as raised:
        call_until_cancelled(call, CancelledLater(begun), SERVER, is_writing=is_writing)

    assert raised.value.may_be_applied is is_writing
    assert not release.is_set()
