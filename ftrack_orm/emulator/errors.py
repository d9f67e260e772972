"""Errors that the emulated server returns, each with the source of its text.

Handlers and rules raise a `Refusal`; the dispatcher turns it into one error object for
the whole request (protocol 1.6). The errors of the client are in `ftrack_orm.errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ftrack_orm.types import JSONObject


class Refusal(Exception):  # noqa: N818 - a reply of the server, not a mistake
    """The server refuses the request, and applies none of its operations.

    Attributes:
        exception: the server's name for the error.
        content: the message.
        error_code: the code; ``None`` except for credentials (protocol 10, row 4).
        http_status: the status in strict mode; otherwise 200 (protocol 10, row 3).
    """

    exception: ClassVar[str] = "ServerError"
    error_code: ClassVar[str | None] = None
    http_status: ClassVar[int] = 500

    def __init__(self, content: str) -> None:
        super().__init__(content)
        self.content = content

    def to_json(self) -> JSONObject:
        """Return the body of the reply (protocol 1.6)."""
        return {
            "exception": self.exception,
            "content": self.content,
            "error_code": self.error_code,
        }

    def status(self, *, strict: bool) -> int:
        """Return the HTTP status, which is 200 unless the request is strict."""
        return self.http_status if strict else 200


class InvalidCredentials(Refusal):
    """The user or the key is wrong.

    The message is recorded (protocol 1.6); the code and the status 401 are choices
    (protocol 10, rows 2 and 4).
    """

    exception = "InvalidCredentialsError"
    error_code = "api_credentials_invalid"
    http_status = 401

    def __init__(self) -> None:
        super().__init__(
            "The supplied API key is not valid. API keys are created from Settings "
            "under the page API keys. The api key should be passed in the request "
            'header "ftrack-api-key".'
        )


class PermissionDenied(Refusal):
    """The user lacks permission. The name is from JS (1.6), the message a choice."""

    exception = "PermissionError"
    http_status = 403

    def __init__(self, content: str = "Permission denied.") -> None:
        super().__init__(content)


class Invalid(Refusal):
    """The server does not accept a value, attribute or type (protocol 1.6, 6.5)."""

    exception = "ValidationError"
    http_status = 400


class TooLarge(Invalid):
    """The body is longer than the emulator accepts; assumed of servers."""

    http_status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The request has more than {limit:,} bytes. Send it in several requests."
        )

    def status(self, *, strict: bool) -> int:
        """Return 413: proxies in front of servers answer with it in any mode."""
        return self.http_status


class QueryParseFailed(Refusal):
    """The expression cannot be parsed; the message is recorded (protocol 1.6)."""

    exception = "ParseError"
    http_status = 400

    def __init__(self, text: str) -> None:
        super().__init__(f"Failed to parse: {text}")


class QueryAttributeUnknown(Refusal):
    """The type of a query has no such attribute; the message is recorded (D)."""

    exception = "ParseError"
    http_status = 400


class EntityNotFound(Refusal):
    """No entity has this key; the server names it ``ValueError`` (1.6, 2.4)."""

    exception = "ValueError"
    http_status = 404

    def __init__(self, entity_type: str, key: Sequence[object]) -> None:
        values = ", ".join(f"u'{value}'" for value in key)
        super().__init__(
            f"Could not find entity {entity_type} with entity_key [{values}]."
        )


class Duplicate(Refusal):
    """The row exists already. The name is recorded (6.5), messages are choices."""

    exception = "DuplicateEntryError"
    http_status = 409


class BrokenReference(Refusal):
    """No entity has the key in a reference (1.6). The message is a choice."""

    exception = "IntegrityError"
    http_status = 409


class InvalidAction(Refusal):
    """No server has this action. PY's helpers compare this message (2.16)."""

    exception = "ValidationError"
    http_status = 400

    def __init__(self, action: object) -> None:
        super().__init__(f"Invalid action u'{action}'")


class Unsupported(Refusal):
    """The emulator does not implement a feature of real servers.

    No real server uses this name and status, so the error is recognisable as a limit
    of the emulator.
    """

    exception = "UnsupportedError"
    http_status = 501


class UnsupportedAction(Unsupported):
    """Real servers have this action, and the emulator does not implement it.

    The message starts like that of a server without the action (1.6), so that clients
    which compare it treat the emulator as an older server.
    """

    def __init__(self, action: object) -> None:
        super().__init__(
            f"Invalid action u'{action}'. Real servers have it, the emulator does not."
        )


class InternalFailure(Refusal):
    """The emulator failed; the reply is an error object, not a page (1.6)."""

    exception = "InternalServerError"
    http_status = 500


def not_an_operation_list(message: str) -> JSONObject:
    """Return the body for a request that is no list of operations (protocol 1.4)."""
    return {"detail": [{"loc": ["body"], "msg": message, "type": "value_error"}]}


def wrong_custom_attribute_type(key: str, expected: str, value: object) -> Invalid:
    """Return the error for a custom attribute value; the message is recorded (1.6)."""
    type_name = _python_2_type(value)
    return Invalid(
        f'Custom attribute value for "{key}" must be of type {expected}. '
        f"Got \"{value}\" of type <type '{type_name}'>"
    )


def _python_2_type(value: object) -> str:
    # The recorded server runs Python 2, whose text type is `unicode`.
    return {"str": "unicode", "NoneType": "NoneType"}.get(
        type(value).__name__, type(value).__name__
    )
