"""The actions of the protocol: which the emulator answers, and which not yet.

`HANDLERS` drives dispatch. An action in `NOT_YET` exists on real servers and is
refused by name; any other is one no server knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ftrack_orm.emulator.handlers.create import create
from ftrack_orm.emulator.handlers.delete import delete
from ftrack_orm.emulator.handlers.query import query
from ftrack_orm.emulator.handlers.query_schemas import query_schemas
from ftrack_orm.emulator.handlers.query_server_information import (
    query_server_information,
)
from ftrack_orm.emulator.handlers.search import search
from ftrack_orm.emulator.handlers.update import update
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.batch import Batch

Handler: TypeAlias = "Callable[[Batch, JSONObject], Any]"
"""Takes the batch and one operation, returns its result."""

HANDLERS: Final[Mapping[str, Handler]] = {
    "create": create,
    "delete": delete,
    "query": query,
    "query_schemas": query_schemas,
    "query_server_information": query_server_information,
    "search": search,
    "update": update,
}

NOT_YET: Final = frozenset(
    {
        "_authorize_operation",
        "_track_usage",
        "add_user_security_role",
        "adjust_subscription",
        "assume_user",
        "complete_multipart_upload",
        "compute_rollups",
        "configure_otp",
        "configure_totp",
        "convert_entity",
        "delayed_job",
        "disable_2fa",
        "encode_media",
        "generate_signed_url",
        "generate_totp",
        "get_upload_metadata",
        "get_widget_url",
        "grant_api_key_project",
        "grant_api_key_security_role",
        "grant_user_security_role_project",
        "parse_query",
        "permissions",
        "remove_user_security_role",
        "reset_remote",
        "revoke_api_key_project",
        "revoke_api_key_security_role",
        "revoke_user_security_role_project",
        "send_review_session_invite",
        "send_user_invite",
        "storage_usage",
        "un_assume_user",
        "update_license",
        "update_user_security_role",
    }
)
"""Actions of protocol section 2 that the emulator refuses by name."""
