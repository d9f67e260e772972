"""Replace the members of a collection (protocol 3.4, 3.5, 6.2).

A client sends a collection as the full list of its members.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.access.rights import Verb
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules import cascade, permission_checks, updates
from ftrack_orm.emulator.rules.references import check_exists
from ftrack_orm.schema.model import Attribute, AttributeKind, EntitySchema
from ftrack_orm.schema.relations import Association, Computed, Reverse
from ftrack_orm.types import EntityKey, JSONObject, Reference

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


LINKS: Final = frozenset(
    {
        "Appointment",
        "AssetVersionLink",
        "CalendarEventResource",
        "ComponentLocation",
        "ListObject",
        "Manager",
        "Membership",
        "StatusRule",
        "TaskTemplateItem",
        "TypedContextLink",
    }
)
"""Types with an id whose rows only join two entities. Like rows with a key of several
attributes, they are deleted when they leave a collection (protocol 3.4)."""


def replace_members(
    request: RequestContext,
    entity_schema: EntitySchema,
    owner_id: str,
    name: str,
    members: Sequence[Reference],
) -> None:
    """Replace the members of collection `name` with `members`.

    A member that leaves is detached, not deleted; only rows that join two entities are
    deleted. Members that the user may not read remain: the client could not list them.

    Raises:
        Invalid: the server computes the collection, or a member's reference to its
            owner is immutable. A member that requires an owner is refused at the end
            of the request, unless the request deletes it.
        BrokenReference: a member does not exist.
        PermissionDenied: the user may not change a member that enters or leaves.
    """
    attribute = entity_schema.attributes[name]
    relation = request.storage.relations.of(entity_schema.name, name)
    if isinstance(relation, Reverse) and not attribute.restricted_projection:
        _replace_reverse(request, entity_schema, owner_id, attribute, relation, members)
    elif isinstance(relation, Association):
        _replace_association(request, entity_schema, owner_id, name, relation, members)
    elif not (isinstance(relation, Computed) and relation.rule == "custom_attributes"):
        # The Python client sends this collection with the values. Each entity has a
        # row for each custom attribute already, so the list changes nothing.
        raise Invalid(f"{entity_schema.name}.{name} cannot be set.")


# -- members that refer to their owner ---------------------------------------


def _replace_reverse(
    request: RequestContext,
    entity_schema: EntitySchema,
    owner_id: str,
    attribute: Attribute,
    relation: Reverse,
    members: Sequence[Reference],
) -> None:
    equals = {relation.remote: owner_id, **relation.filters}
    present = {
        request.key_of(row["__type__"], row): row
        for row in request.where(relation.target, **equals)
        if _is_visible(request, row)
    }
    member_keys = {member.key for member in members}
    for key, row in present.items():
        if key not in member_keys:
            _detach(request, row["__type__"], key, relation.remote)
    for member in members:
        if member.key not in present:
            _attach(request, entity_schema, owner_id, attribute, relation, member)


def _detach(
    request: RequestContext, entity_type: str, key: EntityKey, remote: str
) -> None:
    entity_schema = request.schema[entity_type]
    if entity_schema.primary_key != ("id",) or entity_type in LINKS:
        permission_checks.check(request, "delete", entity_type, key)
        cascade.remove(request, entity_type, key)
        return
    _check_mutable(entity_schema, remote)
    changes: JSONObject = {remote: None}
    if remote == "parent_id" and "parent_type" in entity_schema.attributes:
        changes["parent_type"] = None
    _change(request, entity_type, key, changes)


def _change(
    request: RequestContext, entity_type: str, key: EntityKey, changes: JSONObject
) -> None:
    permission_checks.check(request, "update", entity_type, key, changes)
    updates.change(request, entity_type, key, changes)
    permission_checks.check_changed(request, entity_type, key, changes)


def _check_mutable(entity_schema: EntitySchema, remote: str) -> None:
    """Refuse to change an immutable reference through the collection (6.5)."""
    if entity_schema.attributes[remote].immutable:
        raise Invalid(f'Attribute "{remote}" on {entity_schema.name} is immutable.')


def _attach(
    request: RequestContext,
    entity_schema: EntitySchema,
    owner_id: str,
    attribute: Attribute,
    relation: Reverse,
    member: Reference,
) -> None:
    root = request.root(member.entity_type)
    # The Python client lists metadata of a new owner before it creates the metadata.
    if attribute.kind is AttributeKind.MAPPED and not request.find(root, *member.key):
        return
    where = f"{entity_schema.name}.{attribute.name}"
    row = check_exists(request, where, relation.target, member)
    member_type = row["__type__"]
    _check_mutable(request.schema[member_type], relation.remote)
    changes: JSONObject = {relation.remote: owner_id, **relation.filters}
    if relation.remote == "parent_id" and request.storage.has_column(
        member_type, "parent_type"
    ):
        changes["parent_type"] = entity_schema.name
    _change(request, member_type, request.key_of(member_type, row), changes)


# -- members joined by association rows ---------------------------------------


def _replace_association(
    request: RequestContext,
    entity_schema: EntitySchema,
    owner_id: str,
    name: str,
    relation: Association,
    members: Sequence[Reference],
) -> None:
    present = request.members(relation, owner_id)
    member_ids = [str(member.key[0]) for member in members]
    for member_id in present:
        is_readable = request.row_permissions(relation.target, (member_id,)).is_readable
        if is_readable and member_id not in member_ids:
            _check_join(request, "delete", entity_schema, owner_id, relation, member_id)
            _delete_join(request, relation, owner_id, member_id)
    for member, member_id in zip(members, member_ids, strict=True):
        if member_id in present:
            continue
        check_exists(request, f"{entity_schema.name}.{name}", relation.target, member)
        _check_join(request, "create", entity_schema, owner_id, relation, member_id)
        request.add_member(relation, owner_id, member_id)
        present.append(member_id)


def _check_join(
    request: RequestContext,
    verb: Verb,
    entity_schema: EntitySchema,
    owner_id: str,
    relation: Association,
    member_id: str,
) -> None:
    """Refuse to create or delete a join that the user may not change at both ends.

    Joins without an entity type need no check: the caller may change the owner.

    Raises:
        PermissionDenied: the user's rights do not suffice at one of the ends.
    """
    if relation.hidden or request.access.is_unrestricted:
        return
    for end_type, end_id in (
        (entity_schema.name, owner_id),
        (relation.target, member_id),
    ):
        standing = request.row_permissions(end_type, (end_id,))
        if not permission_checks.is_allowed_within(
            request, verb, relation.through, standing
        ):
            raise permission_checks.refusal(request, verb, relation.through)


def _is_visible(request: RequestContext, row: JSONObject) -> bool:
    entity_type = row["__type__"]
    return request.row_permissions(
        entity_type, request.key_of(entity_type, row)
    ).is_readable


def _delete_join(
    request: RequestContext, relation: Association, owner_id: str, member_id: str
) -> None:
    """Delete the row that joins two entities, and the rows that belong to it."""
    if relation.hidden:
        request.remove_member(relation, owner_id, member_id)
        return
    equals = {relation.near: owner_id, relation.far: member_id}
    for row in request.where(relation.through, **equals):
        key = request.key_of(relation.through, row)
        cascade.remove(request, relation.through, key)
