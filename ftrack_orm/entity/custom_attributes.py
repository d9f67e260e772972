"""Checks of custom attribute values (protocol 3.5, 6.7)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.mapped import REMOVED, MappedValues
from ftrack_orm.entity.tracking import is_new
from ftrack_orm.errors import AttributeValueError

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity


def checked_values(
    entity: Entity,
    attribute: AttributeInfo,
    rows: MappedValues[Any],
    edits: Mapping[str, Any],
) -> dict[str, Any]:
    """Return edits of custom attributes as they are kept.

    Raises:
        AttributeValueError: a key that is not configured for the entity, or a value
            that its configuration cannot hold; nothing was changed.
    """
    checked: dict[str, Any] = {}
    for key, value in edits.items():
        name = f"{attribute.name}[{key!r}]"
        # The keys of a new entity are checked when it joins a session.
        if not is_new(entity) and key not in rows:
            raise AttributeValueError(
                attribute.owner.name,
                name,
                value,
                "a custom attribute configured for this entity "
                f"({', '.join(sorted(rows)) or 'there are none'})",
            )
        if value is REMOVED and not is_new(entity):
            raise AttributeValueError(
                attribute.owner.name, name, None, "a value; it cannot be deleted"
            )
        kept = value if value is REMOVED else kept_value(value)
        if kept is _REFUSED:
            raise AttributeValueError(attribute.owner.name, name, value, _EXPECTED)
        checked[key] = kept
    return checked


_EXPECTED = (
    "text, a finite number, a boolean, a datetime with a time zone, a list of text, "
    "or None"
)

_REFUSED = object()


def kept_value(value: Any) -> Any:
    """Return a value in the form it is kept in, or `_REFUSED`."""
    match value:
        case None | bool():
            return value
        case str():
            return str.__str__(value)
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else _REFUSED
        case datetime():
            return _kept_time(value)
        case date():
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        case list() | tuple():
            values = [kept_value(part) for part in value]
            return _REFUSED if _REFUSED in values else values
        case Mapping():
            return dict(value)
        case _:
            return _REFUSED


def _kept_time(value: datetime) -> Any:
    if value.tzinfo is None:
        return _REFUSED
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return _REFUSED
