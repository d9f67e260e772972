"""Attributes that may be left out of a create and set by an update afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo

_NEEDED: Final = (
    ("Asset", "context_id"),
    ("AssetVersion", "asset_id"),
    ("TypedContext", "parent_id"),
)
"""Required by a server, though its schema does not list them (protocol 6.1, 6.5)."""


def is_optional(info: TypeInfo, name: str) -> bool:
    """Return whether entities of a type can be created without an attribute.

    Args:
        info: the type.
        name: the server name of the attribute.
    """
    attribute = info.by_server_name.get(name)
    if attribute is None or name in info.key:
        return False
    if any(name == needed and info.is_kind_of(kind) for kind, needed in _NEEDED):
        return False
    links = info.links_by_foreign_key.get(attribute.name, ())
    return attribute.nullable and all(link.nullable for link in links)
