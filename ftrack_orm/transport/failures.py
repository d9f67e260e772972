"""Convert the exceptions of `requests` into errors without secrets.

The exceptions of `requests` wrap those of urllib3, which wrap those of the system.
Often only the innermost one names the cause.
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
    """The request body, and the progress of its exchange.

    `requests` iterates over the body to send it. Before that the server cannot have
    applied anything; afterwards it may have.

    Attributes:
        is_sent: true once sending of the body has begun.
        received: bytes of the reply's body received, ``None`` before its headers.
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


def exchange_errors() -> tuple[type[BaseException], ...]:
    """Return the exceptions that an exchange may raise.

    Those of `requests` are subclasses of `OSError`.
    """
    from http.client import HTTPException

    from urllib3.exceptions import HTTPError

    return (OSError, HTTPError, HTTPException)


def transport_error(
    error: BaseException, server_url: str, progress: Progress, *, seconds: float
) -> TransportError:
    """Return the `TransportError` for `error`; it holds no reference to `error`.

    Args:
        error: an exception of the exchange.
        server_url: the address to name in the error.
        progress: the state of the exchange when `error` was raised.
        seconds: the timeout of the exchange.
    """
    causes = list(_causes(error))
    if progress.is_sent and _is_timeout(causes):
        return RequestTimeoutError(server_url, seconds)
    reason = _reason(causes, seconds)
    if progress.received is not None:
        received = max(progress.received, _partial_length(causes))
        return TruncatedResponseError(server_url, received, reason)
    if progress.is_sent:
        return ConnectionLostError(server_url, reason)
    return ConnectionFailedError(server_url, reason, is_permanent=_is_permanent(causes))


def without_frames(error: BaseException) -> BaseException:
    """Return `error` without its traceback, cause and context.

    The frames of `requests`, urllib3 and http.client hold the headers and the address
    of a request. Raise the error outside the handler that caught it, or Python sets
    the context again.
    """
    error.__traceback__ = None
    error.__cause__ = None
    error.__context__ = None
    return error


def is_before_sending(error: BaseException) -> bool:
    """Return whether `error` was raised before a request without a body was sent."""
    import ssl

    from urllib3.exceptions import (
        ConnectTimeoutError,
        NewConnectionError,
        ProxyError,
        SSLError,
    )

    unsent = (
        ConnectTimeoutError,
        NewConnectionError,
        ProxyError,
        SSLError,
        ssl.SSLError,
    )
    return any(isinstance(cause, unsent) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and the exceptions it wraps, each once, outermost first."""
    pending: list[object] = [error]
    visited: set[int] = set()
    while pending:
        cause = pending.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in visited:
            continue
        visited.add(id(cause))
        yield cause
        pending.extend(cause.args)
        # urllib3 stores the last error as `reason`; other wrappers store it in `args`
        # without chaining.
        pending.extend(
            (getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        )


def _partial_length(causes: list[BaseException]) -> int:
    """Return the number of bytes received by a read that failed."""
    from http.client import IncompleteRead

    for cause in causes:
        if isinstance(cause, IncompleteRead):
            # urllib3 stores their number where http.client stores the bytes.
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
        # The order decides: a subclass precedes its base, and a ProxyError wraps the
        # errors that follow.
        (ProxyError, "the proxy set in the environment refused the connection"),
        (socket.gaierror, "there is no host of that name"),
        (ssl.SSLCertVerificationError, "its certificate is not trusted"),
        (ssl.SSLError, "no secure connection could be made"),
        (ConnectionRefusedError, "the connection was refused, no server listens there"),
        (IncompleteRead, "the connection was closed too early"),
        (ConnectionError, "the connection was closed by the other side"),
        (DecodeError, "its compression is broken"),
    ]
    for error_class, text in reasons:
        for cause in causes:
            if isinstance(cause, error_class):
                return text + _certificate_detail(cause)
    if _is_timeout(causes):
        return f"no connection within {seconds:g} seconds"
    return _system_message(causes)


def _certificate_detail(cause: BaseException) -> str:
    """Return OpenSSL's reason for rejecting a certificate, in parentheses."""
    message = getattr(cause, "verify_message", None)
    return f" ({message})" if isinstance(message, str) and message else ""


def _system_message(causes: list[BaseException]) -> str:
    """Return the system's message; those of libraries may quote the request."""
    for cause in reversed(causes):
        if isinstance(cause, OSError) and cause.errno is not None and cause.strerror:
            return cause.strerror[:1].lower() + cause.strerror[1:]
    return f"{type(causes[0]).__name__} was raised"
