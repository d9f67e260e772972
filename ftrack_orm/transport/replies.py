"""Reads a reply by the rules of the protocol: results, or the right error.

A success is a JSON array with one result per operation. Anything else is an error,
told apart here and nowhere else (protocol 1.4 and 1.6).
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
"""Characters of a strange answer that an error quotes."""

_ERRORS_BY_NAME: Final[dict[str, type[ServerError]]] = {
    "InvalidCredentialsError": InvalidCredentialsError,
    "FTAuthenticationError": ServerPermissionDeniedError,
    "PermissionError": ServerPermissionDeniedError,
    "ValidationError": ServerValidationError,
}

# Some servers name bad credentials here instead of in `exception` (protocol 1.6).
_CREDENTIALS_CODE: Final = "api_credentials_invalid"

_NOBODY_HOME: Final = frozenset({404, 405, 410})
_AWAY_FOR_NOW: Final = frozenset({429, 502, 503, 504})
_UNPROCESSABLE: Final = 422


def read_reply(reply: Reply, operations: int) -> list[Any]:
    """Return the results in `reply`, one for each of `operations`, in their order.

    Raises:
        ServerError: the server refused the batch; the subclass says why.
        ServerUnavailableError: the server or a gateway is overloaded or away.
        WrongAddressError: no ftrack API lives at the address.
        NotJSONError: a page of a proxy, a login or the like.
        TruncatedResponseError: the JSON breaks off.
        ResponseLengthError: another number of results than operations.
        ResponseFormatError: JSON, but not what the protocol says.
    """
    try:
        # NaN and Infinity are no JSON, though Python writes and reads them.
        decoded = from_json(reply.body, cache_strings="all", allow_inf_nan=False)
    except ValueError as error:
        raise _undecodable(reply, str(error)) from None
    if isinstance(decoded, list) and reply.status < 300:
        if len(decoded) != operations:
            raise ResponseLengthError(reply.server_url, operations, len(decoded))
        return decoded
    raise _refusal(reply, decoded)


def server_error(
    exception: str,
    content: str,
    *,
    error_code: str | None = None,
    http_status: int = 200,
) -> ServerError:
    """Return the error that stands for the server's `exception` (protocol 1.6)."""
    error_type = _ERRORS_BY_NAME.get(exception, ServerError)
    if error_code == _CREDENTIALS_CODE:
        error_type = InvalidCredentialsError
    return error_type(
        exception, content, error_code=error_code, http_status=http_status
    )


def _refusal(reply: Reply, decoded: Any) -> TransportError | ServerError:
    if isinstance(decoded, dict):
        if "exception" in decoded:
            return _server_error_of(reply, decoded)
        if reply.status == _UNPROCESSABLE and "detail" in decoded:
            return server_error(
                "ValidationError",
                _detail_text(decoded["detail"]),
                http_status=reply.status,
            )
    return _by_status(reply) or ResponseFormatError(
        f"{reply.server_url} answered with {_described(decoded)} where an array of "
        f"results belongs (HTTP status {reply.status}), beginning "
        f"{_excerpt(reply.body)!r}. Check the server address, and what stands between.",
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
    """Return a 422 reply's list of places and messages as one line of text."""
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


def _undecodable(reply: Reply, reason: str) -> TransportError:
    by_status = _by_status(reply)
    if by_status is not None:
        return by_status
    start = reply.body[:64].lstrip()[:1]
    if not reply.body or (start in (b"[", b"{") and reason.startswith("EOF")):
        cause = "the JSON is cut off" if reply.body else "it is empty"
        return TruncatedResponseError(reply.server_url, len(reply.body), cause)
    if start in (b"[", b"{"):
        # No excerpt: results, unlike error pages, may hold what must not be shown.
        return ResponseFormatError(
            f"{reply.server_url} answered with broken JSON: {reason} of its "
            f"{len(reply.body)} bytes (HTTP status {reply.status}). Try again.",
            server_url=reply.server_url,
        )
    return NotJSONError(
        reply.server_url, reply.status, reply.content_type, _excerpt(reply.body)
    )


def _by_status(reply: Reply) -> TransportError | None:
    """Return the error that the HTTP status alone tells, if it tells one."""
    if reply.status in _NOBODY_HOME or 300 <= reply.status < 400:
        return WrongAddressError(reply.server_url, reply.status)
    if reply.status in _AWAY_FOR_NOW:
        return ServerUnavailableError(reply.server_url, reply.status, reply.retry_after)
    return None


def _described(decoded: Any) -> str:
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
    # Four bytes make a character at most; more of a large page is never decoded.
    text = body[: EXCERPT_LENGTH * 8].decode("utf-8", errors="replace")
    return " ".join(text.split())[:EXCERPT_LENGTH]
