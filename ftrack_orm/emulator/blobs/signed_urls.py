"""Addresses of files that need no user's name and key (protocol 2.15, 6.3).

Whatever answers an address of a file signs it, so that it can be opened as it is; an
API key is in none.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import Final, Literal, TypeAlias
from urllib.parse import quote

Endpoint: TypeAlias = Literal["get", "thumbnail"]

Sign: TypeAlias = Callable[[Endpoint, str], str]
"""From an endpoint and a component's id to the address to answer."""

_TOKEN_BYTES: Final = 16
_REPEATABLE: Final = b"The same requests are to get the same answers."


def plain_url(endpoint: Endpoint, component_id: str, *, server_url: str = "") -> str:
    """Return an address that wants a user's name and key (protocol 7.2)."""
    return f"{server_url}/component/{endpoint}?id={quote(component_id, safe='')}"


class SignedUrls:
    """The addresses handed out, each with a token for one endpoint and component.

    A component has the same token whenever it is asked for, so that what is shown
    twice is shown alike. Tokens live as long as the emulator, and are not part of its
    data: one for a component that is gone by now leads to nothing.
    """

    def __init__(self, *, is_repeatable: bool = False) -> None:
        """Begin with none.

        Args:
            is_repeatable: make the tokens of every run the same. They can be worked
                out then, as counted ids can.
        """
        self._secret = _REPEATABLE if is_repeatable else secrets.token_bytes()
        self._tokens: dict[tuple[str, str], str] = {}

    def signing(self, server_url: str) -> Sign:
        """Return what signs addresses that begin with `server_url`."""
        return partial(self.sign, server_url)

    def sign(self, server_url: str, endpoint: Endpoint, component_id: str) -> str:
        """Return the address of a component's file or picture, good from now on."""
        token = self._tokens.get((endpoint, component_id))
        if token is None:
            token = self._token(endpoint, component_id)
            self._tokens[endpoint, component_id] = token
        url = plain_url(endpoint, component_id, server_url=server_url)
        return f"{url}&token={token}"

    def is_good(self, token: str, endpoint: str, component_id: str) -> bool:
        """Return whether the token was handed out for this."""
        return self._tokens.get((endpoint, component_id)) == token

    def clear(self) -> None:
        """Forget every address."""
        self._tokens.clear()

    def _token(self, endpoint: Endpoint, component_id: str) -> str:
        meant = f"{endpoint} {component_id}".encode()
        return blake2b(meant, key=self._secret, digest_size=_TOKEN_BYTES).hexdigest()
