"""Find the keys of metadata and custom attributes that a session has in memory."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Final

from ftrack_orm.entity.listing import declared_keys
from ftrack_orm.entity.mapped import METADATA, MappedValues

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.custom_attribute_configurations import Configurations

_MOST_ENTITIES: Final = 2_000
"""The most entities to examine: a completion must be instant in a large session."""


def known_keys(
    type_info: TypeInfo,
    attribute: AttributeInfo,
    entities: Iterable[Entity],
    configurations: Configurations | None,
) -> list[str]:
    """Return the keys of a mapped attribute of a type, sorted; nothing is sent.

    Args:
        type_info: the type of the entities.
        attribute: its mapped attribute.
        entities: entities in memory, also of other types.
        configurations: the configurations, ``None`` if the session has read none.
    """
    keys = set(declared_keys(attribute))
    if configurations is not None and attribute.target != METADATA:
        keys.update(configurations.known_keys(type_info))
    for entity in islice(entities, _MOST_ENTITIES):
        rows = vars(entity).get(attribute.name)
        if isinstance(rows, MappedValues) and _is_kind(entity, type_info):
            keys.update(rows.values_by_key)
    return sorted(keys)


def _is_kind(entity: Entity, type_info: TypeInfo) -> bool:
    return type(entity).__ftrack__.is_kind_of(type_info.name)
