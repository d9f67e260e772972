"""Values inside the rows of a response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.codec import decode_scalar

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo


def drop_nested(values: dict[str, Any]) -> None:
    """Remove values that are no keys, where a malformed row has them for keys."""
    for name, value in tuple(values.items()):
        if type(value) is dict or type(value) is list:
            del values[name]


def mapped_rows(
    attribute: AttributeInfo, rows: Sequence[dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of rows by key, and the configurations of the keys."""
    names = attribute.key_value_attributes or {}
    key, value = names.get("key", "key"), names.get("value", "value")
    values: dict[str, Any] = {}
    row_keys: dict[str, str] = {}
    for row in rows:
        values[row[key]] = decode_scalar(row.get(value))
        if "configuration_id" in row:
            row_keys[row[key]] = row["configuration_id"]
    return values, row_keys
