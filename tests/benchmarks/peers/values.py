"""Queries and operations of custom attribute values, which several scripts use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import ftrack_api.operation
import ftrack_api.symbol


def blocks(items: list[Any], size: int) -> Iterator[list[Any]]:
    """Yield consecutive parts of a list."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def joined(ids: list[str]) -> str:
    """Return ids as the query language writes them."""
    return ", ".join(f'"{each}"' for each in ids)


def stored_values(session: Any, attribute: str, ids: list[str]) -> dict[str, Any]:
    """Return the values of an attribute by entity, a query for each 500 entities.

    Only rows that are stored have this type: defaults are not among them.
    """
    values = {}
    for block in blocks(ids, 500):
        rows = session.query(
            "select entity_id, value from CustomAttributeValue "
            f'where configuration_id is "{attribute}" '
            f"and entity_id in ({joined(block)})"
        )
        values.update({row["entity_id"]: row["value"] for row in rows})
    return values


def _key(attribute: str, entity: str) -> OrderedDict[str, str]:
    return OrderedDict([("configuration_id", attribute), ("entity_id", entity)])


def set_value(session: Any, attribute: str, entity: str, value: Any) -> None:
    """Record the update of a value."""
    session.recorded_operations.push(
        ftrack_api.operation.UpdateEntityOperation(
            "ContextCustomAttributeValue",
            _key(attribute, entity),
            "value",
            ftrack_api.symbol.NOT_SET,
            value,
        )
    )


def delete_value(session: Any, attribute: str, entity: str) -> None:
    """Record the deletion of a value."""
    session.recorded_operations.push(
        ftrack_api.operation.DeleteEntityOperation(
            "CustomAttributeValue", _key(attribute, entity)
        )
    )
