"""Writes of custom attribute values (protocol 3.5, 6.7).

Reads are dense: every configuration has a row for every entity it applies to. Storage
is sparse: only values that were set have a row.
"""

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
from ftrack_orm.emulator.storage.statements import parameter
from ftrack_orm.emulator.storage.tables import OWNERS, SPARSE_VALUES, is_dense
from ftrack_orm.emulator.wire import is_wrapped_date, read_datetime
from ftrack_orm.schema.model import EntitySchema
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext
    from ftrack_orm.emulator.wire import EntityData

_CONFIGURATION: Final = "CustomAttributeConfiguration"

_PLACE: Final = ("object_type_id", "project_id")
"""The attributes of an entity on which the configurations that apply depend."""


def is_prefixed(entity_type: str) -> bool:
    """Return whether the type has a dense row for every configuration."""
    return is_dense(entity_type)


def is_value_type(entity_type: str) -> bool:
    """Return whether entities of this type are custom attribute values."""
    return entity_type == SPARSE_VALUES or is_dense(entity_type)


def store(
    request: RequestContext, entity_type: str, key: EntityKey, data: EntityData
) -> None:
    """Set a value, stored before or not: the Python client only sends updates.

    Raises:
        EntityNotFound: the configuration or the entity does not exist, or the
            configuration does not apply to the entity.
        Invalid: the value does not match the configuration's type, or another
            attribute would change.
    """
    columns: JSONObject = dict(zip(("configuration_id", "entity_id"), key, strict=True))
    for name, value in data.scalars.items():
        if name != "value" and columns.get(name) != value:
            raise Invalid(f'Attribute "{name}" on {entity_type} is immutable.')
    # The only link leads to the configuration, whose id is the first part of the key.
    if any(link is None or link.key != key[:1] for link in data.links.values()):
        raise Invalid(f"Only the value of {entity_type} can be changed.")
    _check_owner(request, entity_type, key)
    if "value" not in data.scalars:
        return
    text = _check_value_of(request, str(key[0]), data.scalars["value"])
    if request.find(SPARSE_VALUES, *key) is None:
        request.insert(
            SPARSE_VALUES, {**columns, **_key_column(request, key), "value": text}
        )
    else:
        request.set(SPARSE_VALUES, key, {"value": text})


def create(
    request: RequestContext, entity_schema: EntitySchema, values: JSONObject
) -> EntityKey:
    """Store a new value and return its key.

    Raises:
        Duplicate: a value is stored for the key.
        EntityNotFound: as for `store`.
        Invalid: the value does not match the configuration's type, or a part of the
            key is missing.
    """
    for name in entity_schema.primary_key:
        if not values.get(name):
            raise Invalid(
                f'Missing required attribute "{name}" on entity {entity_schema.name}.'
            )
    key = request.key_of(entity_schema.name, values)
    _check_owner(request, entity_schema.name, key)
    check_new_key(request, entity_schema, key)
    values["value"] = _check_value_of(request, str(key[0]), values.get("value"))
    request.insert(SPARSE_VALUES, {**values, **_key_column(request, key)})
    return key


def check_value(key: str | None, expected: str, stored: str | None) -> str | None:
    """Return the JSON text to store for a value of the expected type.

    Null is always allowed. A date is accepted without its wrapper, as in other
    attributes. An enumerator's value is a list of texts; a single text is refused.
    Texts that are not among the configuration's options are accepted.

    Args:
        key: key of the configuration, for the error.
        expected: name of the type of its values.
        stored: JSON text, or ``None``.

    Raises:
        Invalid: the value has another type; the message was recorded from a server
            (protocol 1.6).
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


def _check_value_of(
    request: RequestContext, configuration_id: str, stored: str | None
) -> str | None:
    configuration = request.get(_CONFIGURATION, (configuration_id,))
    value_type = request.find("CustomAttributeType", configuration["type_id"] or "")
    expected = value_type["name"] if value_type is not None else ""
    return check_value(configuration["key"], expected, stored)


def _check_owner(request: RequestContext, entity_type: str, key: EntityKey) -> None:
    """Refuse a value of an entity that does not exist or has no such attribute (6.7).

    Raises:
        EntityNotFound: there is no dense row with this key.
        PermissionDenied: the user may not set custom attributes of the entity.
    """
    configuration_id, entity_id = key
    if request.find_visible(_CONFIGURATION, configuration_id) is None:
        raise EntityNotFound(entity_type, key)
    # The sparse type has no prefix and holds the values of all owner types.
    prefix = entity_type.removesuffix(SPARSE_VALUES)
    for owner_type in (prefix,) if prefix else OWNERS:
        if owner_type not in request.schema:
            continue
        owner = request.find_visible(owner_type, entity_id)
        if owner is not None and _applies(request, owner_type, owner, key):
            permission_checks.check_attached(
                request, owner_type, str(entity_id), SPARSE_VALUES
            )
            return
    raise EntityNotFound(entity_type, key)


def _applies(
    request: RequestContext, owner_type: str, owner: JSONObject, key: EntityKey
) -> bool:
    """Return whether a configuration applies to an entity: its dense row exists."""
    # The answer is the same for entities of one type and project. Only the items of a
    # list have the project of another row.
    if "list_id" in owner:
        return _has_dense_row(request, owner_type, key)
    root = request.storage.tables.root(_CONFIGURATION)
    answers = request.rows.answers(root)
    place = (key[0], owner["__type__"], *(owner.get(name) for name in _PLACE))
    if place not in answers:
        answers[place] = _has_dense_row(request, owner_type, key)
    applies: bool = answers[place]
    return applies


def _has_dense_row(request: RequestContext, owner_type: str, key: EntityKey) -> bool:
    tables, entity_type = request.storage.tables, f"{owner_type}{SPARSE_VALUES}"

    def build() -> sa.Executable:
        rows = dense_rows(tables, entity_type)
        return sa.select(rows.c.entity_id).where(
            rows.c.configuration_id == parameter("configuration"),
            rows.c.entity_id == parameter("entity"),
        )

    configuration_id, entity_id = key
    values = {"configuration": configuration_id, "entity": entity_id}
    statement_key = ("dense row", entity_type)
    return bool(request.storage.fetch(request.connection, statement_key, build, values))


def _key_column(request: RequestContext, key: EntityKey) -> JSONObject:
    """Return the configuration's key as a column, if the schema has that column."""
    if not request.storage.has_column(SPARSE_VALUES, "key"):
        return {}
    configuration = request.get(_CONFIGURATION, (key[0],))
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
