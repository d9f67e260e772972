"""Configurations of custom attributes: what they may be and become (protocol 6.7)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules.custom_values import checked_value
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
"""What attributes and links can be of, both spellings of versions included."""

# Tables whose rows have custom attributes, by the types that share them.
_OWNER_ROOTS: Final = ("Context", "Asset", "AssetVersion", "List", "ListObject", "User")

# The default of a type when none is sent, where the schema's own, empty text, is no
# value of it. Those of enumerators, texts and urls (null) are recorded, null for the
# rest is a choice.
_EMPTY: Final[dict[str, Any]] = {
    "enumerator": [],
    "dynamic enumerator": [],
    "text": "",
    "expression": "",
}


# Types whose values need options; the documentation says so of the others, too.
_NEED_CONFIG: Final = frozenset(
    {"dynamic enumerator", "enumerator", "expression", "number", "text"}
)


def check_configuration(
    request: RequestContext, entity_type: str, values: JSONObject
) -> None:
    """Check a new configuration, of values or of links, and complete its default.

    Raises:
        Invalid: it is for entities that have none, or its default is of another type
            than its values.
    """
    for name in ("entity_type", "entity_type_to"):
        sent = values.get(name)
        if sent is not None and sent not in ENTITY_TYPES:
            raise Invalid(
                f"{entity_type}.{name} must be one of {', '.join(sorted(ENTITY_TYPES))}"
                f'. Got "{sent}".'
            )
    if entity_type == "CustomAttributeConfiguration":
        _fill_config(request, values)
        values["default"] = _read_default(request, values, values.get("default"))
        _forget_defaults(request, values["id"])


def change_configuration(
    request: RequestContext, before: JSONObject, changes: JSONObject
) -> None:
    """Check a changed configuration; entities of before keep the default of before.

    Raises:
        Invalid: its type would change, it would belong to a project that it did not
            belong to, or its default is of another type than its values.
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
            _remember_default(request, before)


def _fill_config(request: RequestContext, values: JSONObject) -> None:
    """Set the empty options of a type that needs none, unless some were sent."""
    kind = request.find("CustomAttributeType", values.get("type_id") or "")
    if kind is not None and kind["name"] not in _NEED_CONFIG:
        # The schema's default, empty text, is no JSON.
        values["config"] = values.get("config") or "{}"


def _read_default(
    request: RequestContext, configuration: JSONObject, stored: str | None
) -> str | None:
    """Return a default as stored; empty text is that of a type without one."""
    kind = request.find("CustomAttributeType", configuration.get("type_id") or "")
    if kind is None:
        return stored
    if stored == '""':
        empty = _EMPTY.get(kind["name"])
        return None if empty is None else json.dumps(empty)
    return checked_value(configuration.get("key"), kind["name"], stored)


# -- defaults of before --------------------------------------------------------


def _remember_default(request: RequestContext, before: JSONObject) -> None:
    """Note that all entities there are go on having the default of before.

    One row for each table of owners: rows inserted later have a higher number. A
    default that no entity was created under needs none.
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
        known = sa.select(sa.func.max(former.c.until)).where(own)
        if last is None or last == request.connection.execute(known).scalar():
            continue
        row = {
            "configuration_id": before["id"],
            "owners": root,
            "until": last,
            "default": before["default"],
        }
        request.connection.execute(sa.insert(former).values(row))


def _forget_defaults(request: RequestContext, configuration_id: str) -> None:
    """Let a new configuration begin without those of one that had its id."""
    former = request.storage.tables.metadata.tables[FORMER_DEFAULTS]
    mine = former.c.configuration_id == configuration_id
    request.connection.execute(sa.delete(former).where(mine))
