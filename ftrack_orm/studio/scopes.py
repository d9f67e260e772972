"""The scopes of custom attributes: names in the files and on the server."""

from __future__ import annotations

from typing import Final

SCOPES: Final = {
    "show": "Project",
    "assetversion": "AssetVersion",
    "asset_version": "AssetVersion",
    "asset": "Asset",
    "list": "List",
    "listobject": "ListObject",
    "user": "User",
    "group": "Group",
    "component": "Component",
    "context": "Context",
}
"""The name in the files of each `entity_type` of a configuration (protocol 6.7)."""

OBJECT_TYPE_SCOPE: Final = "task"
"""The `entity_type` of a configuration that belongs to an object type."""

_ENTITY_TYPES: Final = {
    "Project": "show",
    "AssetVersion": "assetversion",
    "Asset": "asset",
    "List": "list",
    "ListObject": "listobject",
    "User": "user",
    "Group": "group",
    "Component": "component",
    "Context": "context",
}


def entity_type_of(scope: str, *, is_target: bool = False) -> str:
    """Return the `entity_type` of a scope in the files.

    Args:
        scope: an object type, or one of Project, AssetVersion and the like.
        is_target: whether it is the target of a link attribute, whose spelling of
            asset versions differs (protocol 6.7).
    """
    if is_target and scope == "AssetVersion":
        return "asset_version"
    return _ENTITY_TYPES.get(scope, OBJECT_TYPE_SCOPE)
