"""Texts that nothing shows: API keys, values of headers, addresses that hold keys."""

from __future__ import annotations

import os
from typing import NoReturn


class Secret:
    """A text that no `repr`, format, pickle or walk over attributes shows.

    Tracebacks with local variables (pytest, rich, Sentry) print whatever a frame can
    reach. The text is stored masked, so that only `reveal` leads to it; call it in the
    expression that needs the text, never to bind a name.
    """

    __slots__ = ("_mask", "_masked")

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"An API key is text, not {type(text).__name__}.")
        data = text.encode("utf-8", "surrogatepass")
        self._mask = os.urandom(len(data))
        self._masked = _mixed(data, self._mask)

    @classmethod
    def of(cls, text: str | Secret) -> Secret:
        """Return `text` as a secret, which it may be already."""
        return text if isinstance(text, Secret) else cls(text)

    def reveal(self) -> str:
        """Return the text."""
        return _mixed(self._masked, self._mask).decode("utf-8", "surrogatepass")

    def __bool__(self) -> bool:
        return bool(self._masked)

    def __repr__(self) -> str:
        return "***"

    def __format__(self, form: str) -> str:
        return format("***", form)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not pickled. Give the API key to the new process.")


def _mixed(data: bytes, mask: bytes) -> bytes:
    mixed = int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")
    return mixed.to_bytes(len(data), "big")
