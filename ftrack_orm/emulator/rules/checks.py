"""What must hold of a row: required attributes and uniqueness (protocol 6.5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.errors import Duplicate, Invalid
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.schema.model import AttributeKind, EntitySchema
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

NEEDED: Final[Mapping[str, Sequence[str]]] = {
    "Asset": ("context_id",),
    "AssetVersion": ("asset_id",),
    "ComponentLocation": ("component_id", "location_id"),
    "Context": ("name",),
    "CustomAttributeConfiguration": ("key", "type_id", "entity_type"),
    "Manager": ("context_id", "user_id"),
    "Project": ("full_name", "project_schema_id"),
    "TypedContext": ("parent_id",),
}
"""Required beyond what the schema says (protocol 6.1, 6.5)."""

NOT_NEEDED: Final[Mapping[str, Sequence[str]]] = {
    # Object types without status, type or priority have none of them (9.1).
    "TypedContext": ("status_id", "type_id", "priority_id"),
    # A version in a project without version workflow has no status.
    "AssetVersion": ("status_id",),
}
"""Listed as required by the schema, though rows exist without them."""

UNIQUE: Final[Mapping[str, Sequence[Sequence[str]]]] = {
    "Appointment": (("context_id", "resource_id", "type"),),
    "Asset": (("context_id", "name", "type_id"),),
    "AssetVersion": (("asset_id", "version"),),
    "AssetVersionLink": (("from_id", "to_id"),),
    "CalendarEventResource": (("calendar_event_id", "resource_id"),),
    "ComponentLocation": (("component_id", "location_id"),),
    "CustomConfigurationBase": (
        ("key", "entity_type", "object_type_id", "project_id"),
    ),
    "CustomAttributeLink": (("configuration_id", "from_id", "to_id"),),
    "CustomAttributeLinkFrom": (("configuration_id", "from_id", "to_id"),),
    "ListObject": (("list_id", "entity_id"),),
    "Manager": (("context_id", "user_id", "type_id"),),
    "Membership": (("group_id", "user_id"),),
    "Project": (("name",),),
    "Timer": (("user_id",),),
    "TypedContext": (("parent_id", "name"),),
    "TypedContextLink": (("from_id", "to_id"),),
    "User": (("username",), ("email",)),
    "UserSecurityRole": (("user_id", "security_role_id"),),
    "UserSecurityRoleProject": (("user_security_role_id", "project_id"),),
}
"""Attributes whose values together belong to one row only."""

# Without a value two rows are no duplicates, as in databases: a user without email is
# like many others, and so is an asset without type. These say something when they are
# empty: every object type, every project.
_NULL_IS_A_VALUE: Final = frozenset({"object_type_id", "project_id"})

ASSIGNED: Final = "ASSIGNED"
"""Type of security roles that hold for assigned tasks only."""

UNSUPPORTED_ROLES: Final = f"roles of the type {ASSIGNED}, for assigned tasks only"


def check_unique(
    request: RequestContext,
    entity_type: EntitySchema,
    values: JSONObject,
    *,
    own_key: EntityKey | None = None,
) -> None:
    """Refuse a row whose values another row has.

    Args:
        request: the request.
        entity_type: type of the row.
        values: its columns; for an update, the whole row as it will be.
        own_key: key of the row itself when it is there already.

    Raises:
        Duplicate: the other row exists.
    """
    for kind in request.schema.bases(entity_type.name):
        for names in UNIQUE.get(kind.name, ()):
            wanted = {name: values.get(name) for name in names}
            if any(wanted[name] in (None, "") for name in _needing_value(names)):
                continue
            for row in request.where(kind.name, **wanted):
                if request.key_of(kind.name, row) != own_key:
                    shown = ", ".join(f"{name}={wanted[name]}" for name in names)
                    raise Duplicate(f"{entity_type.name} with {shown} already exists.")


def _needing_value(names: Sequence[str]) -> list[str]:
    return [name for name in names if name not in _NULL_IS_A_VALUE]


def check_role_of_user(request: RequestContext, role_id: str | None) -> None:
    """Refuse a role that the emulator cannot hold a user to.

    Raises:
        UnsupportedError: it is of the type that holds for assigned tasks only, of
            which the documentation of the Python client says no more.
    """
    role = request.find("SecurityRole", role_id or "")
    if role is not None and role["type"] == ASSIGNED:
        raise UnsupportedError(UNSUPPORTED_ROLES)


def check_new_key(
    request: RequestContext, entity_type: EntitySchema, key: EntityKey
) -> None:
    """Refuse a key that another entity of the same family has.

    Raises:
        Duplicate: it is taken.
    """
    if request.find(request.root(entity_type.name), *key) is not None:
        shown = ", ".join(str(value) for value in key)
        raise Duplicate(f"{entity_type.name} with key {shown} already exists.")


def check_required(
    request: RequestContext,
    entity_type: EntitySchema,
    key: EntityKey,
    among: Collection[str] | None = None,
) -> None:
    """Refuse a row that lacks what its type needs; a removed row lacks nothing.

    Called at the end of a request, when operations after the create have had their
    chance to fill what it left out.

    Args:
        request: the request.
        entity_type: type of the row.
        key: its key.
        among: attributes to look at, all by default.

    Raises:
        Invalid: the attribute is missing.
    """
    # An operation since may have renamed the object type that it is the type of.
    is_known = entity_type.name in request.schema
    row = request.find(entity_type.name if is_known else entity_type.base or "", *key)
    if row is None:
        return
    kind = request.schema[row["__type__"]]
    for name in required_attributes(request, kind):
        if among is not None and name not in among:
            continue
        if row.get(name) is None or (name == "name" and row[name] == ""):
            raise Invalid(f'Missing required attribute "{name}" on entity {kind.name}.')


def required_attributes(
    request: RequestContext, entity_type: EntitySchema
) -> list[str]:
    """Return the attributes without which a row of this type cannot be."""
    kinds = [kind.name for kind in request.schema.bases(entity_type.name)]
    needed = [name for kind in kinds for name in NEEDED.get(kind, ())]
    waived = {name for kind in kinds for name in NOT_NEEDED.get(kind, ())}
    listed = [
        name
        for name in entity_type.required
        if name in entity_type.attributes
        and entity_type.attributes[name].kind is AttributeKind.SCALAR
        and request.storage.has_column(entity_type.name, name)
        and name not in waived
    ]
    return list(dict.fromkeys([*needed, *listed]))
