"""Keeps the API key on its way to the server, and out of everything else."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Final, Protocol, TypeVar

from ftrack_orm.errors.session import InvalidSettingError
from ftrack_orm.transport.secret import Secret


class HasHeaders(Protocol):
    """The one thing of a request that `Headers` touches."""

    @property
    def headers(self) -> MutableMapping[str, str]:
        """Return the headers, open to change."""
        ...


_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")

RequestT = TypeVar("RequestT", bound=HasHeaders)


class Headers:
    """Request headers that no `repr`, and so no traceback with locals, shows.

    Given to `requests` as its authentication: it sets them last, and no netrc file
    is asked for other credentials.
    """

    def __init__(self, values: Mapping[str, str | Secret]) -> None:
        """Take headers.

        Raises:
            InvalidSettingError: a name or value that no header carries; the text
                names it and quotes no value.
        """
        self._values: dict[str, Secret | None] = {}
        hidden = {str(name): _hidden(value) for name, value in values.items()}
        del values  # this frame may raise, and is shown then
        for name, value in hidden.items():
            if not _HEADER_NAME.fullmatch(name):
                raise InvalidSettingError(
                    f"the header name {name!r}", "it is no header name"
                )
            if value is None or not _is_sendable(value):
                raise InvalidSettingError(
                    f"the value of {name}",
                    "it is no text, or holds a line break, a space at an end, or a "
                    "character that an HTTP header cannot carry",
                )
        self._values = hidden

    def updated(self, values: Mapping[str, str] | None) -> Headers:
        """Return these headers with `values` over them, whatever their case.

        Raises:
            InvalidSettingError: as the constructor.
        """
        if not values:
            return self
        other = Headers(values)
        names = {name.lower() for name in other._values}
        kept = {n: v for n, v in self._values.items() if n.lower() not in names}
        other._values = {**kept, **other._values}
        return other

    def __call__(self, request: RequestT) -> RequestT:
        """Set the headers on `request`, over those it has."""
        for name, value in self._values.items():
            if value is not None:
                request.headers[name] = value.reveal()
        return request

    def __repr__(self) -> str:
        return f"<{len(self._values)} headers>"


def _hidden(value: object) -> Secret | None:
    """Return a header's value, ``None`` if it is no text."""
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
