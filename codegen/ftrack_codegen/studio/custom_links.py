"""Resolve custom attribute links: their target, and the rows that link to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ftrack_codegen.studio.model import LinkAttribute
from ftrack_orm.schema.model import EntitySchema, Schema
from ftrack_orm.schema.names import module_name

_LINK_TARGETS: Final = {
    "asset": ("Asset", "Asset"),
    "asset_version": ("AssetVersion", "AssetVersion"),
    "assetversion": ("AssetVersion", "AssetVersion"),
    "component": ("Component", "Component"),
    "context": ("Context", "Context"),
    "group": ("Group", "Group"),
    "list": ("List", "List"),
    "show": ("Context", "Project"),
    "task": ("Context", "TypedContext"),
    "user": ("User", "User"),
}
"""The prefix of the rows and the linked type by the server's name for it."""


@dataclass(frozen=True, slots=True)
class DeclaredLink:
    """A custom attribute link of a class.

    Attributes:
        name: the Python name.
        configuration: the configuration.
        target: the type of the linked entities.
        link: the link to them on the rows, ``"user"``.
        row_type: the type of the rows.
        row_target: the type that the link of the rows is declared with.
    """

    name: str
    configuration: LinkAttribute
    target: str
    link: str
    row_type: str
    row_target: str


def declared_link(
    schema: Schema, link: LinkAttribute, name: str
) -> DeclaredLink | None:
    """Return the declaration of a link, ``None`` if the schema lacks its types.

    Args:
        schema: the entity types.
        link: the configuration.
        name: the Python name.
    """
    prefix, target = _LINK_TARGETS.get(link.entity_type_to, ("", ""))
    row_type = schema.types.get(f"{prefix}CustomAttributeLink")
    if row_type is None:
        return None
    attribute = row_type.attributes.get(module_name(prefix))
    if link.object_type_id_to is not None:
        target = next(
            (
                entity.name
                for entity in schema
                if object_type_id(entity) == link.object_type_id_to
            ),
            target,
        )
    if attribute is None or target not in schema.types:
        return None
    row_target = attribute.target or target
    return DeclaredLink(name, link, target, attribute.name, row_type.name, row_target)


def object_type_id(entity: EntitySchema) -> str | None:
    """Return the object type that entities of the type have, ``None`` without one."""
    alias = entity.alias_for
    if not isinstance(alias, Mapping):
        return None
    classifiers = alias.get("classifiers")
    if not isinstance(classifiers, Mapping):
        return None
    key = classifiers.get("object_typeid")
    return key if isinstance(key, str) else None
