"""Stored values as the wire shows them, and each entity once in a response."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from typing import Any, TypeAlias

from ftrack_orm.emulator.blobs.signed_urls import Sign, plain_url
from ftrack_orm.schema.model import Attribute

Decode: TypeAlias = Callable[[Any], Any]
"""Stored value, never null, to JSON."""

Identity: TypeAlias = tuple[Hashable, ...]
"""Concrete type and key values of an entity."""


class ResponseEncoder:
    """Remembers what a response has said of each entity, across its operations.

    An attribute of an entity is said once, at its first occurrence; a later
    occurrence repeats type and key only (protocol 3.6). What a later one asks for
    in addition is added to it, so nothing asked for is missing from the response.

    Attributes:
        denormalize: say everything at every occurrence.
        strict: leave out what was not asked for (protocol 10, row 33).
        sign: makes the addresses of pictures and files.
        said: for each entity the tokens of the attributes said of it.
    """

    def __init__(
        self,
        denormalize: bool = False,
        *,
        strict: bool = False,
        sign: Sign = plain_url,
    ) -> None:
        self.denormalize = denormalize
        self.strict = strict
        self.sign = sign
        self.said: dict[Identity, frozenset[int]] = {}
        self._tokens: dict[Hashable, int] = {}

    def token(self, signature: Hashable) -> int:
        """Return the number that stands for what is asked of an attribute."""
        return self._tokens.setdefault(signature, len(self._tokens))


def decoder(attribute: Attribute) -> Decode | None:
    """Return how a stored value becomes JSON; `None` when it is JSON already."""
    if attribute.format == "date-time":
        return _datetime
    if attribute.type == "boolean":
        return bool
    if attribute.type in ("object", "variable"):
        return json.loads
    return None


def _datetime(stored: str) -> dict[str, str]:
    return {"__type__": "datetime", "value": stored}
