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

_MOST_LINKS: Final = 3
"""Links that name an entity without a name."""

_MOST_CHARACTERS: Final = 40
"""Characters of the text of a note."""


def title_projections(type_info: TypeInfo) -> list[str]:
    """Return the further projections that titles need."""
    place = _place(type_info)
    return [] if place is None else [f"{place}.name"]


def title_of(entity: Entity) -> str:
    """Return type and name of an entity, with the name of its parent or asset.

    A version has its number instead of a name, and a note its text. Any other entity
    without a name has the names of the entities that it links to, or its key. Nothing
    is loaded.
    """
    type_info = type(entity).__ftrack__
    label = label_of(entity) or _text(entity) or _links_text(entity)
    owner = _link_label(entity, _place(type_info))
    return f"{type_info.name} {owner}/{label}" if owner else f"{type_info.name} {label}"


def _text(entity: Entity) -> str:
    """Return the version number or the beginning of the text of an entity."""
    version, content = (vars(entity).get(name) for name in ("version", "content"))
    if isinstance(version, int):
        return f"v{version}"
    if not isinstance(content, str):
        return ""
    is_long = len(content) > _MOST_CHARACTERS
    return repr(f"{content[:_MOST_CHARACTERS]}…" if is_long else content)


def _place(type_info: TypeInfo) -> str | None:
    places = (link for kind, link in _PLACES.items() if type_info.is_kind_of(kind))
    return next(places, None)


def _link_label(entity: Entity, name: str | None) -> str:
    """Return the label of a link's target in memory, ``""`` without one."""
    link = type(entity).__ftrack__.attributes.get(name or "")
    target = None if link is None else linked(entity, link)
    return label_of(target) if target else ""


def _links_text(entity: Entity) -> str:
    """Return the names of the targets of links that are in memory, or the key."""
    type_info = type(entity).__ftrack__
    key = type_info.python_primary_key
    names = key if len(key) > 1 else type_info.links_by_foreign_key
    labels = [_first_label(entity, name) for name in names]
    if len(key) == 1:
        known = [label for label in labels if label][:_MOST_LINKS]
        return ", ".join(known) or str(vars(entity).get(key[0]))
    values = zip(names, labels, strict=True)
    return ", ".join(label or str(vars(entity).get(name)) for name, label in values)


def _first_label(entity: Entity, foreign_key: str) -> str:
    links = type(entity).__ftrack__.links_by_foreign_key.get(foreign_key, ())
    labels = (_link_label(entity, link.name) for link in links)
    return next(filter(None, labels), "")
