"""The actions of the protocol.

The dispatcher looks up each operation of a request in `HANDLERS`. A handler lives in
the module of its action: it reads the arguments with `wire`, checks them and the
caller's rights with `rules`, reads and writes rows through the `RequestContext`, and
returns the result. Steps that depend on the rest of the request are added to
`RequestContext.before_commit` and `RequestContext.on_commit`.

An action in `UNSUPPORTED_ACTIONS` exists on real servers, and the emulator refuses it
by name. Any other action does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ftrack_orm.emulator.actions.assume_user import assume_user, un_assume_user
from ftrack_orm.emulator.actions.authorization import (
    authorize_operation,
    compute_rollups,
    permissions,
)
from ftrack_orm.emulator.actions.create import create
from ftrack_orm.emulator.actions.delayed_job import delayed_job
from ftrack_orm.emulator.actions.delete import delete
from ftrack_orm.emulator.actions.encode_media import encode_media
from ftrack_orm.emulator.actions.generate_signed_url import generate_signed_url
from ftrack_orm.emulator.actions.invitations import (
    send_review_session_invite,
    send_user_invite,
)
from ftrack_orm.emulator.actions.query import query
from ftrack_orm.emulator.actions.query_schemas import query_schemas
from ftrack_orm.emulator.actions.query_server_information import (
    query_server_information,
)
from ftrack_orm.emulator.actions.reset_remote import reset_remote
from ftrack_orm.emulator.actions.search import search
from ftrack_orm.emulator.actions.security_roles import (
    add_user_security_role,
    grant_api_key_project,
    grant_api_key_security_role,
    grant_user_security_role_project,
    remove_user_security_role,
    revoke_api_key_project,
    revoke_api_key_security_role,
    revoke_user_security_role_project,
    update_user_security_role,
)
from ftrack_orm.emulator.actions.two_factor import (
    configure_otp,
    configure_totp,
    disable_2fa,
    generate_totp,
)
from ftrack_orm.emulator.actions.update import update
from ftrack_orm.emulator.actions.uploads import (
    complete_multipart_upload,
    get_upload_metadata,
)
from ftrack_orm.emulator.actions.widgets import get_widget_url
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

Handler: TypeAlias = "Callable[[RequestContext, JSONObject], Any]"
"""Runs one operation of a request and returns its result."""

HANDLERS: Final[Mapping[str, Handler]] = {
    "_authorize_operation": authorize_operation,
    "add_user_security_role": add_user_security_role,
    "assume_user": assume_user,
    "complete_multipart_upload": complete_multipart_upload,
    "compute_rollups": compute_rollups,
    "configure_otp": configure_otp,
    "configure_totp": configure_totp,
    "create": create,
    "delayed_job": delayed_job,
    "delayed_task": delayed_job,
    "delete": delete,
    "disable_2fa": disable_2fa,
    "encode_media": encode_media,
    "generate_signed_url": generate_signed_url,
    "generate_totp": generate_totp,
    "get_upload_metadata": get_upload_metadata,
    "get_widget_url": get_widget_url,
    "grant_api_key_project": grant_api_key_project,
    "grant_api_key_security_role": grant_api_key_security_role,
    "grant_user_security_role_project": grant_user_security_role_project,
    "permissions": permissions,
    "query": query,
    "query_schemas": query_schemas,
    "query_server_information": query_server_information,
    "remove_user_security_role": remove_user_security_role,
    "reset": reset_remote,
    "reset_remote": reset_remote,
    "revoke_api_key_project": revoke_api_key_project,
    "revoke_api_key_security_role": revoke_api_key_security_role,
    "revoke_user_security_role_project": revoke_user_security_role_project,
    "search": search,
    "send_review_session_invite": send_review_session_invite,
    "send_user_invite": send_user_invite,
    "un_assume_user": un_assume_user,
    "update": update,
    "update_user_security_role": update_user_security_role,
}

UNSUPPORTED_ACTIONS: Final = frozenset(
    {
        "_track_usage",
        "adjust_subscription",
        "convert_entity",
        "parse_query",
        "storage_usage",
        "update_license",
    }
)
"""Actions of protocol section 2 that the emulator refuses by name.

No source describes their results, and for most of them not even the arguments.
"""
