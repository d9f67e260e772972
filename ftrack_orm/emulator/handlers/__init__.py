"""The actions of the protocol: which the emulator answers, and which not yet.

`HANDLERS` drives dispatch. An action in `NOT_YET` exists on real servers and is
refused by name; any other is one no server knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ftrack_orm.emulator.handlers.create import create
from ftrack_orm.emulator.handlers.delayed_job import delayed_job
from ftrack_orm.emulator.handlers.delete import delete
from ftrack_orm.emulator.handlers.encode_media import encode_media
from ftrack_orm.emulator.handlers.generate_signed_url import generate_signed_url
from ftrack_orm.emulator.handlers.invitations import (
    send_review_session_invite,
    send_user_invite,
)
from ftrack_orm.emulator.handlers.query import query
from ftrack_orm.emulator.handlers.query_schemas import query_schemas
from ftrack_orm.emulator.handlers.query_server_information import (
    query_server_information,
)
from ftrack_orm.emulator.handlers.reset_remote import reset_remote
from ftrack_orm.emulator.handlers.search import search
from ftrack_orm.emulator.handlers.update import update
from ftrack_orm.emulator.handlers.uploading import (
    complete_multipart_upload,
    get_upload_metadata,
)
from ftrack_orm.emulator.handlers.widgets import get_widget_url
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.batch import Batch

Handler: TypeAlias = "Callable[[Batch, JSONObject], Any]"
"""Takes the batch and one operation, returns its result."""

HANDLERS: Final[Mapping[str, Handler]] = {
    "complete_multipart_upload": complete_multipart_upload,
    "create": create,
    "delayed_job": delayed_job,
    "delayed_task": delayed_job,
    "delete": delete,
    "encode_media": encode_media,
    "generate_signed_url": generate_signed_url,
    "get_widget_url": get_widget_url,
    "get_upload_metadata": get_upload_metadata,
    "query": query,
    "query_schemas": query_schemas,
    "query_server_information": query_server_information,
    "reset_remote": reset_remote,
    "search": search,
    "send_review_session_invite": send_review_session_invite,
    "send_user_invite": send_user_invite,
    "update": update,
}

NOT_YET: Final = frozenset(
    {
        "_authorize_operation",
        "_track_usage",
        "add_user_security_role",
        "adjust_subscription",
        "assume_user",
        "compute_rollups",
        "configure_otp",
        "configure_totp",
        "convert_entity",
        "disable_2fa",
        "generate_totp",
        "grant_api_key_project",
        "grant_api_key_security_role",
        "grant_user_security_role_project",
        "parse_query",
        "permissions",
        "remove_user_security_role",
        "revoke_api_key_project",
        "revoke_api_key_security_role",
        "revoke_user_security_role_project",
        "storage_usage",
        "un_assume_user",
        "update_license",
        "update_user_security_role",
    }
)
"""Actions of protocol section 2 that the emulator refuses by name."""
