"""Custom attribute values: dense to read, sparse to store (protocol 3.5, 6.7)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from ftrack_orm.emulator.errors import (
    EntityNotFound,
    Invalid,
    wrong_custom_attribute_type,
)
from ftrack_orm.emulator.query_engine.dense import dense_rows
from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.emulator.rules.checks import check_new_key
from ftrack_orm.emulator.storage.tables import OWNERS, SPARSE_VALUES, Tables, is_dense
from ftrack_orm.emulator.wire import is_wrapped_date, read_datetime
from ftrack_orm.schema.model import EntitySchema
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext
    from ftrack_orm.emulator.wire import EntityData


def is_prefixed(entity_type: str) -> bool:
    """Return whether this is one of the types with a row for every configuration."""
    return is_dense(entity_type)


def is_value_type(entity_type: str) -> bool:
    """Return whether entities of this type are custom attribute values."""
    return entity_type == SPARSE_VALUES or is_dense(entity_type)


def store(
    request: RequestContext, entity_type: str, key: EntityKey, data: EntityData
) -> None:
    """Set a value, whether or not one was stored before: PY only ever updates.

    Raises:
        EntityNotFound: no such configuration or entity, or none that apply to each
            other.
        Invalid: a value of another type than the configuration says, or an
            attribute beside it.
    """
    own: JSONObject = dict(zip(("configuration_id", "entity_id"), key, strict=True))
    for name, sent in data.scalars.items():
        if name != "value" and own.get(name) != sent:
            raise Invalid(f'Attribute "{name}" on {entity_type} is immutable.')
    # The one link there is, to the configuration, says what the key says.
    if any(link is None or link.key != key[:1] for link in data.links.values()):
        raise Invalid(f"Only the value of {entity_type} can be changed.")
    _check_owner(request, entity_type, key)
    if "value" not in data.scalars:
        return
    value = _value_of(request, str(key[0]), data.scalars["value"])
    if request.find(SPARSE_VALUES, *key) is None:
        request.insert(SPARSE_VALUES, {**own, **_keyed(request, key), "value": value})
    else:
        request.set(SPARSE_VALUES, key, {"value": value})


def create(
    request: RequestContext, entity_type: EntitySchema, values: JSONObject
) -> EntityKey:
    """Store a value that was not there; return its key.

    Raises:
        Duplicate: it was there.
        Invalid: a value of another type, or a key that is not whole.
    """
    for name in entity_type.primary_key:
        if not values.get(name):
            raise Invalid(
                f'Missing required attribute "{name}" on entity {entity_type.name}.'
            )
    key = request.key_of(entity_type.name, values)
    _check_owner(request, entity_type.name, key)
    check_new_key(request, entity_type, key)
    values["value"] = _value_of(request, str(key[0]), values.get("value"))
    request.insert(SPARSE_VALUES, {**values, **_keyed(request, key)})
    return key


def checked_value(key: str | None, expected: str, stored: str | None) -> str | None:
    """Return the JSON text to store, if it is of the type that is expected.

    Null is always allowed. A date may come without its wrapper, as dates elsewhere.
    Enumerators hold a list of texts, one text alone is refused; that they are among
    those of the configuration is not asked.

    Args:
        key: of the configuration.
        expected: name of the type of its values.
        stored: JSON text, or ``None``.

    Raises:
        Invalid: with the text a server was recorded to send (protocol 1.6).
    """
    value = None if stored is None else json.loads(stored)
    if value is None:
        return None
    if expected == "date" and isinstance(value, str):
        value = {"__type__": "datetime", "value": read_datetime(str(key), value)}
    allows = _ALLOWED.get(expected)
    if allows is not None and not allows(value):
        raise wrong_custom_attribute_type(str(key), expected, value)
    return json.dumps(value)


def _value_of(
    request: RequestContext, configuration_id: str, stored: str | None
) -> str | None:
    configuration = request.get("CustomAttributeConfiguration", (configuration_id,))
    kind = request.find("CustomAttributeType", configuration["type_id"] or "")
    expected = kind["name"] if kind is not None else ""
    return checked_value(configuration["key"], expected, stored)


def _check_owner(request: RequestContext, entity_type: str, key: EntityKey) -> None:
    """Refuse a value of what is not there, or of what it does not apply to (6.7)."""
    configuration_id, entity_id = key
    if request.find_visible("CustomAttributeConfiguration", configuration_id) is None:
        raise EntityNotFound(entity_type, key)
    owner = entity_type.removesuffix(SPARSE_VALUES)
    for kind in (owner,) if owner else OWNERS:
        if kind in request.schema and request.find_visible(kind, entity_id):
            # The row that the entity shows, whether or not a value is stored for it.
            statement = _row_of(request.storage.tables, f"{kind}{SPARSE_VALUES}")
            asked = {"configuration": configuration_id, "entity": entity_id}
            if request.connection.execute(statement, asked).first() is not None:
                permission_checks.check_attached(
                    request, kind, str(entity_id), SPARSE_VALUES
                )
                return
    raise EntityNotFound(entity_type, key)


def _row_of(tables: Tables, entity_type: str) -> sa.Executable:
    """Return the statement that finds a dense row, built once: that takes longest."""
    asked = ("dense row", entity_type)
    if asked not in tables.statements:
        rows = dense_rows(tables, entity_type)
        tables.statements[asked] = sa.select(rows.c.entity_id).where(
            rows.c.configuration_id == sa.bindparam("configuration"),
            rows.c.entity_id == sa.bindparam("entity"),
        )
    found: sa.Executable = tables.statements[asked]
    return found


def _keyed(request: RequestContext, key: EntityKey) -> JSONObject:
    """Return the configuration's key for the row, where rows hold it."""
    if not request.storage.has_column(SPARSE_VALUES, "key"):
        return {}
    configuration = request.get("CustomAttributeConfiguration", (key[0],))
    return {"key": configuration["key"]}


# -- values by configuration type --------------------------------------------


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_ALLOWED: Final[Mapping[str, Callable[[Any], bool]]] = {
    "text": _is_text,
    "number": _is_number,
    "boolean": _is_boolean,
    "date": is_wrapped_date,
    "enumerator": _is_list_of_text,
    "dynamic enumerator": _is_list_of_text,
    "expression": _is_text,
    "url": _is_text,
}
