"""Copies and pickles: the loaded attributes, links as bare references.

A copy belongs to no session and touches none: its links hold their targets, and its
collections are lists of their own.
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
    """Return every loaded value by Python name, links as the entities they lead to.

    Nothing is loaded: a link counts when its target is in memory.
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
    """Return whether a link that leads nowhere was loaded or set as such.

    The foreign key says the same: it is dumped, the link only where it has none.
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
    from ftrack_orm.entity.relations import shown_value

    copied = adopt(entity_class, {}, state)
    attributes = entity_class.__ftrack__.attributes
    for name, value in values.items():
        attribute = attributes.get(name)
        if attribute is None or attribute.kind is AttributeKind.LINK:
            own = value
        elif attribute.kind is AttributeKind.COLLECTION:
            own = TrackedList._of(copied, attribute, value)
        elif attribute.kind is AttributeKind.MAPPED:
            keys = dict(getattr(value, "row_keys", {}))
            content = getattr(value, "values_by_key", value)
            own = MappedValues._of(copied, attribute, dict(content), keys)
        else:
            own = shown_value(copied, name, _copied(value))
        vars(copied)[name] = own
    return copied


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value


def dump_values(entity: Entity) -> dict[str, Any]:
    """Return the loaded values of the attributes, linked entities as `Reference`."""
    attributes = type(entity).__ftrack__.attributes
    return {
        name: _dumped(value)
        for name, value in loaded_values(entity).items()
        if name in attributes
    }


Extras: TypeAlias = tuple[dict[str, Any], dict[str, Any] | None, frozenset[str]]
"""The own fields of a subclass, the private values, and which own fields were set."""


def extras_of(entity: Entity) -> Extras | None:
    """Return the values that no schema knows, ``None`` when there are none."""
    attributes = type(entity).__ftrack__.attributes
    own = {
        name: value for name, value in vars(entity).items() if name not in attributes
    }
    private = entity.__pydantic_private__
    if not own and private is None:
        return None
    return own, private, set_names(entity)


def set_extras(entity: Entity, extras: Extras) -> None:
    """Give a copy the values that no schema knows."""
    own, private, given = extras
    vars(entity).update(own)
    mark_set(entity, given)
    if private is not None:
        entity.__pydantic_private__ = dict(private)


def deepcopy_extras(entity: Entity, copied: Entity, memo: dict[int, Any]) -> None:
    """Copy the values that no schema knows deeply; they may lead back to `entity`."""
    extras = extras_of(entity)
    memo[id(entity)] = copied
    if extras is not None:
        set_extras(copied, copy.deepcopy(extras, memo))


def _dumped(value: Any) -> Any:
    if isinstance(value, TrackedList):
        return [_dumped(member) for member in value]
    if isinstance(value, MappedValues):
        return value.values_by_key
    if isinstance(value, ValueList):
        return list(value)
    if hasattr(type(value), "__ftrack__"):
        # A linked entity without a key yet is known by its type alone.
        return Reference(type(value).__ftrack__.name, key_of(value) or ())
    if isinstance(value, dict | list):
        return value.copy()
    return value


def restore(entity_class: type[Any], values: dict[str, Any], *, new: bool) -> Any:
    """Return an entity from `dump_values`; the links lead to bare entities.

    Args:
        entity_class: the class of the entity.
        values: the result of `dump_values`.
        new: whether the server does not have the entity yet.
    """
    type_info = entity_class.__ftrack__
    state = InstanceState(EntityState.TRANSIENT) if new else DETACHED
    restored = {
        name: value
        if name not in type_info.attributes
        else _restored(type_info.attributes[name], value, type_info.registry)
        for name, value in values.items()
    }
    return _assemble(entity_class, restored, state)


def _restored(attribute: Any, value: Any, registry: Registry | None) -> Any:
    if attribute.kind is AttributeKind.COLLECTION and isinstance(value, list):
        return [bare(registry, member) for member in value]
    return bare(registry, value) if isinstance(value, Reference) else value


def bare(registry: Registry | None, reference: Reference) -> Any:
    """Return a detached entity that holds its key and nothing else.

    Raises:
        UnknownEntityTypeError: the models have no such type.
    """
    from ftrack_orm.entity.entity import adopt

    if registry is None:
        raise UnknownEntityTypeError(reference.entity_type)
    entity_class = registry.resolve(reference.entity_type)
    names = entity_class.__ftrack__.python_primary_key
    return adopt(entity_class, dict(zip(names, reference.key, strict=False)), DETACHED)
