"""Check the calling user's rights by the tables in `access.rights`.

An entity that the user may not read is treated as if it did not exist. A change of an
entity that the user may read but not change is refused (protocol 6.5). Changes that
the server makes as a consequence are not checked.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.access.access import Access, RowPermissions
from ftrack_orm.emulator.access.rights import (
    ADMINISTRATOR_ATTRIBUTES,
    Level,
    Rule,
    Verb,
    rule_of,
)
from ftrack_orm.emulator.errors import BrokenReference, PermissionDenied
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_RESOURCE: Final = "Resource"
_PROJECT: Final = "Project"


# -- queries ------------------------------------------------------------------


def is_allowed(
    request: RequestContext,
    verb: Verb,
    entity_type: str,
    key: EntityKey,
    attributes: Collection[str] = (),
) -> bool:
    """Return whether the user may create, update or delete a stored entity.

    Args:
        request: the request.
        verb: the change; ``create`` for a row that has just been added.
        entity_type: type of the entity.
        key: key of the entity.
        attributes: for an update, the names of the attributes that change.
    """
    access = request.access
    if access.is_unrestricted or access.is_read_only:
        return not access.is_read_only
    if _is_caller(request, entity_type, key):
        return verb == "update" and ADMINISTRATOR_ATTRIBUTES.isdisjoint(attributes)
    rule = rule_of(request.schema, entity_type)
    row = request.find(entity_type, *key)
    if row is not None and rule.attached_to is not None:
        attached_to = row.get(rule.attached_to)
        if attached_to and request.find(_RESOURCE, attached_to) is not None:
            return is_allowed(request, "update", _RESOURCE, (attached_to,))
    level = rule.level(verb, attributes)
    if level is Level.OWN:
        return access.has_role and row is not None and _is_own(request, rule, row)
    return is_reached(level, request.row_permissions(entity_type, key))


def is_allowed_within(
    request: RequestContext, verb: Verb, entity_type: str, standing: RowPermissions
) -> bool:
    """Return whether the user may change an entity at a place with this standing.

    For entities that are not stored yet. An entity that only its owner may change is
    taken to belong to the calling user.
    """
    access = request.access
    if access.is_unrestricted or access.is_read_only:
        return not access.is_read_only
    level = rule_of(request.schema, entity_type).level(verb)
    return access.has_role if level is Level.OWN else is_reached(level, standing)


def best_standing(access: Access) -> RowPermissions:
    """Return the highest standing that the user has on any row."""
    if access.is_unrestricted:
        return RowPermissions()
    return RowPermissions(True, access.has_role, access.manages)


def is_reached(level: Level, standing: RowPermissions) -> bool:
    """Return whether this standing meets `level`."""
    met = {Level.WORK: standing.is_workable, Level.MANAGE: standing.is_manageable}
    return met.get(level, False)


def _is_caller(request: RequestContext, entity_type: str, key: EntityKey) -> bool:
    return request.root(entity_type) == _RESOURCE and key == (request.user_id,)


def _is_own(request: RequestContext, rule: Rule, row: JSONObject) -> bool:
    owned: JSONObject | None = row
    if rule.through is not None:
        owned_type, name = rule.through
        owned = request.find(owned_type, row[name] or "")
    return owned is not None and owned.get(rule.owner or "") == request.user_id


# -- checks -------------------------------------------------------------------


def check(
    request: RequestContext,
    verb: Verb,
    entity_type: str,
    key: EntityKey,
    attributes: Collection[str] = (),
) -> None:
    """Refuse a change of a stored entity that the user may not make.

    Raises:
        PermissionDenied: the message names the user, the verb and the type.
    """
    if not is_allowed(request, verb, entity_type, key, attributes):
        raise refusal(request, verb, entity_type)


def check_creatable(request: RequestContext, entity_type: str) -> None:
    """Refuse a type of which the user may create no entity anywhere.

    Called before anything is written.

    Raises:
        PermissionDenied: the user may not create entities of the type.
    """
    rule = rule_of(request.schema, entity_type)
    # An entity attached to a user may be attached to the caller, who needs no role.
    if rule.attached_to is not None and not request.access.is_read_only:
        return
    best = best_standing(request.access)
    if not is_allowed_within(request, "create", entity_type, best):
        raise refusal(request, "create", entity_type)


def check_created(request: RequestContext, entity_type: str, key: EntityKey) -> None:
    """Refuse a row that has just been added, if the user may not add it there.

    Raises:
        BrokenReference: the user may not read the row it belongs to; the message is
            the one for a row that does not exist.
        PermissionDenied: the user may only read there.
    """
    _check_visible(request, "create", entity_type, key)
    check(request, "create", entity_type, key)


def check_changed(
    request: RequestContext,
    entity_type: str,
    key: EntityKey,
    attributes: Collection[str],
) -> None:
    """Refuse a change that moved a row to a place where the user may not change it.

    Raises:
        BrokenReference: the user may not read the row at its new place.
        PermissionDenied: the user may only read there.
    """
    if request.access.is_unrestricted:
        return
    _check_visible(request, "update", entity_type, key)
    check(request, "update", entity_type, key, attributes)


def _check_visible(
    request: RequestContext, verb: Verb, entity_type: str, key: EntityKey
) -> None:
    if request.row_permissions(entity_type, key).is_readable:
        return
    if entity_type == _PROJECT:
        # A project refers to no row that the user may not read.
        raise refusal(request, verb, entity_type)
    raise BrokenReference(f"{entity_type} refers to an entity that does not exist.")


def check_attached(
    request: RequestContext, owner_type: str, owner_id: str, entity_type: str
) -> None:
    """Refuse to set a row attached to an entity, such as a custom attribute value.

    Args:
        request: the request.
        owner_type: type of the entity that the row is attached to.
        owner_id: id of that entity.
        entity_type: type of the attached row.

    Raises:
        PermissionDenied: the user may not change rows attached to the entity.
    """
    access = request.access
    if access.is_unrestricted and not access.is_read_only:
        return
    if request.root(owner_type) == _RESOURCE:
        is_permitted = is_allowed(request, "update", _RESOURCE, (owner_id,))
    else:
        standing = request.row_permissions(owner_type, (owner_id,))
        is_permitted = is_allowed_within(request, "update", entity_type, standing)
    if not is_permitted:
        raise refusal(request, "update", entity_type)


def check_administrator(request: RequestContext, action: object) -> None:
    """Refuse an action that is for administrators.

    Raises:
        PermissionDenied: the user is no administrator.
    """
    if not request.access.is_unrestricted or request.access.is_read_only:
        name = request.user.get("username")
        raise PermissionDenied(f'User "{name}" may not {action}.')


def refusal(request: RequestContext, verb: str, entity_type: str) -> PermissionDenied:
    """Return the error for a change that is not permitted.

    The message is not a server's: none was recorded.
    """
    name = request.user.get("username")
    return PermissionDenied(f'User "{name}" may not {verb} {entity_type} here.')
