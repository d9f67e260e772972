"""Whether the calling user may do what it asks, by the data in `rights`.

What a user may not read is as if it were not there, so a change of it finds nothing;
what it may read and not change is refused (protocol 6.5). Nothing here looks at what
the server itself does because of a change.
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

_PEOPLE: Final = "Resource"
_PROJECT: Final = "Project"


# -- asking -------------------------------------------------------------------


def is_allowed(
    request: RequestContext,
    verb: Verb,
    entity_type: str,
    key: EntityKey,
    attributes: Collection[str] = (),
) -> bool:
    """Return whether the user may do something with an entity that is there.

    Args:
        request: the request.
        verb: what; ``create`` of a row that has just been added.
        entity_type: its type.
        key: its key.
        attributes: for an update, what of it is to change.
    """
    access = request.access
    if access.is_unrestricted or access.is_read_only:
        return not access.is_read_only
    if _is_oneself(request, entity_type, key):
        return verb == "update" and ADMINISTRATOR_ATTRIBUTES.isdisjoint(attributes)
    rule = rule_of(request.schema, entity_type)
    row = request.find(entity_type, *key)
    if row is not None and rule.attached_to is not None:
        attached_to = row.get(rule.attached_to)
        if attached_to and request.find(_PEOPLE, attached_to) is not None:
            return is_allowed(request, "update", _PEOPLE, (attached_to,))
    level = rule.level(verb, attributes)
    if level is Level.OWN:
        return access.has_role and row is not None and _is_own(request, rule, row)
    return is_reached(level, request.row_permissions(entity_type, key))


def is_allowed_within(
    request: RequestContext, verb: Verb, entity_type: str, standing: RowPermissions
) -> bool:
    """Return whether the user may do something where it has this standing.

    For entities that are not there yet; of what is a user's own it is taken to be
    this user's.
    """
    access = request.access
    if access.is_unrestricted or access.is_read_only:
        return not access.is_read_only
    level = rule_of(request.schema, entity_type).level(verb)
    return access.has_role if level is Level.OWN else is_reached(level, standing)


def best_standing(access: Access) -> RowPermissions:
    """Return the best standing that a user has anywhere."""
    if access.is_unrestricted:
        return RowPermissions()
    return RowPermissions(True, access.has_role, access.manages)


def is_reached(level: Level, standing: RowPermissions) -> bool:
    """Return whether a user with this standing may do what takes `level`."""
    reached = {Level.WORK: standing.is_workable, Level.MANAGE: standing.is_manageable}
    return reached.get(level, False)


def _is_oneself(request: RequestContext, entity_type: str, key: EntityKey) -> bool:
    return request.root(entity_type) == _PEOPLE and key == (request.user_id,)


def _is_own(request: RequestContext, rule: Rule, row: JSONObject) -> bool:
    holder: JSONObject | None = row
    if rule.through is not None:
        kind, name = rule.through
        holder = request.find(kind, row[name] or "")
    return holder is not None and holder.get(rule.owner or "") == request.user_id


# -- refusing -----------------------------------------------------------------


def check(
    request: RequestContext,
    verb: Verb,
    entity_type: str,
    key: EntityKey,
    attributes: Collection[str] = (),
) -> None:
    """Refuse what the user may not do with an entity that is there.

    Raises:
        PermissionDenied: with the user, the type and the verb in its text.
    """
    if not is_allowed(request, verb, entity_type, key, attributes):
        raise refusal(request, verb, entity_type)


def check_kind(request: RequestContext, entity_type: str) -> None:
    """Refuse to create what the user could create nowhere, before anything is done.

    Raises:
        PermissionDenied: it is not for this user.
    """
    anywhere = best_standing(request.access)
    rule = rule_of(request.schema, entity_type)
    # What is attached to somebody may be the user's own, without any role.
    if rule.attached_to is not None and not request.access.is_read_only:
        return
    if not is_allowed_within(request, "create", entity_type, anywhere):
        raise refusal(request, "create", entity_type)


def check_created(request: RequestContext, entity_type: str, key: EntityKey) -> None:
    """Refuse a row that has just been added where the user may not add it.

    Raises:
        BrokenReference: it belongs to what the user may not read, and is told
            what it would be of something that is not there.
        PermissionDenied: the user may read there and no more.
    """
    _check_in_sight(request, "create", entity_type, key)
    check(request, "create", entity_type, key)


def check_changed(
    request: RequestContext,
    entity_type: str,
    key: EntityKey,
    attributes: Collection[str],
) -> None:
    """Refuse a change that has taken a row where the user may not change it.

    Raises:
        BrokenReference: the row is out of the user's sight now.
        PermissionDenied: it is where the user may read and no more.
    """
    if request.access.is_unrestricted:
        return
    _check_in_sight(request, "update", entity_type, key)
    check(request, "update", entity_type, key, attributes)


def _check_in_sight(
    request: RequestContext, verb: Verb, entity_type: str, key: EntityKey
) -> None:
    if request.row_permissions(entity_type, key).is_readable:
        return
    if entity_type == _PROJECT:
        # Nothing it refers to is hidden, but the project would be.
        raise refusal(request, verb, entity_type)
    raise BrokenReference(f"{entity_type} refers to what does not exist.")


def check_attached(
    request: RequestContext, owner_type: str, owner_id: str, kind: str
) -> None:
    """Refuse to set what is attached to an entity, like a custom attribute's value.

    Raises:
        PermissionDenied: the user may not.
    """
    access = request.access
    if access.is_unrestricted and not access.is_read_only:
        return
    if request.root(owner_type) == _PEOPLE:
        is_fine = is_allowed(request, "update", _PEOPLE, (owner_id,))
    else:
        standing = request.row_permissions(owner_type, (owner_id,))
        is_fine = is_allowed_within(request, "update", kind, standing)
    if not is_fine:
        raise refusal(request, "update", kind)


def check_administrator(request: RequestContext, action: object) -> None:
    """Refuse an action that is for administrators.

    Raises:
        PermissionDenied: the user is none.
    """
    if not request.access.is_unrestricted or request.access.is_read_only:
        name = request.user.get("username")
        raise PermissionDenied(f'User "{name}" may not {action}.')


def refusal(request: RequestContext, verb: str, entity_type: str) -> PermissionDenied:
    """Return the refusal of something; the text is ours."""
    name = request.user.get("username")
    return PermissionDenied(f'User "{name}" may not {verb} {entity_type} here.')
