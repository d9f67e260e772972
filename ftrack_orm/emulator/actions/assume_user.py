"""The actions ``assume_user`` and ``un_assume_user`` (protocol 2.16).

According to the documentation, the session stores the assumed user for all later
requests, and the user is read-only by default. The session is that of the cookie: a
client that does not return the cookie assumes no user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def assume_user(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Assume another user, from the next request on.

    Raises:
        EntityNotFound: there is no such user.
        Invalid: an argument is missing or invalid, or the user is inactive.
        PermissionDenied: the caller is no administrator.
    """
    permission_checks.check_administrator(request, "assume a user")
    user_id = operation.get("user_id")
    if not isinstance(user_id, str):
        raise Invalid("assume_user needs user_id.")
    is_read_only = operation.get("read_only", True)
    if not isinstance(is_read_only, bool):
        raise Invalid("read_only must be true or false.")
    user = request.get("User", read_key(request.schema["User"], user_id))
    if not user.get("is_active", True):
        raise Invalid("Only active users can be assumed.")

    # The login is outside the transaction: a failed request must not change it.
    def begin() -> None:
        request.caller.login.assumed_id = user_id
        request.caller.login.is_read_only = is_read_only

    request.on_commit.append(begin)
    return {"action": "assume_user", "data": True}


def un_assume_user(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Stop assuming another user, from the next request on.

    Does nothing if the caller assumes none.
    """

    def end() -> None:
        request.caller.login.assumed_id = None
        request.caller.login.is_read_only = False

    request.on_commit.append(end)
    return {"action": "un_assume_user", "data": True}
