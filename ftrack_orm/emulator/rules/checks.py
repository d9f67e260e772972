"""Checks on a row: required attributes and uniqueness (protocol 6.5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.errors import Duplicate, Invalid
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.schema.model import AttributeKind, EntitySchema
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

REQUIRED: Final[Mapping[str, Sequence[str]]] = {
    "Asset": ("context_id",),
    "AssetVersion": ("asset_id",),
    "ComponentLocation": ("component_id", "location_id"),
    "Context": ("name",),
    "CustomAttributeConfiguration": ("key", "type_id", "entity_type"),
    "Manager": ("context_id", "user_id"),
    "Project": ("full_name", "project_schema_id"),
    "TypedContext": ("parent_id",),
}
"""Attributes that the server requires and the schema does not (protocol 6.1, 6.5)."""

OPTIONAL: Final[Mapping[str, Sequence[str]]] = {
    # Entities have no status if their object type has none; likewise type and
    # priority (protocol 9.1).
    "TypedContext": ("status_id", "type_id", "priority_id"),
    # A version in a project without version workflow has no status.
    "AssetVersion": ("status_id",),
}
"""Attributes that the schema lists as required, though servers hold rows without."""

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
"""Attributes whose values, taken together, are unique among the rows of a type."""

# Rows with a null in a unique attribute are no duplicates, as in SQL: many users have
# no email. A null in these attributes has a meaning (every object type, every
# project), so it counts as a value.
_NULL_IS_A_VALUE: Final = frozenset({"object_type_id", "project_id"})

ASSIGNED: Final = "ASSIGNED"
"""The type of security roles that are limited to assigned tasks."""

UNSUPPORTED_ROLES: Final = f"roles of the type {ASSIGNED}, for assigned tasks only"


def check_unique(
    request: RequestContext,
    entity_schema: EntitySchema,
    values: JSONObject,
    *,
    own_key: EntityKey | None = None,
    changed: Set[str] | None = None,
) -> None:
    """Refuse a row whose unique values another row has.

    Args:
        request: the request.
        entity_schema: type of the row.
        values: columns of the row; for an update, all columns after the change.
        own_key: key of the row, if it is stored already.
        changed: for an update, the attributes whose values change. Combinations
            without one of them are not checked.

    Raises:
        Duplicate: another row has the values.
    """
    for base in request.storage.tables.bases(entity_schema.name):
        for names in UNIQUE.get(base, ()):
            if changed is not None and changed.isdisjoint(names):
                continue
            equals = {name: values.get(name) for name in names}
            if any(equals[name] in (None, "") for name in _nullable(names)):
                continue
            for row in request.where(base, **equals):
                if request.key_of(base, row) != own_key:
                    text = ", ".join(f"{name}={equals[name]}" for name in names)
                    raise Duplicate(f"{entity_schema.name} with {text} already exists.")


def _nullable(names: Sequence[str]) -> list[str]:
    """Return the names for which null is no value."""
    return [name for name in names if name not in _NULL_IS_A_VALUE]


def check_role_of_user(request: RequestContext, role_id: str | None) -> None:
    """Refuse a security role that the emulator does not implement.

    Raises:
        UnsupportedError: the role is limited to assigned tasks. The documentation of
            the Python client does not describe its rights.
    """
    role = request.find("SecurityRole", role_id or "")
    if role is not None and role["type"] == ASSIGNED:
        raise UnsupportedError(UNSUPPORTED_ROLES)


def check_new_key(
    request: RequestContext, entity_schema: EntitySchema, key: EntityKey
) -> None:
    """Refuse a key that another entity of the same family has.

    Raises:
        Duplicate: another entity has the key.
    """
    if request.find(request.root(entity_schema.name), *key) is not None:
        text = ", ".join(str(value) for value in key)
        raise Duplicate(f"{entity_schema.name} with key {text} already exists.")


def check_required(
    request: RequestContext,
    entity_schema: EntitySchema,
    key: EntityKey,
    among: Collection[str] | None = None,
) -> None:
    """Refuse a row without a required value. A deleted row passes.

    Called at the end of a request: a later operation of the request may set an
    attribute that the create left out.

    Args:
        request: the request.
        entity_schema: type of the row.
        key: key of the row.
        among: names of the attributes to check; all by default.

    Raises:
        Invalid: a required attribute has no value.
    """
    # A later operation of the request may have renamed the object type.
    has_type = entity_schema.name in request.schema
    entity_type = entity_schema.name if has_type else entity_schema.base or ""
    row = request.find(entity_type, *key)
    if row is None:
        return
    row_schema = request.schema[row["__type__"]]
    for name in required_attributes(request, row_schema):
        if among is not None and name not in among:
            continue
        if row.get(name) is None or (name == "name" and row[name] == ""):
            raise Invalid(
                f'Missing required attribute "{name}" on entity {row_schema.name}.'
            )


def required_attributes(
    request: RequestContext, entity_schema: EntitySchema
) -> tuple[str, ...]:
    """Return the names of the attributes that a row of this type requires."""
    derived = request.storage.tables.statements
    cache_key = ("required attributes", entity_schema.name)
    if cache_key not in derived:
        derived[cache_key] = _find_required(request, entity_schema)
    names: tuple[str, ...] = derived[cache_key]
    return names


def _find_required(
    request: RequestContext, entity_schema: EntitySchema
) -> tuple[str, ...]:
    bases = request.storage.tables.bases(entity_schema.name)
    required = [name for base in bases for name in REQUIRED.get(base, ())]
    optional = {name for base in bases for name in OPTIONAL.get(base, ())}
    from_schema = [
        name
        for name in entity_schema.required
        if name in entity_schema.attributes
        and entity_schema.attributes[name].kind is AttributeKind.SCALAR
        and request.storage.has_column(entity_schema.name, name)
        and name not in optional
    ]
    return tuple(dict.fromkeys([*required, *from_schema]))
