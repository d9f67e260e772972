"""Keeps the API key on its way to the server, and out of everything else."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Final, Protocol, TypeVar
from urllib.parse import quote

from ftrack_orm.errors import InvalidSettingError


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

    def __init__(self, values: Mapping[str, str]) -> None:
        for name, value in values.items():
            _check_header(name, value)
        self._values = dict(values)

    def updated(self, values: Mapping[str, str] | None) -> Headers:
        """Return these headers with `values` over them."""
        return Headers({**self._values, **values}) if values else self

    def __call__(self, request: RequestT) -> RequestT:
        """Set the headers on `request`, over those it has."""
        request.headers.update(self._values)
        return request

    def __repr__(self) -> str:
        return f"<{len(self._values)} headers>"


class Redaction:
    """Takes the API key out of what an error may quote."""

    def __init__(self, secret: str) -> None:
        self._forms = {secret, quote(secret, safe="")} - {""}

    def text(self, text: str) -> str:
        """Return `text` without the secret."""
        for form in self._forms:
            text = text.replace(form, "***")
        return text

    def page(self, body: bytes) -> bytes:
        """Return `body`, without the key unless it is an array of results.

        Results are the user's own data, may be large, and are never quoted.
        """
        if body[:64].lstrip().startswith(b"["):
            return body
        for form in self._forms:
            body = body.replace(form.encode(), b"***")
        return body

    def __repr__(self) -> str:
        return "Redaction(***)"


def _check_header(name: str, value: str) -> None:
    """Refuse what no header can carry, without quoting it."""
    if not _HEADER_NAME.fullmatch(name):
        raise InvalidSettingError(f"the header name {name!r}", "it is no header name")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        is_sendable = False
    else:
        is_sendable = value.isprintable() and value == value.strip()
    if not is_sendable:
        raise InvalidSettingError(
            f"the value of {name}",
            "it holds a line break, a space at an end, or a character that an HTTP "
            "header cannot carry",
        )
