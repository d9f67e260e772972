"""The action ``query_server_information`` (protocol 2.6)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.batch import Batch

VERSION: Final = "4.13.6.1"
"""At least what PY demands (protocol 1.6), in the four parts real servers report."""


def query_server_information(batch: Batch, operation: JSONObject) -> JSONObject:
    """Return what the server is, or only the keys named in ``values``."""
    information: JSONObject = {
        "version": VERSION,
        "schema_hash": batch.schema_hash,
        "is_timezone_support_enabled": True,
        "is_nested_subqueries_enabled": True,
        "storage_scenario": _storage_scenario(batch),
        "user_information": _user_information(batch),
    }
    values = operation.get("values")
    if not isinstance(values, list):
        return information
    return {name: information[name] for name in values if name in information}


def _storage_scenario(batch: Batch) -> Any:
    setting = batch.find("Setting", "storage_scenario", "STORAGE")
    if setting is None or not setting["value"]:
        return None
    return json.loads(setting["value"])


def _user_information(batch: Batch) -> JSONObject:
    """Return who calls, and with which rights.

    That permissions are the names of security roles, and a restricted user one that
    is no administrator, is assumed: only the names of these keys are known.
    """
    names = ("id", "username", "first_name", "last_name", "thumbnail_id")
    caller = batch.caller
    roles = [batch.find("SecurityRole", each.role_id) for each in caller.grants]
    return {
        **{name: caller.user.get(name) for name in names},
        "permissions": [role["name"] for role in roles if role is not None],
        "access_key_id": caller.key_id,
        "is_global_access_key": caller.key_id is not None,
        "restricted_user": not caller.access.is_unrestricted,
    }
