"""What an attribute holds; apart from the schema's values, because models need it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

EMPTY: Mapping[str, Any] = MappingProxyType({})

MEMBERSHIP_ATTRIBUTES = frozenset({("Appointment", "type")})
"""Types and attributes that decide, beside a key, which collections a member is in.

An appointment is an assignment or an allocation (protocol 6.2).
"""


class AttributeKind(Enum):
    """What an attribute holds on the wire (protocol 4.3)."""

    SCALAR = "scalar"
    LINK = "link"
    """One reference (``$ref``)."""
    COLLECTION = "collection"
    """A list of references (``array``)."""
    MAPPED = "mapped"
    """Key and value entities, read as a mapping (``mapped_array``)."""


COLLECTIONS: Mapping[str | None, AttributeKind] = {
    "array": AttributeKind.COLLECTION,
    "mapped_array": AttributeKind.MAPPED,
}
"""What an attribute that names a target holds, by its type; any other is a link."""
