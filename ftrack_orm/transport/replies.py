"""Decode a reply into its results or its error.

A success is a JSON array with one result per operation. Anything else is an error;
this module alone classifies it (protocol 1.4 and 1.6).
"""

from __future__ import annotations

from typing import Any, Final

from pydantic_core import from_json

from ftrack_orm.errors.server import (
    InvalidCredentialsError,
    ServerError,
    ServerPermissionDeniedError,
    ServerValidationError,
)
from ftrack_orm.errors.transport import (
    NotJSONError,
    ResponseFormatError,
    ResponseLengthError,
    ServerUnavailableError,
    TransportError,
    TruncatedResponseError,
    WrongAddressError,
)
from ftrack_orm.types import JSONObject, Reply

EXCERPT_LENGTH: Final = 80
"""Characters of an unexpected reply that an error quotes."""

_ERRORS_BY_NAME: Final[dict[str, type[ServerError]]] = {
    "InvalidCredentialsError": InvalidCredentialsError,
    "FTAuthenticationError": ServerPermissionDeniedError,
    "PermissionError": ServerPermissionDeniedError,
    "ValidationError": ServerValidationError,
}

# Some servers report bad credentials in `error_code`, with another name in `exception`
# (protocol 1.6).
_CREDENTIALS_CODE: Final = "api_credentials_invalid"

_NOT_AN_API: Final = frozenset({404, 405, 410})
_UNAVAILABLE: Final = frozenset({429, 502, 503, 504})
_UNPROCESSABLE: Final = 422


def read_reply(reply: Reply, operations: int) -> list[Any]:
    """Return the results in `reply`, one for each of `operations`, in their order.

    Raises:
        ServerError: the server refused the batch; the subclass names the reason.
        ServerUnavailableError: the server or a gateway is overloaded or unavailable.
        WrongAddressError: the address does not serve the ftrack API.
        NotJSONError: the reply is a page of a proxy, a login or similar.
        TruncatedResponseError: the JSON breaks off.
        ResponseLengthError: the number of results is not that of the operations.
        ResponseFormatError: the reply is JSON of another form than the protocol's.
    """
    try:
        # NaN and Infinity are not JSON, although Python's `json` writes and reads them.
        decoded = from_json(reply.body, cache_strings="all", allow_inf_nan=False)
    except ValueError as error:
        raise _decode_error(reply, str(error)) from None
    if isinstance(decoded, list) and reply.status < 300:
        if len(decoded) != operations:
            raise ResponseLengthError(reply.server_url, operations, len(decoded))
        return decoded
    raise _error_reply(reply, decoded)


def server_error(
    exception: str,
    content: str,
    *,
    error_code: str | None = None,
    http_status: int = 200,
) -> ServerError:
    """Return the error for the server's `exception` (protocol 1.6)."""
    error_class = _ERRORS_BY_NAME.get(exception, ServerError)
    if error_code == _CREDENTIALS_CODE:
        error_class = InvalidCredentialsError
    return error_class(
        exception, content, error_code=error_code, http_status=http_status
    )


def _error_reply(reply: Reply, decoded: Any) -> TransportError | ServerError:
    if isinstance(decoded, dict):
        if "exception" in decoded:
            return _server_error_of(reply, decoded)
        if reply.status == _UNPROCESSABLE and "detail" in decoded:
            return server_error(
                "ValidationError",
                _detail_text(decoded["detail"]),
                http_status=reply.status,
            )
    return _status_error(reply) or ResponseFormatError(
        f"{reply.server_url} answered with {_description(decoded)} instead of an array "
        f"of results (HTTP status {reply.status}), beginning "
        f"{_excerpt(reply.body)!r}. Check the server address and any proxy.",
        server_url=reply.server_url,
    )


def _server_error_of(reply: Reply, decoded: JSONObject) -> ServerError:
    code = decoded.get("error_code")
    return server_error(
        str(decoded["exception"]),
        str(decoded.get("content", "")),
        error_code=None if code is None else str(code),
        http_status=reply.status,
    )


def _detail_text(detail: Any) -> str:
    """Return the places and messages of a 422 reply as one line of text."""
    if not isinstance(detail, list):
        return str(detail)
    return "; ".join(_detail_item(item) for item in detail)


def _detail_item(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    loc = item.get("loc")
    place = ".".join(str(part) for part in loc) if isinstance(loc, list) else ""
    message = str(item.get("msg", item.get("type", "")))
    return f"{place}: {message}" if place else message


def _decode_error(reply: Reply, reason: str) -> TransportError:
    error = _status_error(reply)
    if error is not None:
        return error
    start = reply.body[:64].lstrip()[:1]
    if not reply.body or (start in (b"[", b"{") and reason.startswith("EOF")):
        cause = "the JSON is cut off" if reply.body else "it is empty"
        return TruncatedResponseError(reply.server_url, len(reply.body), cause)
    if start in (b"[", b"{"):
        # No excerpt: results, unlike error pages, may contain confidential data.
        return ResponseFormatError(
            f"{reply.server_url} answered with broken JSON: {reason} of its "
            f"{len(reply.body)} bytes (HTTP status {reply.status}). Try again.",
            server_url=reply.server_url,
        )
    return NotJSONError(
        reply.server_url, reply.status, reply.content_type, _excerpt(reply.body)
    )


def _status_error(reply: Reply) -> TransportError | None:
    """Return the error that follows from the HTTP status alone, or ``None``."""
    if reply.status in _NOT_AN_API or 300 <= reply.status < 400:
        return WrongAddressError(reply.server_url, reply.status)
    if reply.status in _UNAVAILABLE:
        return ServerUnavailableError(reply.server_url, reply.status, reply.retry_after)
    return None


def _description(decoded: Any) -> str:
    match decoded:
        case dict():
            return "a JSON object"
        case list():
            return "a JSON array"
        case str():
            return "a JSON string"
        case None:
            return "null"
        case _:
            return f"the JSON value {decoded}"[:EXCERPT_LENGTH]


def _excerpt(body: bytes) -> str:
    """Return the beginning of `body` as one short line."""
    # Bounds the work for a large page: a character has at most four bytes.
    text = body[: EXCERPT_LENGTH * 8].decode("utf-8", errors="replace")
    return " ".join(text.split())[:EXCERPT_LENGTH]
