"""Encode stored values as JSON, each attribute of an entity once in a response."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from typing import Any, TypeAlias

from ftrack_orm.emulator.blobs.signed_urls import Sign, plain_url
from ftrack_orm.schema.model import Attribute

Decode: TypeAlias = Callable[[Any], Any]
"""Converts a stored value, never null, to JSON."""

Identity: TypeAlias = tuple[Hashable, ...]
"""Concrete type and key values of an entity."""


class ResponseEncoder:
    """Track the attributes that a response contains, across its operations.

    A response contains an attribute of an entity once, at the first occurrence; later
    occurrences repeat type and key only (protocol 3.6). The first occurrence in a later
    operation adds the attributes that no earlier operation requested.

    Attributes:
        denormalize: write every attribute at every occurrence.
        strict: omit attributes that were not requested (protocol 10, row 33).
        sign: returns the address of a picture or file.
        tokens_by_entity: tokens of the attributes that the response contains.
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
        self.tokens_by_entity: dict[Identity, frozenset[int]] = {}
        self._tokens: dict[Hashable, int] = {}

    def token(self, signature: Hashable) -> int:
        """Return a number that identifies one request of an attribute."""
        return self._tokens.setdefault(signature, len(self._tokens))


def decoder(attribute: Attribute) -> Decode | None:
    """Return the decoder of an attribute, `None` where stored values are JSON."""
    if attribute.format == "date-time":
        return _datetime
    if attribute.type == "boolean":
        return bool
    if attribute.type in ("object", "variable"):
        return json.loads
    return None


def _datetime(stored: str) -> dict[str, str]:
    return {"__type__": "datetime", "value": stored}
