"""Signed URLs: file URLs that need no username and API key (protocol 2.15, 6.3).

All file URLs in responses are signed, so that a browser can open them. None of them
contains an API key.
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
"""Takes an endpoint and a component's id; returns the URL for a response."""

_TOKEN_BYTES: Final = 16
_REPEATABLE: Final = b"The same requests are to get the same answers."


def plain_url(endpoint: Endpoint, component_id: str, *, server_url: str = "") -> str:
    """Return a URL without a token, which needs a username and key (protocol 7.2)."""
    return f"{server_url}/component/{endpoint}?id={quote(component_id, safe='')}"


class SignedUrls:
    """The tokens of issued URLs, each for one endpoint and component.

    A component has one token for each endpoint, so that the same query returns the
    same URLs. Tokens are valid as long as the emulator runs and are not part of its
    data: the token of a deleted component leads to no file.
    """

    def __init__(self, *, is_repeatable: bool = False) -> None:
        """Create an empty set of tokens.

        Args:
            is_repeatable: make the same tokens in every run. Such tokens can be
                guessed, as counted ids can.
        """
        self._secret = _REPEATABLE if is_repeatable else secrets.token_bytes()
        self._tokens: dict[tuple[str, str], str] = {}

    def signer(self, server_url: str) -> Sign:
        """Return a function that signs URLs which begin with `server_url`."""
        return partial(self.sign, server_url)

    def sign(self, server_url: str, endpoint: Endpoint, component_id: str) -> str:
        """Return the URL of a component's file or thumbnail, valid from now on."""
        token = self._tokens.get((endpoint, component_id))
        if token is None:
            token = self._token(endpoint, component_id)
            self._tokens[endpoint, component_id] = token
        url = plain_url(endpoint, component_id, server_url=server_url)
        return f"{url}&token={token}"

    def is_valid(self, token: str, endpoint: str, component_id: str) -> bool:
        """Return whether the token was issued for this endpoint and component."""
        return self._tokens.get((endpoint, component_id)) == token

    def clear(self) -> None:
        """Invalidate all tokens."""
        self._tokens.clear()

    def _token(self, endpoint: Endpoint, component_id: str) -> str:
        content = f"{endpoint} {component_id}".encode()
        return blake2b(content, key=self._secret, digest_size=_TOKEN_BYTES).hexdigest()
