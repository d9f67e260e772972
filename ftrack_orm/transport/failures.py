"""Says in plain words, and without secrets, why an exchange failed.

The exceptions of `requests` wrap those of urllib3, which wrap those of the system.
What tells the user something is often the innermost one.
"""

from __future__ import annotations

from collections.abc import Iterator

from ftrack_orm.errors.transport import (
    ConnectionFailedError,
    ConnectionLostError,
    RequestTimeoutError,
    TransportError,
    TruncatedResponseError,
)


class Progress:
    """How far one exchange came: what a failure means depends on it.

    Iterating hands the body to the network. Before that the server cannot have
    applied anything; afterwards it may have.

    Attributes:
        is_sent: the network has begun to take the body.
        received: bytes of the answer that arrived, ``None`` before its head.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.is_sent = False
        self.received: int | None = None

    def __len__(self) -> int:
        return len(self._body)

    def __iter__(self) -> Iterator[bytes]:
        self.is_sent = True
        yield self._body


def failures() -> tuple[type[BaseException], ...]:
    """Return what an exchange may raise; the errors of `requests` are OSErrors."""
    from http.client import HTTPException

    from urllib3.exceptions import HTTPError

    return (OSError, HTTPError, HTTPException)


def failure_of(
    error: BaseException, server_url: str, progress: Progress, *, seconds: float
) -> TransportError:
    """Return the error that stands for `error`; it holds no reference to it."""
    causes = list(_causes(error))
    if progress.is_sent and _is_timeout(causes):
        return RequestTimeoutError(server_url, seconds)
    reason = _reason(causes, seconds)
    if progress.received is not None:
        received = max(progress.received, _partly_read(causes))
        return TruncatedResponseError(server_url, received, reason)
    if progress.is_sent:
        return ConnectionLostError(server_url, reason)
    return ConnectionFailedError(server_url, reason, is_permanent=_is_permanent(causes))


def without_frames(error: BaseException) -> BaseException:
    """Return `error` without traceback, causes and context.

    The frames of `requests`, urllib3 and http.client hold the headers of a request and
    its address. Raise the error outside the handler that caught it; a cancellation or
    Ctrl-C is then raised as it is, and leads to no secret.
    """
    error.__traceback__ = None
    error.__cause__ = None
    error.__context__ = None
    return error


def is_before_sending(error: BaseException) -> bool:
    """Return whether `error` kept a request without a body from being sent at all."""
    import ssl

    from urllib3.exceptions import (
        ConnectTimeoutError,
        NewConnectionError,
        ProxyError,
        SSLError,
    )

    early = (
        ConnectTimeoutError,
        NewConnectionError,
        ProxyError,
        SSLError,
        ssl.SSLError,
    )
    return any(isinstance(cause, early) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and whatever it wraps, each once, outermost first."""
    pending: list[object] = [error]
    seen: set[int] = set()
    while pending:
        cause = pending.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        pending.extend(cause.args)
        # urllib3 keeps what it gave up on as `reason`; some wrap without chaining.
        pending.extend(
            (getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        )


def _partly_read(causes: list[BaseException]) -> int:
    """Return the bytes that a read broke off with; they count as not read."""
    from http.client import IncompleteRead

    for cause in causes:
        if isinstance(cause, IncompleteRead):
            # urllib3 gives their number where http.client gives the bytes.
            partial: int | bytes = cause.partial
            return partial if isinstance(partial, int) else len(partial)
    return 0


def _is_timeout(causes: list[BaseException]) -> bool:
    from urllib3.exceptions import TimeoutError as PoolTimeoutError

    return any(isinstance(cause, TimeoutError | PoolTimeoutError) for cause in causes)


def _is_permanent(causes: list[BaseException]) -> bool:
    import socket
    import ssl

    return any(
        isinstance(cause, ssl.SSLCertVerificationError)
        or (isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME)
        for cause in causes
    )


def _reason(causes: list[BaseException], seconds: float) -> str:
    import socket
    import ssl
    from http.client import IncompleteRead

    from urllib3.exceptions import DecodeError, ProxyError

    reasons: list[tuple[type[BaseException], str]] = [
        (ProxyError, "the proxy that the environment names does not let it through"),
        (socket.gaierror, "there is no host of that name"),
        (ssl.SSLCertVerificationError, "its certificate is not trusted"),
        (ssl.SSLError, "no secure connection could be made"),
        (ConnectionRefusedError, "the connection was refused, no server listens there"),
        (IncompleteRead, "the connection was closed too early"),
        (ConnectionError, "the connection was closed by the other side"),
        (DecodeError, "its compression is broken"),
    ]
    for kind, words in reasons:
        for cause in causes:
            if isinstance(cause, kind):
                return words + _detail(cause)
    if _is_timeout(causes):
        return f"no connection within {seconds:g} seconds"
    return _system_words(causes)


def _detail(cause: BaseException) -> str:
    """Return what OpenSSL says of a certificate; the rest is in the words already."""
    message = getattr(cause, "verify_message", None)
    return f" ({message})" if isinstance(message, str) and message else ""


def _system_words(causes: list[BaseException]) -> str:
    """Return what the system says; the texts of libraries may quote the request."""
    for cause in reversed(causes):
        if isinstance(cause, OSError) and cause.errno is not None and cause.strerror:
            return cause.strerror[:1].lower() + cause.strerror[1:]
    return f"{type(causes[0]).__name__} was raised"
