"""Read the rows of metadata and custom attributes (protocol 3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.codec import decode_scalar

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo


def mapped_rows(
    attribute: AttributeInfo, rows: Sequence[dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, str], dict[str, str] | None]:
    """Return the values of rows by name, and the configurations of the names.

    Returns:
        The values by key; the id of each key's configuration; and, when several
        configurations share a key, the later ones: their ids, by which their values
        are named, to the key. ``None`` when none do.
    """
    names = attribute.key_value_attributes or {}
    key, value = names.get("key", "key"), names.get("value", "value")
    values: dict[str, Any] = {}
    row_keys: dict[str, str] = {}
    for row in rows:
        values[row[key]] = decode_scalar(row.get(value))
        if "configuration_id" in row:
            row_keys[row[key]] = row["configuration_id"]
    # As many values as rows: no two rows share a key, as nearly always.
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
