"""Read rows of metadata and custom attributes (protocol 3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.codec import decode_scalar

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo


def mapped_rows(
    attribute: AttributeInfo, rows: Sequence[dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, str], dict[str, str] | None]:
    """Return the values of rows by name, the configurations of the names, and others.

    Of two configurations with one key, the later row is named by its configuration
    and is among the others, by its key.
    """
    names = attribute.key_value_attributes or {}
    key, value = names.get("key", "key"), names.get("value", "value")
    values: dict[str, Any] = {}
    row_keys: dict[str, str] = {}
    for row in rows:
        values[row[key]] = decode_scalar(row.get(value))
        if "configuration_id" in row:
            row_keys[row[key]] = row["configuration_id"]
    if len(values) == len(rows) or not row_keys:
        return values, row_keys, None
    return _rows_of_shared_keys(rows, key, value)


def _rows_of_shared_keys(
    rows: Sequence[dict[str, Any]], key: str, value: str
) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    values: dict[str, Any] = {}
    row_keys: dict[str, str] = {}
    others: dict[str, str] = {}
    for row in rows:
        name, configuration = row[key], row["configuration_id"]
        if row_keys.get(name, configuration) != configuration:
            others[configuration] = name
            name = configuration
        row_keys[name] = configuration
        values[name] = decode_scalar(row.get(value))
    return values, row_keys, others
