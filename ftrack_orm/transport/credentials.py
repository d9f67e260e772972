"""Request headers that contain the API key, hidden from reprs and tracebacks."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Final, Protocol, TypeVar

from ftrack_orm.errors.session import InvalidSettingError
from ftrack_orm.transport.secret import Secret


class RequestLike(Protocol):
    """A request whose headers can be set."""

    @property
    def headers(self) -> MutableMapping[str, str]:
        """Return the headers of the request."""
        ...


_SETTINGS: Final = {
    "ftrack-user": "api_user",
    "ftrack-api-key": "api_key",
    "ftrack-Clienttoken": "client_token",
}
"""The arguments of a session that are sent as headers, by their headers."""

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")

RequestT = TypeVar("RequestT", bound=RequestLike)


class Headers:
    """Request headers whose values no `repr` and no traceback with locals shows.

    An instance is passed to `requests` as the authentication of a request: `requests`
    calls it after setting all other headers, and does not read a netrc file.
    """

    def __init__(self, values: Mapping[str, str | Secret]) -> None:
        """Store the headers.

        Raises:
            InvalidSettingError: a name or value is not valid in HTTP; the message
                quotes the name and no value.
        """
        self._values: dict[str, Secret | None] = {}
        if not isinstance(values, Mapping):
            raise InvalidSettingError(
                "additional_headers", "they are not a mapping of names to texts"
            )
        secrets = {str(name): _as_secret(value) for name, value in values.items()}
        # The frame is part of a traceback if the loop raises.
        del values
        for name, value in secrets.items():
            if not _HEADER_NAME.fullmatch(name):
                raise InvalidSettingError(
                    f"the header name {name!r}", "it is not a valid header name"
                )
            if value is None or not _is_sendable(value):
                raise InvalidSettingError(
                    _SETTINGS.get(name, f"the value of {name}"),
                    f"it is sent as the header {name}, and is not text, or contains a "
                    "line break, a space at an end, or a character that HTTP headers "
                    "cannot contain",
                )
        self._values = secrets

    def updated(self, values: Mapping[str, str] | None) -> Headers:
        """Return these headers, replaced or extended by `values`.

        Names are compared without regard to case.

        Raises:
            InvalidSettingError: as in the constructor.
        """
        if not values:
            return self
        other = Headers(values)
        names = {name.lower() for name in other._values}
        unchanged = {
            name: value
            for name, value in self._values.items()
            if name.lower() not in names
        }
        other._values = {**unchanged, **other._values}
        return other

    def __call__(self, request: RequestT) -> RequestT:
        """Set the headers on `request`, replacing those of the same names."""
        for name, value in self._values.items():
            if value is not None:
                request.headers[name] = value.reveal()
        return request

    def __repr__(self) -> str:
        return f"<{len(self._values)} headers>"


def _as_secret(value: object) -> Secret | None:
    """Return a header's value as a secret, or ``None`` if it is not text."""
    if isinstance(value, Secret):
        return value
    return Secret(value) if isinstance(value, str) else None


def _is_sendable(value: Secret) -> bool:
    text = value.reveal()
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return text.isprintable() and text == text.strip()
