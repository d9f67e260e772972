"""The titles of units: entities as a person would name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ftrack_orm.entity.naming import label_of
from ftrack_orm.entity.tracking import linked

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo

_PLACES: Final = {"TypedContext": "parent", "Asset": "parent", "AssetVersion": "asset"}
"""The link to the entity whose name tells entities of the same name apart, by type."""


def title_projections(type_info: TypeInfo) -> list[str]:
    """Return what to project for titles, besides the attributes of the entities."""
    place = _place(type_info)
    return [] if place is None else [f"{place}.name"]


def title_of(entity: Entity) -> str:
    """Return type and name of an entity, with the name of its parent or asset.

    A version has its number, and any other entity without a name its key. Nothing is
    loaded.
    """
    type_info = type(entity).__ftrack__
    version = vars(entity).get("version")
    label = label_of(entity)
    if not label:
        label = f"v{version}" if isinstance(version, int) else _key_text(entity)
    owner = _link_label(entity, _place(type_info))
    return f"{type_info.name} {owner}/{label}" if owner else f"{type_info.name} {label}"


def _place(type_info: TypeInfo) -> str | None:
    places = (link for kind, link in _PLACES.items() if type_info.is_kind_of(kind))
    return next(places, None)


def _link_label(entity: Entity, name: str | None) -> str:
    """Return the label of a link's target in memory, ``""`` without one."""
    link = type(entity).__ftrack__.attributes.get(name or "")
    target = None if link is None else linked(entity, link)
    return label_of(target) if target else ""


def _key_text(entity: Entity) -> str:
    """Return the key of an entity, with the names of the entities in memory."""
    type_info = type(entity).__ftrack__
    parts = []
    for name in type_info.python_primary_key:
        links = type_info.links_by_foreign_key.get(name, ())
        labels = (_link_label(entity, link.name) for link in links)
        parts.append(next(filter(None, labels), "") or str(vars(entity).get(name)))
    return ", ".join(parts)
