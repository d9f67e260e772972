"""Errors of sending a request and receiving its reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ftrack_orm.errors.root import FtrackError

if TYPE_CHECKING:
    from ftrack_orm.types import OperationOutcome

_MAX_LISTED_OUTCOMES: Final = 10


class TransportError(FtrackError):
    """The exchange with the server at `server_url` failed."""

    def __init__(self, message: str, *, server_url: str | None = None) -> None:
        super().__init__(message)
        self.server_url = server_url


class ConnectionFailedError(TransportError):
    """No connection to the server could be made; nothing was applied.

    `is_permanent` is true if another attempt will fail as well: there is no such host,
    or its certificate is not trusted.
    """

    def __init__(
        self, server_url: str, reason: str, *, is_permanent: bool = False
    ) -> None:
        super().__init__(
            f"Cannot reach {server_url}: {reason}. "
            "Check the address, the network and any proxy, then try again.",
            server_url=server_url,
        )
        self.reason = reason
        self.is_permanent = is_permanent


class RequestTimeoutError(TransportError):
    """The server did not answer within `seconds`."""

    def __init__(self, server_url: str, seconds: float) -> None:
        super().__init__(
            f"{server_url} did not answer within {seconds:g} seconds. "
            "Try again, or give a longer timeout.",
            server_url=server_url,
        )
        self.seconds = seconds


class ConnectionLostError(TransportError):
    """A request was sent, and the connection was lost before the reply.

    `reason` is the cause as text. The server may have applied the request.
    """

    def __init__(self, server_url: str, reason: str) -> None:
        super().__init__(
            f"The connection to {server_url} was lost before its reply arrived: "
            f"{reason}. Check the network and any proxy, then try again.",
            server_url=server_url,
        )
        self.reason = reason


class OutcomeUnknownError(TransportError):
    """The reply to a batch that writes was lost: the batch may or may not be applied.

    The session allows reads, and refuses writes until `commit` or `rollback` has
    resolved the outcome. Both are safe: they query the server first.

    Attributes:
        reason: the cause as text.
        operations: the outcome of each operation, as far as the server could be
            queried.
    """

    def __init__(
        self,
        server_url: str,
        reason: str,
        operations: Sequence[OperationOutcome] = (),
    ) -> None:
        lines = [
            f"The reply of {server_url} was lost: {reason}. The changes may or may "
            "not be applied. Call commit() to send the changes that are missing on the "
            "server, or rollback() to take the server's values.",
            *(f"  - {outcome}" for outcome in operations[:_MAX_LISTED_OUTCOMES]),
        ]
        omitted = len(operations) - _MAX_LISTED_OUTCOMES
        if omitted > 0:
            lines.append(f"  - and {omitted} more, see `operations`")
        super().__init__("\n".join(lines), server_url=server_url)
        self.reason = reason
        self.operations = tuple(operations)


class RequestCancelledError(TransportError):
    """The caller cancelled before the reply arrived.

    `may_be_applied` is true if the server may have applied the request: sending had
    begun, and the request writes.
    """

    def __init__(self, server_url: str, *, may_be_applied: bool) -> None:
        outcome = (
            "Sending had begun, so its changes may or may not be applied; query the "
            "server before repeating it."
            if may_be_applied
            else "Nothing was applied."
        )
        super().__init__(
            f"The request to {server_url} was cancelled. {outcome}",
            server_url=server_url,
        )
        self.may_be_applied = may_be_applied


class ServerUnavailableError(TransportError):
    """The server, or a gateway in front of it, is overloaded or unavailable.

    Attributes:
        http_status: 429, 502, 503 or 504.
        retry_after: seconds of the Retry-After header, or ``None``.
    """

    def __init__(
        self, server_url: str, http_status: int, retry_after: float | None = None
    ) -> None:
        delay = "later" if retry_after is None else f"in {retry_after:g} seconds"
        super().__init__(
            f"{server_url} is not available now (HTTP status {http_status}). "
            f"Try again {delay}.",
            server_url=server_url,
        )
        self.http_status = http_status
        self.retry_after = retry_after


class ResponseFormatError(TransportError):
    """The server's reply does not have the form that the protocol defines."""


class WrongAddressError(ResponseFormatError):
    """The address answers, but does not serve the ftrack API.

    `location` is the target of a redirect, or ``None``.
    """

    def __init__(
        self, server_url: str, http_status: int, location: str | None = None
    ) -> None:
        redirect = f" It redirects to {location}." if location else ""
        super().__init__(
            f"{server_url} answers with HTTP status {http_status} and no ftrack "
            f"reply.{redirect} Check the server address "
            "(https://company.ftrackapp.com).",
            server_url=server_url,
        )
        self.http_status = http_status
        self.location = location


class NotJSONError(ResponseFormatError):
    """The reply is not JSON: often it is the page of a proxy or a login page."""

    def __init__(
        self, server_url: str, http_status: int, content_type: str, excerpt: str
    ) -> None:
        super().__init__(
            f"{server_url} answered with {content_type or 'no content type'} instead "
            f"of JSON (HTTP status {http_status}), beginning {excerpt!r}. "
            "A proxy or login page may have answered; check the address and proxy.",
            server_url=server_url,
        )
        self.http_status = http_status
        self.content_type = content_type
        self.excerpt = excerpt


class TruncatedResponseError(ResponseFormatError):
    """The reply breaks off before its end, after `received` bytes."""

    def __init__(self, server_url: str, received: int, reason: str) -> None:
        super().__init__(
            f"The reply of {server_url} breaks off after {received} bytes "
            f"({reason}). Try again.",
            server_url=server_url,
        )
        self.received = received
        self.reason = reason


class ResponseLengthError(ResponseFormatError):
    """The reply holds more or fewer results than the request has operations."""

    def __init__(self, server_url: str, expected: int, received: int) -> None:
        super().__init__(
            f"{server_url} answered {received} results to {expected} operations, so "
            "they cannot be matched. Try again, or report it to the server's "
            "administrator.",
            server_url=server_url,
        )
        self.expected = expected
        self.received = received


class ReplyMismatchError(ResponseFormatError):
    """A result does not fit its operation: it may belong to another request.

    The outcome of a batch that writes is unknown.

    Attributes:
        place: position of the operation in its batch, from 0.
        action: the operation's action.
        expected: the form of the result in the protocol, as text.
        received: the difference as text; it quotes nothing of the reply.
    """

    def __init__(
        self, server_url: str, place: int, action: str, expected: str, received: str
    ) -> None:
        super().__init__(
            f"{server_url} answered operation {place + 1} of the batch, {action!r}, "
            f"with a result that does not fit it: expected {expected}, received "
            f"{received}. It may be the reply to another request; try again, and "
            "check any proxy in between.",
            server_url=server_url,
        )
        self.place = place
        self.action = action
        self.expected = expected
        self.received = received
