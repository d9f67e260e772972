"""The actions ``send_user_invite`` and ``send_review_session_invite`` (protocol 2.13).

The emulator sends no mail; its call log contains the invitations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def send_user_invite(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Check an invitation of a user, and report it as sent.

    Raises:
        EntityNotFound: there is no such user.
        PermissionDenied: the caller is no administrator.
    """
    permission_checks.check_administrator(request, "invite users")
    _check_entity(request, "User", operation.get("user_id"))
    return {"sent": True}


def send_review_session_invite(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Check an invitation to a review session, and report it as sent.

    The time is stored in the invitee's ``last_sent_at``, as its name suggests.

    Raises:
        EntityNotFound: there is no such invitee.
        PermissionDenied: the caller may not change it.
    """
    entity_type = "ReviewSessionInvitee"
    key = _check_entity(
        request, entity_type, operation.get("review_session_invitee_id")
    )
    permission_checks.check(request, "update", entity_type, key)
    request.set(entity_type, key, {"last_sent_at": request.now})
    return {"sent": True}


def _check_entity(
    request: RequestContext, entity_type: str, entity_id: object
) -> EntityKey:
    key = read_key(request.schema[entity_type], entity_id)
    request.get_visible(entity_type, key)
    return key
