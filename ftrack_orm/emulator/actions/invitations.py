"""The actions ``send_user_invite`` and ``send_review_session_invite`` (2.13).

No mail leaves the emulator: its journal tells who was invited, and an invitee when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def send_user_invite(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return that the invitation of a user was sent.

    Raises:
        EntityNotFound: there is no such user.
        PermissionDenied: the caller is no administrator.
    """
    permission_checks.check_administrator(request, "invite users")
    _invited(request, "User", operation.get("user_id"))
    return {"sent": True}


def send_review_session_invite(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Return that the invitation of a guest to a review session was sent.

    When is kept as the invitee's ``last_sent_at``: assumed from its name.

    Raises:
        EntityNotFound: there is no such invitee.
        PermissionDenied: the caller may not change it.
    """
    kind = "ReviewSessionInvitee"
    key = _invited(request, kind, operation.get("review_session_invitee_id"))
    permission_checks.check(request, "update", kind, key)
    request.set(kind, key, {"last_sent_at": request.now})
    return {"sent": True}


def _invited(request: RequestContext, entity_type: str, entity_id: object) -> EntityKey:
    key = read_key(request.schema[entity_type], entity_id)
    request.get_visible(entity_type, key)
    return key
