"""Checks on new and changed configurations of custom attributes (protocol 6.7)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules.custom_values import check_value
from ftrack_orm.emulator.storage.own_tables import FORMER_DEFAULTS
from ftrack_orm.emulator.storage.tables import ORDER
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

ENTITY_TYPES: Final = frozenset(
    {
        "asset",
        "asset_version",
        "assetversion",
        "component",
        "context",
        "group",
        "list",
        "list_object",
        "listobject",
        "show",
        "task",
        "user",
    }
)
"""Values of a configuration's `entity_type`; versions and lists have two spellings."""

# Base types whose tables hold the entities that have custom attributes.
_OWNER_ROOTS: Final = ("Context", "Asset", "AssetVersion", "List", "ListObject", "User")

# Defaults of types for which the schema's default, empty text, is not a valid value.
# Those of enumerators, texts and urls (null) were recorded from a server; null for the
# other types is assumed.
_EMPTY: Final[dict[str, Any]] = {
    "enumerator": [],
    "dynamic enumerator": [],
    "text": "",
    "expression": "",
}


# Types whose values need options; the others do by the documentation, too.
_NEED_CONFIG: Final = frozenset(
    {"dynamic enumerator", "enumerator", "expression", "number", "text"}
)


def check_configuration(
    request: RequestContext, entity_type: str, values: JSONObject
) -> None:
    """Check a new configuration, of values or of links, and complete its default.

    Raises:
        Invalid: its entity type cannot have custom attributes, or its default does
            not match the type of its values.
    """
    for name in ("entity_type", "entity_type_to"):
        value = values.get(name)
        if value is not None and value not in ENTITY_TYPES:
            raise Invalid(
                f"{entity_type}.{name} must be one of {', '.join(sorted(ENTITY_TYPES))}"
                f'. Got "{value}".'
            )
    if entity_type == "CustomAttributeConfiguration":
        _fill_config(request, values)
        values["default"] = _read_default(request, values, values.get("default"))
        _delete_former_defaults(request, values["id"])


def change_configuration(
    request: RequestContext, before: JSONObject, changes: JSONObject
) -> None:
    """Check a changed configuration; existing entities keep the former default.

    Raises:
        Invalid: its type would change, it would move into another project, or its
            default does not match the type of its values.
    """
    if "type_id" in changes and changes["type_id"] != before["type_id"]:
        raise Invalid("The type of a custom attribute configuration cannot change.")
    project_id = changes.get("project_id")
    if project_id is not None and project_id != before["project_id"]:
        raise Invalid(
            "A custom attribute configuration can be made global, not put into a "
            "project."
        )
    if "default" in changes:
        changes["default"] = _read_default(request, before, changes["default"])
        if changes["default"] != before["default"]:
            _add_former_default(request, before)


def _fill_config(request: RequestContext, values: JSONObject) -> None:
    """Set the empty options of a type that needs none, unless some were sent."""
    kind = request.find("CustomAttributeType", values.get("type_id") or "")
    if kind is not None and kind["name"] not in _NEED_CONFIG:
        # The schema's default, empty text, is no JSON.
        values["config"] = values.get("config") or "{}"


def _read_default(
    request: RequestContext, configuration: JSONObject, stored: str | None
) -> str | None:
    """Return a default as JSON text; empty text is the type's default."""
    value_type = request.find("CustomAttributeType", configuration.get("type_id") or "")
    if value_type is None:
        return stored
    if stored == '""':
        empty = _EMPTY.get(value_type["name"])
        return None if empty is None else json.dumps(empty)
    return check_value(configuration.get("key"), value_type["name"], stored)


# -- former defaults -----------------------------------------------------------


def _add_former_default(request: RequestContext, before: JSONObject) -> None:
    """Record the former default, which existing entities keep.

    One row for each table of owners holds the insertion number of its last entity;
    entities inserted later have a higher number. No row is added if no entity was
    created since the last change.
    """
    tables = request.storage.tables
    former = tables.metadata.tables[FORMER_DEFAULTS]
    for root in dict.fromkeys(
        tables.root(owner) for owner in _OWNER_ROOTS if owner in request.schema
    ):
        order = tables.table(root).c[ORDER]
        last = request.connection.execute(sa.select(sa.func.max(order))).scalar()
        own = sa.and_(
            former.c.configuration_id == before["id"], former.c.owners == root
        )
        latest = sa.select(sa.func.max(former.c.until)).where(own)
        if last is None or last == request.connection.execute(latest).scalar():
            continue
        row = {
            "configuration_id": before["id"],
            "owners": root,
            "until": last,
            "default": before["default"],
        }
        request.connection.execute(sa.insert(former).values(row))


def _delete_former_defaults(request: RequestContext, configuration_id: str) -> None:
    """Delete the former defaults of a deleted configuration with the same id."""
    former = request.storage.tables.metadata.tables[FORMER_DEFAULTS]
    is_same = former.c.configuration_id == configuration_id
    request.connection.execute(sa.delete(former).where(is_same))
