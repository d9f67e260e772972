"""Errors that the server reports in its reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ftrack_orm.errors.root import FtrackError


class ServerError(FtrackError):
    """The server refused a request and applied no operation of its batch.

    Attributes:
        exception: the server's name for the error, such as ``ParseError``.
        content: the server's message.
        error_code: the server's code, or ``None``.
        http_status: the HTTP status of the reply.
    """

    _ADVICE: ClassVar[str] = ""
    """The next step, after the server's words."""

    def __init__(
        self,
        exception: str,
        content: str,
        *,
        error_code: str | None = None,
        http_status: int = 200,
    ) -> None:
        super().__init__(f"Server reported {exception}: {content}{self._ADVICE}")
        self.exception = exception
        self.content = content
        self.error_code = error_code
        self.http_status = http_status


class InvalidCredentialsError(ServerError):
    """The server does not accept this user and API key."""

    _ADVICE = (
        " Check user and key: FTRACK_API_USER and FTRACK_API_KEY, or api_user and "
        "api_key."
    )


class ServerPermissionDeniedError(ServerError):
    """The user's roles do not allow the operation."""


class StaleReferenceError(ServerError):
    """A batch uses reference data of a package that the server no longer has.

    Attributes:
        rows: entity type, name and key of each row, sorted.
    """

    def __init__(
        self, refusal: ServerError, rows: Sequence[tuple[str, str, str]]
    ) -> None:
        super().__init__(
            refusal.exception,
            refusal.content,
            error_code=refusal.error_code,
            http_status=refusal.http_status,
        )
        listed = ", ".join(f"{name!r} ({kind} {key})" for kind, name, key in rows)
        self.args = (
            f"The server no longer has {listed}; nothing was applied. Run ftrack-orm "
            f"generate to renew the package, and use another. {self.args[0]}",
        )
        self.rows = tuple(rows)


class ServerValidationError(ServerError):
    """The server does not accept a value."""
