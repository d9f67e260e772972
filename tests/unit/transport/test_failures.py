"""Exceptions of `requests`, urllib3 and the system as errors without secrets."""

from __future__ import annotations

import socket
import ssl
from http.client import IncompleteRead

import pytest
import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
)

from ftrack_orm import (
    ConnectionFailedError,
    ConnectionLostError,
    RequestTimeoutError,
    TransportError,
    TruncatedResponseError,
)
from ftrack_orm.transport.failures import (
    Progress,
    exchange_errors,
    is_before_sending,
    transport_error,
    without_frames,
)

URL = "https://studio.example"
REFUSED = ConnectionRefusedError(111, "Connection refused")


def wrapped(error: BaseException, reason: Exception | None = None) -> Exception:
    """Return `error` as urllib3 and `requests` wrap it."""
    try:
        raise reason or ProtocolError("broken", error) from error
    except Exception as inner:
        return requests.ConnectionError(inner)


def progress(*, is_sent: bool, received: int | None = None) -> Progress:
    result = Progress(b"[]")
    if is_sent:
        list(result)
    result.received = received
    return result


def error_of(error: BaseException, state: Progress) -> TransportError:
    return transport_error(error, URL, state, seconds=30)


def test_a_body_counts_as_sent_once_its_sending_begins() -> None:
    body = Progress(b"[1]")
    blocks = iter(body)
    is_sent = [body.is_sent]

    assert next(blocks) == b"[1]"
    is_sent.append(body.is_sent)

    assert is_sent == [False, True]
    assert list(blocks) == []
    assert len(body) == 3


def test_the_progress_of_the_exchange_decides_the_error() -> None:
    lost = wrapped(ConnectionResetError(104, "Connection reset by peer"))

    errors = [
        error_of(lost, progress(is_sent=False)),
        error_of(lost, progress(is_sent=True)),
        error_of(lost, progress(is_sent=True, received=7)),
    ]

    assert [type(error) for error in errors] == [
        ConnectionFailedError,
        ConnectionLostError,
        TruncatedResponseError,
    ]
    assert {error.server_url for error in errors} == {URL}
    assert isinstance(errors[2], TruncatedResponseError)
    assert errors[2].received == 7


def test_a_timeout_before_sending_is_a_failed_connection() -> None:
    before = error_of(
        wrapped(TimeoutError(), ConnectTimeoutError("timed out")),
        progress(is_sent=False),
    )
    after = error_of(
        requests.ReadTimeout(ReadTimeoutError(None, "", "timed out")),  # type: ignore[arg-type]
        progress(is_sent=True),
    )

    assert isinstance(before, ConnectionFailedError)
    assert before.reason == "no connection within 30 seconds"
    assert isinstance(after, RequestTimeoutError)
    assert after.seconds == 30


@pytest.mark.parametrize(
    ("cause", "reason", "is_permanent"),
    [
        (REFUSED, "refused, no server", False),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "no host of that name", True),
        (socket.gaierror(socket.EAI_AGAIN, "later"), "no host of that name", False),
        (ssl.SSLCertVerificationError(1, "bad"), "certificate is not trusted", True),
        (ssl.SSLError(1, "wrong version"), "no secure connection", False),
        (OSError(113, "No route to host"), "no route to host", False),
    ],
)
def test_the_innermost_exception_names_the_cause(
    cause: OSError, reason: str, is_permanent: bool
) -> None:
    error = error_of(wrapped(cause), progress(is_sent=False))

    assert isinstance(error, ConnectionFailedError)
    assert reason in error.reason
    assert error.is_permanent is is_permanent


def test_a_proxy_that_refuses_is_named_rather_than_its_refusal() -> None:
    refused = wrapped(REFUSED, ProxyError("no proxy", REFUSED))

    error = error_of(refused, progress(is_sent=False))

    assert isinstance(error, ConnectionFailedError)
    assert "proxy" in error.reason


@pytest.mark.parametrize("partial", [b"12345", 5])
def test_the_bytes_of_a_read_that_failed_are_counted(partial: bytes | int) -> None:
    cause = IncompleteRead(partial, 10)  # type: ignore[arg-type] # urllib3 stores a number

    error = error_of(wrapped(cause), progress(is_sent=True, received=0))

    assert isinstance(error, TruncatedResponseError)
    assert error.received == 5


def test_an_error_neither_quotes_nor_holds_the_exception() -> None:
    inner = requests.ConnectionError("https://studio.example/?apiKey=secret")
    inner.__cause__ = inner.__context__ = ValueError("secret")

    error = error_of(inner, progress(is_sent=True))

    assert "secret" not in str(error)
    assert (error.__cause__, error.__context__) == (None, None)
    bare = without_frames(inner)
    assert bare is inner
    assert (bare.__traceback__, bare.__cause__, bare.__context__) == (None, None, None)


def test_it_is_known_whether_a_request_without_a_body_was_sent() -> None:
    pool_error = MaxRetryError(None, "/", ConnectTimeoutError("timed out"))  # type: ignore[arg-type]

    assert is_before_sending(requests.ConnectionError(pool_error))
    assert is_before_sending(wrapped(ssl.SSLError(1, "wrong version")))
    assert not is_before_sending(wrapped(ConnectionResetError(104, "reset")))
    for error in (requests.ConnectionError(), ProtocolError(), IncompleteRead(b"")):
        assert isinstance(error, exchange_errors())
