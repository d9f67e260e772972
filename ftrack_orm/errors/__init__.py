"""Every exception of the project, one tree.

::

    FtrackError
    ├── TransportError                the exchange with the server failed
    │   ├── ConnectionFailedError       no connection, nothing was applied
    │   ├── RequestTimeoutError         no answer within the time given
    │   ├── OutcomeUnknownError         sent, but the answer was lost
    │   ├── ServerUnavailableError      HTTP 429, 502, 503 or 504: try again later
    │   └── ResponseFormatError         an answer that is not the protocol
    │       ├── WrongAddressError         the address is not an ftrack server
    │       ├── NotJSONError              a page, not JSON
    │       ├── TruncatedResponseError    JSON that breaks off
    │       └── ResponseLengthError       more or fewer results than operations
    ├── ServerError                   the server refused, in its own words
    │   ├── InvalidCredentialsError
    │   ├── ServerPermissionDeniedError
    │   └── ServerValidationError
    ├── SessionError                  the session cannot do this
    │   ├── ConfigurationError          server, user or key are missing
    │   │   └── InvalidSettingError       one of them cannot be used
    │   ├── ModelsNotFoundError         no generated models of that name
    │   ├── SessionClosedError
    │   ├── DetachedEntityError         the entity is not this session's
    │   ├── CircularReferenceError      new entities require each other
    │   └── PlanChangedError            the plan is not the expected one
    ├── QueryError
    │   ├── CriterionError              a condition that cannot be meant
    │   ├── NoResultError
    │   └── MultipleResultsError
    ├── EntityError
    │   ├── NotLoadedError
    │   ├── ReadOnlyAttributeError
    │   ├── UnknownAttributeError       also an AttributeError
    │   ├── UnknownEntityTypeError
    │   ├── AttributeValueError         also a ValueError
    │   └── EntityKeyError
    ├── SchemaError                   problems in a schema, gathered
    │   └── SchemaDriftError            server and models differ
    └── EmulatorError
        └── UnsupportedError            the emulator does not know it

Warnings: ``SchemaDriftWarning``.

Facts are fields; the message is built from them and ends with what to do next.
No message carries an API key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


class FtrackError(Exception):
    """Root of every exception this project raises; all survive copies and pickles."""

    def __reduce__(self) -> Any:
        # `args` holds the finished message, which no constructor takes: pools of
        # processes carry an error as what it is, not as how it was made.
        return (_revived, (type(self), self.args, dict(self.__dict__)))


def _revived(
    error_class: type[FtrackError], args: tuple[Any, ...], facts: dict[str, Any]
) -> FtrackError:
    error = error_class.__new__(error_class)
    error.args = args
    error.__dict__.update(facts)
    return error


# -- transport ---------------------------------------------------------------


class TransportError(FtrackError):
    """The exchange with the server failed; `server_url` says with which."""

    def __init__(self, message: str, *, server_url: str | None = None) -> None:
        super().__init__(message)
        self.server_url = server_url


class ConnectionFailedError(TransportError):
    """No connection to the server could be made; nothing was applied."""

    def __init__(self, server_url: str, reason: str) -> None:
        super().__init__(
            f"Cannot reach {server_url}: {reason}. "
            "Check the address, the network and any proxy, then try again.",
            server_url=server_url,
        )
        self.reason = reason


class RequestTimeoutError(TransportError):
    """The server did not answer within `seconds`."""

    def __init__(self, server_url: str, seconds: float) -> None:
        super().__init__(
            f"{server_url} did not answer within {seconds:g} seconds. "
            "Try again, or give a longer timeout.",
            server_url=server_url,
        )
        self.seconds = seconds


class OutcomeUnknownError(TransportError):
    """A request was sent and its answer lost: it may or may not be applied."""

    def __init__(self, server_url: str, reason: str) -> None:
        super().__init__(
            f"The answer of {server_url} was lost: {reason}. "
            "The changes may or may not be applied; the session still holds them, "
            "and calling commit() again is safe.",
            server_url=server_url,
        )
        self.reason = reason


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


# -- server ------------------------------------------------------------------


class ServerError(FtrackError):
    """The server refused a request; the whole batch was left undone.

    Attributes:
        exception: the server's own name for the error, such as ``ParseError``.
        content: the server's own text.
        error_code: the server's code, or ``None``.
        http_status: the HTTP status of the answer.
    """

    def __init__(
        self,
        exception: str,
        content: str,
        *,
        error_code: str | None = None,
        http_status: int = 200,
    ) -> None:
        super().__init__(f"Server reported {exception}: {content}")
        self.exception = exception
        self.content = content
        self.error_code = error_code
        self.http_status = http_status


class InvalidCredentialsError(ServerError):
    """The server does not accept this user and API key."""


class ServerPermissionDeniedError(ServerError):
    """The user's roles do not allow the operation."""


class ServerValidationError(ServerError):
    """The server does not accept a value."""


# -- session -----------------------------------------------------------------


class SessionError(FtrackError):
    """The session cannot do what was asked."""


class ConfigurationError(SessionError):
    """Server, user or key are missing; `missing` names the environment variables."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(
            f"Not configured: {', '.join(missing)}. Set the environment variables or "
            "pass server_url, api_user and api_key to Session()."
        )
        self.missing = tuple(missing)


class InvalidSettingError(ConfigurationError):
    """A setting that cannot be used; the text never quotes an API key."""

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(())
        self.args = (f"{setting} cannot be used: {reason}.",)
        self.setting = setting
        self.reason = reason


class ModelsNotFoundError(SessionError):
    """No generated models of this name; `package` holds it."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"{package!r} is no package of generated models. Generate one with "
            f"`ftrack-orm generate --package {package}`, or pass models= another."
        )
        self.package = package


class SessionClosedError(SessionError):
    """The session was closed."""

    def __init__(self) -> None:
        super().__init__("The session is closed. Open a new Session.")


class DetachedEntityError(SessionError):
    """The entity does not belong to this session."""

    def __init__(self, entity: str, action: str) -> None:
        super().__init__(
            f"{entity} does not belong to this session, so it cannot be used to "
            f"{action}. Get it from this session, or add() it when it is new."
        )
        self.entity = entity
        self.action = action


class CircularReferenceError(SessionError):
    """Entities of one commit require each other; `cycle` lists their keys."""

    def __init__(self, cycle: Sequence[str]) -> None:
        super().__init__(
            f"These entities require each other: {' -> '.join(cycle)}. "
            "Commit one of them first, without the link that closes the circle."
        )
        self.cycle = tuple(cycle)


class PlanChangedError(SessionError):
    """commit(expect=plan) found another plan; nothing was sent."""

    def __init__(self, difference: str) -> None:
        super().__init__(
            f"The plan has changed since it was shown:\n{difference}\n"
            "Nothing was sent. Look at session.plan() and commit again."
        )
        self.difference = difference


# -- query -------------------------------------------------------------------


class QueryError(FtrackError):
    """A query is wrong, or its result is not what was asked for."""


class CriterionError(QueryError):
    """A condition that cannot be meant, such as one on another entity type."""


class NoResultError(QueryError):
    """one() found nothing."""

    def __init__(self, expression: str) -> None:
        super().__init__(
            f"No result for: {expression}. Use one_or_none() or first() when there "
            "may be none."
        )
        self.expression = expression


class MultipleResultsError(QueryError):
    """one() found more than one."""

    def __init__(self, expression: str, keys: Sequence[str] = ()) -> None:
        found = f" ({', '.join(keys)})" if keys else ""
        super().__init__(
            f"More than one result{found} for: {expression}. "
            "Narrow the conditions, or use first()."
        )
        self.expression = expression
        self.keys = tuple(keys)


# -- entity ------------------------------------------------------------------


def nearest(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return up to three of `candidates` that look like `name`, best first."""
    import difflib  # only needed to fail: importing it costs every program

    pool = {candidate.lower(): candidate for candidate in candidates}
    found = difflib.get_close_matches(name.lower(), pool, n=3, cutoff=0.5)
    return tuple(pool[match] for match in found)


def _offer(suggestions: Sequence[str]) -> str:
    if not suggestions:
        return ""
    return f" Did you mean {' or '.join(repr(name) for name in suggestions)}?"


class EntityError(FtrackError):
    """An entity or one of its attributes was used wrongly."""


class NotLoadedError(EntityError):
    """The attribute was not loaded, and the session must not load it now."""

    def __init__(self, entity: str, attribute: str, remedy: str) -> None:
        super().__init__(f"{entity}.{attribute} is not loaded. {remedy}")
        self.entity = entity
        self.attribute = attribute
        self.remedy = remedy


class ReadOnlyAttributeError(EntityError):
    """The attribute is the server's to set."""

    def __init__(self, entity: str, attribute: str, reason: str) -> None:
        super().__init__(f"{entity}.{attribute} cannot be set: {reason}.")
        self.entity = entity
        self.attribute = attribute
        self.reason = reason


class UnknownAttributeError(EntityError, AttributeError):
    """The entity type has no such attribute; `suggestions` holds near names."""

    def __init__(
        self, entity_type: str, attribute: str, candidates: Iterable[str] = ()
    ) -> None:
        self.suggestions = nearest(attribute, candidates)
        super().__init__(
            f"{entity_type} has no attribute {attribute!r}.{_offer(self.suggestions)}"
        )
        self.entity_type = entity_type
        self.attribute = attribute


class UnknownEntityTypeError(EntityError):
    """No such entity type; `suggestions` holds near names."""

    def __init__(self, entity_type: str, candidates: Iterable[str] = ()) -> None:
        self.suggestions = nearest(entity_type, candidates)
        super().__init__(
            f"There is no entity type {entity_type!r}.{_offer(self.suggestions)}"
        )
        self.entity_type = entity_type


class AttributeValueError(EntityError, ValueError):
    """A value that the attribute cannot take; nothing was changed or sent."""

    def __init__(
        self, entity_type: str, attribute: str, value: Any, expected: str
    ) -> None:
        shown = repr(value)
        if len(shown) > 200:
            shown = shown[:200] + "…"
        super().__init__(
            f"{entity_type}.{attribute} cannot be {shown} "
            f"({type(value).__name__}): expected {expected}."
        )
        self.entity_type = entity_type
        self.attribute = attribute
        self.value = value
        self.expected = expected


class EntityKeyError(EntityError):
    """A primary key with a wrong number or kind of values."""

    def __init__(self, entity_type: str, expected: Sequence[str], given: Any) -> None:
        super().__init__(
            f"The key of {entity_type} is ({', '.join(expected)}), got {given!r}. "
            f"Give {len(expected)} value{'s' if len(expected) > 1 else ''} in that "
            "order."
        )
        self.entity_type = entity_type
        self.expected = tuple(expected)
        self.given = given


# -- schema ------------------------------------------------------------------


class SchemaError(FtrackError):
    """A schema cannot be used; `problems` lists what was found and where."""

    def __init__(self, message: str, problems: Sequence[object] = ()) -> None:
        lines = [message, *(f"  - {problem}" for problem in problems)]
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)


class SchemaDriftError(SchemaError):
    """The server's schema is not the one the models were generated from."""


class SchemaDriftWarning(UserWarning):
    """The server's schema is not the one the models were generated from."""


# -- emulator ----------------------------------------------------------------


class EmulatorError(FtrackError):
    """The emulator cannot do what was asked."""


class UnsupportedError(EmulatorError):
    """Something the emulator does not know; `feature` names it."""

    def __init__(self, feature: str) -> None:
        super().__init__(f"The emulator does not support {feature}.")
        self.feature = feature
