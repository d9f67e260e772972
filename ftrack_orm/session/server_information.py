"""The information that a server has sent about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ServerInformation:
    """The keys of protocol 2.6 that the server has sent so far.

    Attributes:
        values: the keys that the session requests, ``None`` for none at first.
        by_key: the server's values.
        is_stored: whether `values`, or all keys, were received.
    """

    def __init__(self, values: Sequence[str] | None) -> None:
        self.values = values
        self.by_key: dict[str, Any] = {}
        self.is_stored = False

    def store(self, information: Mapping[str, Any]) -> None:
        """Store the keys of a response."""
        self.by_key.update(information)
        self.is_stored = True
