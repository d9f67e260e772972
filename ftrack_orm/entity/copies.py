"""Copies and pickles: what was loaded, with links as bare references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.state import DETACHED, EntityState, InstanceState
from ftrack_orm.errors import UnknownEntityTypeError
from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.entity.registry import Registry


def _state_of_copy(entity: Entity) -> InstanceState:
    if entity.__ftrack_state__.state is EntityState.TRANSIENT:
        return InstanceState(EntityState.TRANSIENT)
    return DETACHED


def shallow_copy(entity: Entity) -> Any:
    """Return a detached copy that shares linked entities with the original."""
    from ftrack_orm.entity.base import adopt

    copied = adopt(type(entity), dict(vars(entity)), _state_of_copy(entity))
    _own_containers(copied)
    return copied


def _own_containers(copied: Any) -> None:
    attributes = type(copied).__ftrack__.attributes
    for name, value in vars(copied).items():
        if isinstance(value, TrackedList):
            vars(copied)[name] = TrackedList.of(copied, attributes[name], value)
        elif isinstance(value, MappedValues):
            vars(copied)[name] = MappedValues(
                copied,
                attributes[name],
                dict(value.values_by_key),
                value.row_keys,
                is_partial=value.is_partial,
            )


def dump_values(entity: Entity) -> dict[str, Any]:
    """Return what was loaded, linked entities as `Reference`."""
    return {name: _dumped(value) for name, value in vars(entity).items()}


def _dumped(value: Any) -> Any:
    if isinstance(value, TrackedList):
        return [_dumped(member) for member in value]
    if isinstance(value, MappedValues):
        return dict(value.values_by_key)
    if hasattr(type(value), "__ftrack__"):
        # A linked entity: where it has no key yet, only its type can be said.
        from ftrack_orm.entity.instance import key_of

        return Reference(type(value).__ftrack__.name, key_of(value) or ())
    if isinstance(value, dict | list):
        return value.copy()
    return value


def restore(entity_class: type[Any], values: dict[str, Any], *, new: bool) -> Any:
    """Return an entity from `dump_values`; the links lead to bare entities.

    Args:
        entity_class: the class of the entity.
        values: what `dump_values` gave.
        new: whether the server does not know the entity yet.
    """
    from ftrack_orm.entity.base import adopt

    info = entity_class.__ftrack__
    state = InstanceState(EntityState.TRANSIENT) if new else DETACHED
    restored = adopt(entity_class, {}, state)
    for name, value in values.items():
        attribute = info.attributes.get(name)
        vars(restored)[name] = (
            value
            if attribute is None
            else _restored(restored, attribute, value, info.registry)
        )
    return restored


def _restored(entity: Any, attribute: Any, value: Any, registry: Any) -> Any:
    if isinstance(value, Reference):
        return _bare(registry, value)
    if attribute.kind.value == "collection" and isinstance(value, list):
        members = [_bare(registry, member) for member in value]
        return TrackedList.of(entity, attribute, members)
    if attribute.kind.value == "mapped" and isinstance(value, dict):
        return MappedValues(entity, attribute, dict(value))
    return value


def _bare(registry: Registry | None, reference: Reference) -> Any:
    from ftrack_orm.entity.base import adopt

    if registry is None:
        raise UnknownEntityTypeError(reference.entity_type)
    entity_class = registry.resolve(reference.entity_type)
    names = entity_class.__ftrack__.key_names
    return adopt(entity_class, dict(zip(names, reference.key, strict=False)), DETACHED)


def stub(registry: Registry | None, reference: Mapping[str, Any]) -> Any:
    """Return a bare, detached entity for the wire form of a reference."""
    name = str(reference["__entity_type__"])
    if registry is None:
        raise UnknownEntityTypeError(name)
    info = registry.resolve(name).__ftrack__
    key = tuple(reference[part] for part in info.key if part in reference)
    return _bare(registry, Reference(name, info.key_of(key)))
