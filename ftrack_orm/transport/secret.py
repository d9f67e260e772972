"""Secret texts: API keys, header values, addresses that contain keys."""

from __future__ import annotations

import os
from typing import NoReturn


class Secret:
    """A text that no `repr`, format, pickle or inspection of attributes shows.

    Tracebacks with local variables (pytest, rich, Sentry) print every object that a
    frame refers to. The text is stored masked, and only `reveal` returns it. Call
    `reveal` within the expression that needs the text; a variable would show it.
    """

    __slots__ = ("_mask", "_masked")

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"An API key is text, not {type(text).__name__}.")
        # `surrogatepass` accepts lone surrogates; the error of a strict encoder would
        # hold the text.
        data = text.encode("utf-8", "surrogatepass")
        self._mask = os.urandom(len(data))
        self._masked = _xor(data, self._mask)

    @classmethod
    def of(cls, text: str | Secret) -> Secret:
        """Return `text` as a secret; return a secret unchanged."""
        return text if isinstance(text, Secret) else cls(text)

    def reveal(self) -> str:
        """Return the text."""
        return _xor(self._masked, self._mask).decode("utf-8", "surrogatepass")

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
        raise TypeError(
            "A secret cannot be pickled. Pass the API key to the new process instead."
        )


def _xor(data: bytes, mask: bytes) -> bytes:
    mixed = int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")
    return mixed.to_bytes(len(data), "big")
