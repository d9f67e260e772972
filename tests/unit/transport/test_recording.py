"""Exchanges are kept, and played again in order."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ftrack_orm import RequestTimeoutError, TransportError
from ftrack_orm.transport.recording import (
    RecordedCall,
    RecordingTransport,
    ReplayTransport,
)
from ftrack_orm.types import Reply, Transport


class Echo:
    """Answers with what it was sent, and remembers how it was called."""

    server_url = "https://echo.invalid"

    def __init__(self) -> None:
        self.calls: list[tuple[Mapping[str, str] | None, float | None]] = []
        self.is_closed = False

    def call(
        self,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Reply:
        if body == b"slow":
            raise RequestTimeoutError(self.server_url, 1)
        self.calls.append((headers, timeout))
        return Reply(self.server_url, 200, "application/json", body)

    def close(self) -> None:
        self.is_closed = True


def test_both_are_transports() -> None:
    assert isinstance(RecordingTransport(Echo()), Transport)
    assert isinstance(ReplayTransport([]), Transport)


def test_a_recording_passes_calls_on_and_keeps_them() -> None:
    inner = Echo()
    transport = RecordingTransport(inner)

    reply = transport.call(b"[1]", headers={"a": "b"}, timeout=3)
    transport.close()

    assert reply.body == b"[1]"
    assert transport.calls == [RecordedCall(b"[1]", reply)]
    assert transport.server_url == inner.server_url
    assert inner.calls == [({"a": "b"}, 3)]
    assert inner.is_closed


def test_a_failed_call_is_not_recorded() -> None:
    transport = RecordingTransport(Echo())

    with pytest.raises(RequestTimeoutError):
        transport.call(b"slow")

    assert transport.calls == []


def test_a_recording_is_replayed_in_order() -> None:
    recording = RecordingTransport(Echo())
    replies = [recording.call(body) for body in (b"[1]", b"[2]")]

    replay = ReplayTransport(recording.calls)

    assert replay.remaining == 2
    assert [replay.call(body) for body in (b"[1]", b"[2]")] == replies
    assert replay.remaining == 0


def test_the_order_of_keys_does_not_matter() -> None:
    reply = Reply("https://a.invalid", 200, "", b"[]")
    replay = ReplayTransport([RecordedCall(b'[{"a": 1, "b": 2}]', reply)])

    assert replay.call(b'[{"b":2,"a":1}]') is reply


def test_another_batch_than_recorded_fails_and_shows_both() -> None:
    reply = Reply("https://a.invalid", 200, "", b"[]")
    replay = ReplayTransport([RecordedCall(b"[1]", reply), RecordedCall(b"[2]", reply)])
    replay.call(b"[1]")

    with pytest.raises(TransportError, match=r"Exchange 2 of 2") as caught:
        replay.call(b"[3]")

    assert "[2]" in str(caught.value)
    assert "[3]" in str(caught.value)
    assert replay.remaining == 1


def test_one_call_too_many_fails() -> None:
    with pytest.raises(TransportError, match="All 0 recorded exchanges were replayed"):
        ReplayTransport([]).call(b"[1]")
