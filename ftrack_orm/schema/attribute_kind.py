"""The kinds of attributes: scalars, links, collections and mapped arrays.

A module apart from `model`, because generated models import these names and must not
pay for the rest of the schema package.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

EMPTY: Mapping[str, Any] = MappingProxyType({})

MEMBERSHIP_ATTRIBUTES = frozenset({("Appointment", "type")})
"""Attributes that decide together with a foreign key in which collections a row is.

Pairs of type and attribute. An appointment is an assignment or an allocation
(protocol 6.2).
"""


class AttributeKind(Enum):
    """The form of an attribute's value on the wire (protocol 4.3)."""

    SCALAR = "scalar"
    LINK = "link"
    """One reference (``$ref``)."""
    COLLECTION = "collection"
    """A list of references (``array``)."""
    MAPPED = "mapped"
    """A list of entities that each hold a key and a value (``mapped_array``)."""


COLLECTIONS: Mapping[str | None, AttributeKind] = {
    "array": AttributeKind.COLLECTION,
    "mapped_array": AttributeKind.MAPPED,
}
"""The kind of an attribute with a target, by its type; any other type is a link."""
