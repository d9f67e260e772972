"""Addresses of components' files that need no key (protocol 2.15)."""

from __future__ import annotations

from typing import Final

SIGNED_PATH: Final = "/component/signed"
"""Path of the address; the token is its query parameter ``token``."""


class SignedUrls:
    """Which component each token handed out stands for.

    They live as long as the emulator, and are not part of its data: a token for a
    component that is gone by now leads to nothing.
    """

    def __init__(self) -> None:
        self._components: dict[str, str] = {}

    def issue(self, server_url: str, token: str, component_id: str) -> str:
        """Return the address of a component's file, `token` being its key from now."""
        self._components[token] = component_id
        return f"{server_url}{SIGNED_PATH}?token={token}"

    def component(self, token: str) -> str | None:
        """Return the component a token stands for, or ``None``."""
        return self._components.get(token)
