"""List the names of entity classes and entities for `dir`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from ftrack_orm.console import prepare_console
from ftrack_orm.listed_names import listed_names

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity

_OF_CLASSES: Final = (
    "model_construct",
    "model_json_schema",
    "model_validate",
    "model_validate_json",
)

_OF_ENTITIES: Final = (
    "entity_state",
    "entity_type",
    "model_copy",
    "model_dump",
    "model_dump_json",
    "reference",
)


def class_names(entity_class: type[Any]) -> list[str]:
    """Return the schema's attributes, then other public names of an entity class."""
    prepare_console()
    attributes = _attributes(entity_class)
    return listed_names(attributes, (*_OF_CLASSES, *_own_names(entity_class)))


def entity_names(entity: Entity) -> list[str]:
    """Return the schema's attributes, then other public names of an entity."""
    prepare_console()
    entity_class = type(entity)
    fields = [name for name in vars(entity) if not name.startswith("_")]
    others = (*_OF_ENTITIES, *_own_names(entity_class), *fields)
    return listed_names(_attributes(entity_class), others)


def _attributes(entity_class: type[Any]) -> list[str]:
    type_info = entity_class.__dict__.get("__ftrack__")
    return [] if type_info is None else list(type_info.attributes)


def _own_names(entity_class: type[Any]) -> Iterator[str]:
    """Yield the fields and methods that subclasses in a user's code add."""
    for base in entity_class.__mro__:
        if base.__module__.startswith("ftrack_orm.") or base is BaseModel:
            break
        names = (*vars(base), *vars(base).get("__annotations__", ()))
        # `model_config`, `model_fields` and the like are pydantic's.
        yield from (name for name in names if not name.startswith(("_", "model_")))
