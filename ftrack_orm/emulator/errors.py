"""What the emulator answers when it refuses, each text with its source.

A `Refusal` is raised anywhere below the application and becomes one error object for
the whole request (protocol 1.6). These are the server's errors, not the client's:
`ftrack_orm.errors` holds those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ftrack_orm.types import JSONObject


class Refusal(Exception):  # noqa: N818 - the name of the answer, not of a mistake
    """The server refuses the request; nothing of the batch is applied.

    Attributes:
        exception: the server's name for the error.
        content: its text.
        error_code: its code; ``None`` but for credentials (protocol 10, row 4).
        http_status: the status in strict mode; otherwise 200 (protocol 10, row 3).
    """

    exception: ClassVar[str] = "ServerError"
    error_code: ClassVar[str | None] = None
    http_status: ClassVar[int] = 500

    def __init__(self, content: str) -> None:
        super().__init__(content)
        self.content = content

    def to_json(self) -> JSONObject:
        """Return the body of the answer (protocol 1.6)."""
        return {
            "exception": self.exception,
            "content": self.content,
            "error_code": self.error_code,
        }

    def status(self, *, strict: bool) -> int:
        """Return the HTTP status: 200 unless the client asked for real ones."""
        return self.http_status if strict else 200


class InvalidCredentials(Refusal):
    """Wrong user or key. Text recorded (1.6), code and 401 by choice (10, 2 and 4)."""

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
    """The user may not. The name is JS' (1.6); the text is ours."""

    exception = "PermissionError"
    http_status = 403

    def __init__(self, content: str = "Permission denied.") -> None:
        super().__init__(content)


class Invalid(Refusal):
    """A value, attribute or type the server does not accept (1.6, 6.5)."""

    exception = "ValidationError"
    http_status = 400


class QueryParseFailed(Refusal):
    """The expression cannot be parsed. ``Failed to parse: <text>`` (1.6)."""

    exception = "ParseError"
    http_status = 400

    def __init__(self, text: str) -> None:
        super().__init__(f"Failed to parse: {text}")


class EntityNotFound(Refusal):
    """No entity has this key (1.6, 2.4): a ``ValueError`` in the server's words."""

    exception = "ValueError"
    http_status = 404

    def __init__(self, entity_type: str, key: Sequence[object]) -> None:
        shown = ", ".join(f"u'{value}'" for value in key)
        super().__init__(
            f"Could not find entity {entity_type} with entity_key [{shown}]."
        )


class Duplicate(Refusal):
    """A row that exists already (6.5). The name is recorded, texts are ours."""

    exception = "DuplicateEntryError"
    http_status = 409


class BrokenReference(Refusal):
    """A foreign key that points nowhere (1.6). The text is ours."""

    exception = "IntegrityError"
    http_status = 409


class InvalidAction(Refusal):
    """An action no server knows. PY's helpers look for this very text (2.16)."""

    exception = "ValidationError"
    http_status = 400

    def __init__(self, action: object) -> None:
        super().__init__(f"Invalid action u'{action}'")


class Unsupported(Refusal):
    """Something a real server does and the emulator does not.

    Neither name nor status is a real server's, so that nobody takes the
    emulator's limits for ftrack's.
    """

    exception = "UnsupportedError"
    http_status = 501


class UnsupportedAction(Unsupported):
    """An action that real servers know and the emulator does not.

    It is refused in a server's own words, those for an action it does not know (1.6),
    so that clients which look for them see an incompatible server.
    """

    def __init__(self, action: object) -> None:
        super().__init__(
            f"Invalid action u'{action}'. Real servers know it, the emulator does not."
        )


class InternalFailure(Refusal):
    """The emulator itself failed. An error object still, never a page (1.6)."""

    exception = "InternalServerError"
    http_status = 500


def not_an_operation_list(message: str) -> JSONObject:
    """Return the body for a request that is no list of operations (1.4)."""
    return {"detail": [{"loc": ["body"], "msg": message, "type": "value_error"}]}


def wrong_custom_attribute_type(key: str, expected: str, value: object) -> Invalid:
    """Return the refusal of a custom attribute value; text recorded (1.6)."""
    shown = _python_2_type(value)
    return Invalid(
        f'Custom attribute value for "{key}" must be of type {expected}. '
        f"Got \"{value}\" of type <type '{shown}'>"
    )


def _python_2_type(value: object) -> str:
    # The recorded server runs Python 2, whose text type is called unicode.
    return {"str": "unicode", "NoneType": "NoneType"}.get(
        type(value).__name__, type(value).__name__
    )
