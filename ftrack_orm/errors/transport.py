"""Errors of sending a request and reading its reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ftrack_orm.errors.root import FtrackError

if TYPE_CHECKING:
    from ftrack_orm.types import OperationOutcome

_SHOWN_OUTCOMES: Final = 10


class TransportError(FtrackError):
    """The exchange with the server failed; `server_url` says with which."""

    def __init__(self, message: str, *, server_url: str | None = None) -> None:
        super().__init__(message)
        self.server_url = server_url


class ConnectionFailedError(TransportError):
    """No connection to the server could be made; nothing was applied.

    `is_permanent` says that another attempt will fail as well: there is no such host,
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
    """A request was sent, and the connection was lost before an answer.

    `reason` is the cause in words. The server may have carried the request out.
    """

    def __init__(self, server_url: str, reason: str) -> None:
        super().__init__(
            f"The connection to {server_url} was lost before its answer came: "
            f"{reason}. Check the network and any proxy, then try again.",
            server_url=server_url,
        )
        self.reason = reason


class OutcomeUnknownError(TransportError):
    """The answer to a batch that writes was lost: it may or may not be applied.

    The session answers reads, and refuses writes until `commit` or `rollback` has
    settled the outcome. Both are safe: they query the server first.

    Attributes:
        reason: the cause in words.
        operations: what the server has of each operation, as far as it could be
            queried.
    """

    def __init__(
        self,
        server_url: str,
        reason: str,
        operations: Sequence[OperationOutcome] = (),
    ) -> None:
        lines = [
            f"The answer of {server_url} was lost: {reason}. The changes may or may "
            "not be applied. Call commit() to settle it, which sends nothing twice, "
            "or rollback() to take the server's values.",
            *(f"  - {outcome}" for outcome in operations[:_SHOWN_OUTCOMES]),
        ]
        hidden = len(operations) - _SHOWN_OUTCOMES
        if hidden > 0:
            lines.append(f"  - and {hidden} more, see `operations`")
        super().__init__("\n".join(lines), server_url=server_url)
        self.reason = reason
        self.operations = tuple(operations)


class RequestCancelledError(TransportError):
    """The caller cancelled while the answer was awaited.

    `may_be_applied` says whether the request can have been applied: it had been
    handed to the network, and would change something.
    """

    def __init__(self, server_url: str, *, may_be_applied: bool) -> None:
        fate = (
            "It was on its way, so its changes may or may not be applied; ask the "
            "server before repeating it."
            if may_be_applied
            else "Nothing was applied."
        )
        super().__init__(
            f"The request to {server_url} was cancelled. {fate}", server_url=server_url
        )
        self.may_be_applied = may_be_applied


class ServerUnavailableError(TransportError):
    """The server, or a gateway before it, is overloaded or away for now.

    Attributes:
        http_status: 429, 502, 503 or 504.
        retry_after: seconds the server asks to wait, or ``None``.
    """

    def __init__(
        self, server_url: str, http_status: int, retry_after: float | None = None
    ) -> None:
        when = "later" if retry_after is None else f"in {retry_after:g} seconds"
        super().__init__(
            f"{server_url} is not available now (HTTP status {http_status}). "
            f"Try again {when}.",
            server_url=server_url,
        )
        self.http_status = http_status
        self.retry_after = retry_after


class ResponseFormatError(TransportError):
    """The server's answer is not what the protocol says."""


class WrongAddressError(ResponseFormatError):
    """The address answers, but no ftrack API lives there.

    `location` is where the answer redirects to, or ``None``.
    """

    def __init__(
        self, server_url: str, http_status: int, location: str | None = None
    ) -> None:
        leads = f" It redirects to {location}." if location else ""
        super().__init__(
            f"{server_url} answers with HTTP status {http_status} and no ftrack "
            f"reply.{leads} Check the server address (https://company.ftrackapp.com).",
            server_url=server_url,
        )
        self.http_status = http_status
        self.location = location


class NotJSONError(ResponseFormatError):
    """The answer is not JSON: often a proxy's or a login page."""

    def __init__(
        self, server_url: str, http_status: int, content_type: str, excerpt: str
    ) -> None:
        super().__init__(
            f"{server_url} answered with {content_type or 'no content type'} instead "
            f"of JSON (HTTP status {http_status}), beginning {excerpt!r}. "
            "A proxy or login page may stand between; check the address and proxy.",
            server_url=server_url,
        )
        self.http_status = http_status
        self.content_type = content_type
        self.excerpt = excerpt


class TruncatedResponseError(ResponseFormatError):
    """The answer breaks off before its end."""

    def __init__(self, server_url: str, received: int, reason: str) -> None:
        super().__init__(
            f"The answer of {server_url} breaks off after {received} bytes "
            f"({reason}). Try again.",
            server_url=server_url,
        )
        self.received = received
        self.reason = reason


class ResponseLengthError(ResponseFormatError):
    """The answer holds another number of results than operations were sent."""

    def __init__(self, server_url: str, expected: int, received: int) -> None:
        super().__init__(
            f"{server_url} answered {received} results to {expected} operations, so "
            "they cannot be told apart. Try again, or report it to the server's "
            "administrator.",
            server_url=server_url,
        )
        self.expected = expected
        self.received = received


class ReplyMismatchError(ResponseFormatError):
    """A result does not fit its operation: it may be the answer to another request.

    Whether a batch that writes was applied is not known.

    Attributes:
        place: position of the operation in its batch, from 0.
        action: the operation's action.
        expected: the form that the protocol gives the result, in words.
        received: the difference, in words that quote nothing of the reply.
    """

    def __init__(
        self, server_url: str, place: int, action: str, expected: str, received: str
    ) -> None:
        super().__init__(
            f"{server_url} answered operation {place + 1} of the batch, {action!r}, "
            f"with a result that does not fit it: expected {expected}, received "
            f"{received}. It may be the answer to another request; try again, and "
            "check any proxy on the way.",
            server_url=server_url,
        )
        self.place = place
        self.action = action
        self.expected = expected
        self.received = received
