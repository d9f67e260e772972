"""Writes to object types, which change the schema served (protocol 4.4)."""

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


def is_schema_change(entity_type: str, sent: Collection[str] | None = None) -> bool:
    """Return whether a write changes the schema: that of an object type's name.

    Args:
        entity_type: type of the entity written.
        sent: attributes of an update; ``None`` for creates and deletes.
    """
    return entity_type == "ObjectType" and (sent is None or "name" in sent)


def check_object_type(request: RequestContext, values: JSONObject) -> None:
    """Refuse an object type whose type could not be served; assumed (6.5).

    Raises:
        Invalid: its name makes no name of a type.
        Duplicate: there is a type of that name.
    """
    name = type_name(str(values.get("name") or ""))
    if not name.isidentifier():
        raise Invalid(f'"{values.get("name")}" cannot be the name of an object type.')
    if name in request.schema:
        raise Duplicate(f"There is an entity type called {name} already.")


def rename_object_type(request: RequestContext, row: JSONObject, name: object) -> None:
    """Make way for a new name: entities of the old type become ones of the new.

    Raises:
        UnsupportedError: other types lead to the type: what becomes of their links,
            whose declared type clients know by its name, no source tells.
    """
    old, new = type_name(row["name"]), type_name(str(name))
    if old == new:
        return
    if is_referred_to(request.schema, old):
        raise UnsupportedError(
            f"renaming the object type {row['name']!r}, which other types refer to"
        )
    check_object_type(request, {"name": name})
    request.storage.retype(request.connection, old, new)


def check_unused(request: RequestContext, row: JSONObject) -> None:
    """Refuse to delete an object type that is in use; assumed (6.4).

    Raises:
        BrokenReference: there are entities of it.
        UnsupportedError: the type belongs to the schema the emulator was given.
    """
    if row["id"] in types_by_object_type(request.storage.base_schema):
        # Whether it is gone could not be told from one that was never planted.
        raise UnsupportedError(
            f"deleting the object type {row['name']!r}, which the schema it serves has"
        )
    if request.where(type_name(row["name"])):
        raise BrokenReference(
            f'There are entities of the object type "{row["name"]}". Delete them first.'
        )
