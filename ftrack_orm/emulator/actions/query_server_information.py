"""The action ``query_server_information`` (protocol 2.6)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

VERSION: Final = "4.13.6.1"
"""The version: four parts as on real servers, at least the minimum of PY (1.6)."""


STUDIO: Final[JSONObject] = {
    "company_information": {"name": "Emulated Studio", "logo_url": ""},
    "custom_widget": {},
    "default_colors": ["#1CBC90", "#3498DB", "#F1C40F", "#E67E22", "#E74C3C"],
    "display_task_dates_as_time": False,
    "display_week_numbers": True,
    "license": [
        {
            "feature_id": "ftrack",
            "quantity": 1_000,
            "renewal_date": "2099-12-31",
            "date": "2024-01-08",
        }
    ],
    "preferred_language": "en",
    "product": {},
    "storage_limit": 1_000_000_000_000,
    "week_startday": 1,
    "workday_length": 8 * 60 * 60,
}
"""Settings of a studio.

The JavaScript client declares their names and types; the values are invented. Objects
are empty where no source shows their keys. Keys of older servers are left out, because
a server of this version does not return them.
"""


def query_server_information(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Return information about the server, limited to the keys in ``values``."""
    information: JSONObject = {
        "version": VERSION,
        "schema_hash": request.schema_hash,
        "is_timezone_support_enabled": True,
        "is_nested_subqueries_enabled": True,
        "storage_scenario": _storage_scenario(request),
        "user_information": _user_information(request),
        **STUDIO,
    }
    values = operation.get("values")
    if not isinstance(values, list):
        return information
    return {name: information[name] for name in information if name in values}


def _storage_scenario(request: RequestContext) -> Any:
    """Return the storage scenario, `None` if it is no object (protocol 6.9)."""
    setting = request.find("Setting", "storage_scenario", "STORAGE")
    try:
        scenario = json.loads(setting["value"] or "null") if setting else None
    except ValueError:
        return None
    return scenario if isinstance(scenario, dict) else None


def _user_information(request: RequestContext) -> JSONObject:
    """Return the caller and the caller's rights.

    Sources show only the names of these keys. It is an assumption that ``permissions``
    lists security roles and that ``restricted_user`` is true for all users who are no
    administrators.
    """
    names = ("id", "username", "first_name", "last_name", "thumbnail_id")
    caller = request.caller
    roles = [request.find("SecurityRole", grant.role_id) for grant in caller.grants]
    return {
        **{name: caller.user.get(name) for name in names},
        "permissions": [role["name"] for role in roles if role is not None],
        "access_key_id": caller.key_id,
        "is_global_access_key": caller.key_id is not None,
        "restricted_user": not caller.access.is_unrestricted,
    }
