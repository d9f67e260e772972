"""List the names that `dir` shows, and the keys that a console completes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from ftrack_orm.console import prepare_console
from ftrack_orm.entity.mapped import METADATA
from ftrack_orm.entity.tracking import is_new
from ftrack_orm.listed_names import listed_names

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.mapped import MappedValues

_OF_CLASSES: Final = (
    "model_construct",
    "model_json_schema",
    "model_validate",
    "model_validate_json",
)

_OF_ENTITIES: Final = (
    "clone",
    "entity_state",
    "entity_type",
    "model_copy",
    "model_dump",
    "model_dump_json",
    "reference",
)

_HIDDEN_MODULES: Final = ("ftrack_orm.entity.entity", "typing")
"""The modules of base classes whose other methods are left out."""

_OF_MAPPINGS: Final = (
    *("clear", "get", "is_loaded", "is_set", "items", "keys", "pop", "popitem"),
    *("replace", "setdefault", "update", "values"),
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
    attributes = _attributes(entity_class)
    inherited = ("effective",) if "custom_attributes" in attributes else ()
    others = (*_OF_ENTITIES, *inherited, *_own_names(entity_class), *fields)
    return listed_names(attributes, others)


def _attributes(entity_class: type[Any]) -> list[str]:
    type_info = entity_class.__dict__.get("__ftrack__")
    return [] if type_info is None else list(type_info.attributes)


def _own_names(entity_class: type[Any]) -> Iterator[str]:
    """Yield the fields and methods that generated classes and a user's code add."""
    for base in entity_class.__mro__:
        if base.__module__ in _HIDDEN_MODULES or base in BaseModel.__mro__:
            continue
        names = (*vars(base), *vars(base).get("__annotations__", ()))
        # `model_config`, `model_fields` and the like are pydantic's.
        yield from (name for name in names if not name.startswith(("_", "model_")))


# -- metadata and custom attributes ------------------------------------------------


def mapping_names(attribute: AttributeInfo) -> list[str]:
    """Return the names of a mapping, without the methods that the session calls."""
    links = getattr(attribute.mapped_class, "__links__", ())
    # The classes of a studio's package have typed values in place of `read`.
    own = "as_" if hasattr(attribute.mapped_class, "as_") else "read"
    inherited = () if attribute.target == METADATA else ("effective",)
    others = (*_OF_MAPPINGS, own, *inherited)
    return listed_names((*_declared(attribute), *links), others)


def keys_in_memory(
    values: MappedValues[Any], entity: Entity, attribute: AttributeInfo
) -> list[str]:
    """Return the keys of a mapping, then others that the entity can have.

    Args:
        values: the mapping.
        entity: its owner.
        attribute: its attribute.
    """
    keys = list(values.values_by_key)
    # The loaded rows of custom attributes have every key that is configured.
    if values.is_loaded and values.is_custom and not is_new(entity):
        return keys
    owner = entity.__ftrack_state__.owner
    others = declared_keys(attribute)
    if owner is not None:
        others = owner.known_keys(type(entity).__ftrack__, attribute)
    return list(dict.fromkeys((*keys, *others)))


def declared_keys(attribute: AttributeInfo) -> Iterable[str]:
    """Return the keys that a studio's package declares, none in a stock package."""
    return _declared(attribute).values()


def _declared(attribute: AttributeInfo) -> Mapping[str, str]:
    """Return the declared keys by their names in Python."""
    names: Mapping[str, str] = getattr(attribute, "mapped_keys", {})
    return names
