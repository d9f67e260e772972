"""Copy and pickle entities: the loaded attributes, with links as references.

A copy belongs to no session and changes none: it stores the targets of its links, and
its collections are separate lists.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.state import DETACHED, EntityState, InstanceState
from ftrack_orm.entity.subclass_fields import mark_set, set_names
from ftrack_orm.entity.tracking import key_of, linked
from ftrack_orm.entity.value_list import ValueList
from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import NOT_LOADED, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.registry import Registry


def loaded_values(entity: Entity) -> dict[str, Any]:
    """Return every loaded value by Python name, links as their target entities.

    Nothing is loaded: a link is included if its target is in memory.
    """
    type_info = type(entity).__ftrack__
    links = {
        attribute.name: linked(entity, attribute)
        for attribute in type_info.relations
        if attribute.kind is AttributeKind.LINK
    }
    values = {
        name: value
        for name, value in vars(entity).items()
        if name not in links
        and (getattr(value, "is_loaded", True) or getattr(value, "values_by_key", None))
    }
    for name, target in links.items():
        if target is None and not _is_set(entity, name):
            continue
        if target is not NOT_LOADED:
            values[name] = target
    return values


def _is_set(entity: Entity, name: str) -> bool:
    """Return whether a link stores the value ``None`` itself.

    A link with a foreign key does not: its foreign key is dumped instead.
    """
    return name in vars(entity)


def shallow_copy(entity: Entity) -> Any:
    """Return a detached copy that shares linked entities with the original."""
    is_new = entity.__ftrack_state__.state is EntityState.TRANSIENT
    state = InstanceState(EntityState.TRANSIENT) if is_new else DETACHED
    copied = _assemble(type(entity), loaded_values(entity), state)
    extras = extras_of(entity)
    if extras is not None:
        set_extras(copied, extras)
    return copied


def _assemble(
    entity_class: type[Any], values: dict[str, Any], state: InstanceState
) -> Any:
    from ftrack_orm.entity.entity import adopt
    from ftrack_orm.entity.relations import tracked_value

    copied = adopt(entity_class, {}, state)
    attributes = entity_class.__ftrack__.attributes
    for name, value in values.items():
        attribute = attributes.get(name)
        if attribute is None or attribute.kind is AttributeKind.LINK:
            copied_value = value
        elif attribute.kind is AttributeKind.COLLECTION:
            copied_value = TrackedList._of(copied, attribute, value)
        elif attribute.kind is AttributeKind.MAPPED:
            keys = dict(getattr(value, "row_keys", {}))
            content = getattr(value, "values_by_key", value)
            copied_value = MappedValues._of(copied, attribute, dict(content), keys)
        else:
            # A `ValueList` becomes a plain list first, else it would still record its
            # changes on the original entity.
            plain = list(value) if isinstance(value, list) else value
            copied_value = tracked_value(copied, name, plain)
        vars(copied)[name] = copied_value
    return copied


def dump_values(entity: Entity) -> dict[str, Any]:
    """Return the loaded values of the attributes, linked entities as `Reference`."""
    attributes = type(entity).__ftrack__.attributes
    return {
        name: _dump_value(value)
        for name, value in loaded_values(entity).items()
        if name in attributes
    }


Extras: TypeAlias = tuple[dict[str, Any], dict[str, Any] | None, frozenset[str]]
"""The fields a subclass adds, its private values, and the names of the set fields."""


def extras_of(entity: Entity) -> Extras | None:
    """Return the values that are not of the schema, ``None`` if there are none."""
    attributes = type(entity).__ftrack__.attributes
    fields = {
        name: value for name, value in vars(entity).items() if name not in attributes
    }
    private = entity.__pydantic_private__
    if not fields and private is None:
        return None
    return fields, private, set_names(entity)


def set_extras(entity: Entity, extras: Extras) -> None:
    """Set the values that are not of the schema on a copy."""
    fields, private, names = extras
    vars(entity).update(fields)
    mark_set(entity, names)
    if private is not None:
        entity.__pydantic_private__ = dict(private)


def deepcopy_extras(entity: Entity, copied: Entity, memo: dict[int, Any]) -> None:
    """Copy the values that are not of the schema deeply."""
    extras = extras_of(entity)
    # Such a value may refer to `entity` itself.
    memo[id(entity)] = copied
    if extras is not None:
        set_extras(copied, copy.deepcopy(extras, memo))


def _dump_value(value: Any) -> Any:
    if isinstance(value, TrackedList):
        return [_dump_value(member) for member in value]
    if isinstance(value, MappedValues):
        return value.values_by_key
    if isinstance(value, ValueList):
        return list(value)
    if hasattr(type(value), "__ftrack__"):
        # A new target may have no complete key: its reference holds the type alone.
        return Reference(type(value).__ftrack__.name, key_of(value) or ())
    if isinstance(value, dict | list):
        return value.copy()
    return value


def restore(entity_class: type[Any], values: dict[str, Any], *, new: bool) -> Any:
    """Return an entity from `dump_values`; its links have bare entities as targets.

    Args:
        entity_class: the class of the entity.
        values: the result of `dump_values`.
        new: whether the server does not have the entity yet.
    """
    type_info = entity_class.__ftrack__
    state = InstanceState(EntityState.TRANSIENT) if new else DETACHED
    restored_values = {
        name: value
        if name not in type_info.attributes
        else _restore_value(type_info.attributes[name], value, type_info.registry)
        for name, value in values.items()
    }
    return _assemble(entity_class, restored_values, state)


def _restore_value(attribute: Any, value: Any, registry: Registry | None) -> Any:
    if attribute.kind is AttributeKind.COLLECTION and isinstance(value, list):
        return [bare_entity(registry, member) for member in value]
    return bare_entity(registry, value) if isinstance(value, Reference) else value


def bare_entity(registry: Registry | None, reference: Reference) -> Any:
    """Return a detached entity whose only values are its key.

    Raises:
        UnknownEntityTypeError: the models have no such type.
    """
    from ftrack_orm.entity.entity import adopt

    if registry is None:
        raise UnknownEntityTypeError(reference.entity_type)
    entity_class = registry.resolve(reference.entity_type)
    names = entity_class.__ftrack__.python_primary_key
    return adopt(entity_class, dict(zip(names, reference.key, strict=False)), DETACHED)
