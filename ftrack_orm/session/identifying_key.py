"""What a session answers about types and keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import Workspace


def identifying_key(space: Workspace, entity: Entity | Mapping[str, Any]) -> str | None:
    """Return type and key of an entity as one text, ``None`` where a part is missing.

    Nothing is loaded.
    """
    if isinstance(entity, Mapping):
        entity_type = str(entity.get("__entity_type__") or "")
        schema = space.schema_of(entity_type) if entity_type else None
        if schema is None:
            return None
        names: tuple[str, ...] = schema.primary_key
        values: Mapping[str, Any] = entity
    else:
        info = type(entity).__ftrack__
        entity_type, names, values = info.name, info.key_names, vars(entity)
    key = [values.get(name) for name in names]
    if any(part is None or part is NOT_LOADED for part in key):
        return None
    return ",".join([entity_type, *map(str, key)])
