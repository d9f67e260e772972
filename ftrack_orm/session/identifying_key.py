"""Return type and key of an entity as one text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import SessionCore


def identifying_key(
    core: SessionCore, entity: Entity | Mapping[str, Any]
) -> str | None:
    """Return type and key of an entity as one text, ``None`` where a part is missing.

    Nothing is loaded.
    """
    if isinstance(entity, Mapping):
        entity_type = str(entity.get("__entity_type__") or "")
        schema = core.models.schema_of(entity_type) if entity_type else None
        if schema is None:
            return None
        names: tuple[str, ...] = schema.primary_key
        values: Mapping[str, Any] = entity
    else:
        type_info = type(entity).__ftrack__
        entity_type, names, values = (
            type_info.name,
            type_info.python_primary_key,
            vars(entity),
        )
    key = [values.get(name) for name in names]
    if any(part is None or part is NOT_LOADED for part in key):
        return None
    return ",".join([entity_type, *map(str, key)])
