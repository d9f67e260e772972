"""Name entities and their attributes for people, as errors and plans show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.errors.entity import ReadOnlyAttributeError

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.errors.entity import AttributeValueError


def label_of(entity: Entity) -> str:
    """Return a name of the entity for people, ``""`` if it has none."""
    values = vars(entity)
    for attribute in ("name", "username", "label", "key"):
        label = values.get(attribute)
        if isinstance(label, str):
            return label
    return ""


def place_of(entity: Entity, attribute: str) -> str:
    """Return an attribute for people: ``Task 'lighting'.bid``.

    An entity without a name is named by its key, a new one by its type: ``Task.bid``.
    """
    type_info = type(entity).__ftrack__
    label = label_of(entity)
    if label:
        return f"{type_info.name} {label!r}.{attribute}"
    key = [vars(entity).get(name) for name in type_info.python_primary_key]
    if key and None not in key:
        return f"{type_info.name}({', '.join(map(str, key))}).{attribute}"
    return f"{type_info.name}.{attribute}"


def locate(
    error: AttributeValueError, entity: Entity, attribute: AttributeInfo
) -> None:
    """Name the entity in the error of a check, which has only the attribute.

    An error about another attribute stays as it is.
    """
    if error.attribute.partition("[")[0] == attribute.name:
        error.locate(type(entity).__ftrack__.name, place_of(entity, error.attribute))


def read_only_error(entity: Entity, attribute: AttributeInfo) -> ReadOnlyAttributeError:
    """Return the error for an attribute of an entity that cannot be set."""
    reason = (
        "the server sets it, clients only read it"
        if attribute.read_only
        else "it is part of the key of an existing entity"
    )
    return ReadOnlyAttributeError(
        type(entity).__ftrack__.name,
        attribute.name,
        reason,
        place_of(entity, attribute.name),
    )
