"""Checks on writes to object types, which change the schema (protocol 4.4)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ftrack_orm.emulator.errors import BrokenReference, Duplicate, Invalid
from ftrack_orm.emulator.storage.object_types import (
    is_referred_to,
    type_name,
    types_by_object_type,
)
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def is_schema_change(entity_type: str, names: Collection[str] | None = None) -> bool:
    """Return whether a write changes the schema: a write of an object type's name.

    Args:
        entity_type: type of the entity written.
        names: names of the updated attributes; ``None`` for creates and deletes.
    """
    return entity_type == "ObjectType" and (names is None or "name" in names)


def fill_object_type(request: RequestContext, values: JSONObject) -> None:
    """Set the id of a new object type to that of its type, if the schema has one.

    An id that the client sent stays.
    """
    served = _served_id(request, type_name(str(values.get("name") or "")))
    if served is not None and request.find("ObjectType", served) is None:
        values.setdefault("id", served)


def _served_id(request: RequestContext, name: str) -> str | None:
    """Return the id of the object type of a served type, or ``None``."""
    names = types_by_object_type(request.storage.base_schema)
    return next((key for key, served in names.items() if served == name), None)


def check_object_type(request: RequestContext, values: JSONObject) -> None:
    """Refuse an object type that cannot become an entity type; assumed (6.5).

    Raises:
        Invalid: its name cannot be turned into a type name.
        Duplicate: the schema has a type of that name.
    """
    name = type_name(str(values.get("name") or ""))
    if not name.isidentifier():
        raise Invalid(f'"{values.get("name")}" cannot be the name of an object type.')
    if name not in request.schema:
        return
    # A seed without object types is filled by creating them: their types exist already.
    names = [type_name(row["name"] or "") for row in request.where("ObjectType")]
    if _served_id(request, name) is None or name in names:
        raise Duplicate(f"There is an entity type called {name} already.")


def rename_object_type(request: RequestContext, row: JSONObject, name: object) -> None:
    """Rename the entity type of an object type, and change the type of its entities.

    Raises:
        Duplicate, Invalid: the new name cannot be used; see `check_object_type`.
        UnsupportedError: links of other types lead to the type. No source describes
            how a server changes their declared type.
    """
    old, new = type_name(row["name"]), type_name(str(name))
    if old == new:
        return
    if is_referred_to(request.schema, old):
        raise UnsupportedError(
            f"renaming the object type {row['name']!r}, which other types refer to"
        )
    check_object_type(request, {"name": name})
    if new in request.schema:
        raise Duplicate(f"There is an entity type called {new} already.")
    request.storage.retype(request.connection, old, new)


def check_unused(request: RequestContext, row: JSONObject) -> None:
    """Refuse to delete an object type that is in use; assumed (6.4).

    Raises:
        BrokenReference: entities of the type are stored.
        UnsupportedError: the type belongs to the schema that the emulator serves.
    """
    if row["id"] in types_by_object_type(request.storage.base_schema):
        # Without its row the type would look like one that no seed planted, and
        # would be served again.
        raise UnsupportedError(
            f"deleting the object type {row['name']!r}, which the schema it serves has"
        )
    if request.where(type_name(row["name"])):
        raise BrokenReference(
            f'There are entities of the object type "{row["name"]}". Delete them first.'
        )
