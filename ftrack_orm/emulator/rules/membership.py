"""Collections: a list sent is the full new membership (protocol 3.4, 3.5, 6.2)."""

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
"""Types whose rows do nothing but join two others, beside those with keys of several
attributes: taken out of a list they are removed (protocol 3.4)."""


def replace_members(
    request: RequestContext,
    entity_type: EntitySchema,
    owner_id: str,
    name: str,
    members: Sequence[Reference],
) -> None:
    """Make `members` the whole content of collection `name`.

    A member that leaves is detached, not deleted; only rows that join two others go.
    Members that the user may not read stay: nobody who does not see them can have left
    them out.

    Raises:
        Invalid: the server works the collection out, so nobody can set it, or a
            member's owner is fixed. A member that cannot be without an owner is
            refused at the end of the request, unless it is deleted in it.
        BrokenReference: a member does not exist.
        PermissionDenied: the user may not change one that enters or leaves.
    """
    attribute = entity_type.attributes[name]
    relation = request.storage.relations.of(entity_type.name, name)
    if isinstance(relation, Reverse) and not attribute.restricted_projection:
        _replace_reverse(request, entity_type, owner_id, attribute, relation, members)
    elif isinstance(relation, Association):
        _replace_association(request, entity_type, owner_id, name, relation, members)
    elif not (isinstance(relation, Computed) and relation.rule == "custom_attributes"):
        # Custom attributes have a row for every entity anyway: the list PY sends
        # beside their values changes nothing.
        raise Invalid(f"{entity_type.name}.{name} cannot be set.")


# -- members that name their owner -------------------------------------------


def _replace_reverse(
    request: RequestContext,
    entity_type: EntitySchema,
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
    wanted = {member.key for member in members}
    for key, row in present.items():
        if key not in wanted:
            _detach(request, row["__type__"], key, relation.remote)
    for member in members:
        if member.key not in present:
            _attach(request, entity_type, owner_id, attribute, relation, member)


def _detach(
    request: RequestContext, entity_type: str, key: EntityKey, remote: str
) -> None:
    kind = request.schema[entity_type]
    if kind.primary_key != ("id",) or kind.name in LINKS:
        permission_checks.check(request, "delete", entity_type, key)
        cascade.remove(request, entity_type, key)
        return
    _refuse_fixed(kind, remote)
    changes: JSONObject = {remote: None}
    if remote == "parent_id" and "parent_type" in kind.attributes:
        changes["parent_type"] = None
    _change(request, entity_type, key, changes)


def _change(
    request: RequestContext, entity_type: str, key: EntityKey, changes: JSONObject
) -> None:
    permission_checks.check(request, "update", entity_type, key, changes)
    updates.change(request, entity_type, key, changes)
    permission_checks.check_changed(request, entity_type, key, changes)


def _refuse_fixed(kind: EntitySchema, remote: str) -> None:
    """Refuse to change by a list what cannot be changed on its members (6.5)."""
    if kind.attributes[remote].immutable:
        raise Invalid(f'Attribute "{remote}" on {kind.name} is immutable.')


def _attach(
    request: RequestContext,
    entity_type: EntitySchema,
    owner_id: str,
    attribute: Attribute,
    relation: Reverse,
    member: Reference,
) -> None:
    root = request.root(member.entity_type)
    # PY lists metadata before it creates it, when the owner is new too.
    if attribute.kind is AttributeKind.MAPPED and not request.find(root, *member.key):
        return
    where = f"{entity_type.name}.{attribute.name}"
    row = check_exists(request, where, relation.target, member)
    kind = row["__type__"]
    _refuse_fixed(request.schema[kind], relation.remote)
    changes: JSONObject = {relation.remote: owner_id, **relation.filters}
    if relation.remote == "parent_id" and request.storage.has_column(
        kind, "parent_type"
    ):
        changes["parent_type"] = entity_type.name
    _change(request, kind, request.key_of(kind, row), changes)


# -- members joined by rows of their own -------------------------------------


def _replace_association(
    request: RequestContext,
    entity_type: EntitySchema,
    owner_id: str,
    name: str,
    relation: Association,
    members: Sequence[Reference],
) -> None:
    present = request.members(relation, owner_id)
    wanted = [str(member.key[0]) for member in members]
    for member_id in present:
        is_seen = request.row_permissions(relation.target, (member_id,)).is_readable
        if is_seen and member_id not in wanted:
            _check_joined(request, "delete", entity_type, owner_id, relation, member_id)
            _part(request, relation, owner_id, member_id)
    for member, member_id in zip(members, wanted, strict=True):
        if member_id in present:
            continue
        check_exists(request, f"{entity_type.name}.{name}", relation.target, member)
        _check_joined(request, "create", entity_type, owner_id, relation, member_id)
        request.add_member(relation, owner_id, member_id)
        present.append(member_id)


def _check_joined(
    request: RequestContext,
    verb: Verb,
    entity_type: EntitySchema,
    owner_id: str,
    relation: Association,
    member_id: str,
) -> None:
    """Refuse to join or part two entities, unless the user may at both ends.

    Where no type stands between them, who may change the owner may do it.
    """
    if relation.hidden or request.access.is_unrestricted:
        return
    for kind, key in ((entity_type.name, owner_id), (relation.target, member_id)):
        standing = request.row_permissions(kind, (key,))
        if not permission_checks.is_allowed_within(
            request, verb, relation.through, standing
        ):
            raise permission_checks.refusal(request, verb, relation.through)


def _is_visible(request: RequestContext, row: JSONObject) -> bool:
    kind = row["__type__"]
    return request.row_permissions(kind, request.key_of(kind, row)).is_readable


def _part(
    request: RequestContext, relation: Association, owner_id: str, member_id: str
) -> None:
    """Remove the row that joins two, with what belongs to it."""
    if relation.hidden:
        request.remove_member(relation, owner_id, member_id)
        return
    equals = {relation.near: owner_id, relation.far: member_id}
    for row in request.where(relation.through, **equals):
        key = request.key_of(relation.through, row)
        cascade.remove(request, relation.through, key)
