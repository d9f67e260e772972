"""Descriptors of relations: links are looked up by key, containers load when read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.tracking import link_key, linked
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity


class LinkDescriptor:
    """The descriptor of a link; it finds the target by the foreign key."""

    __slots__ = ("_attribute", "_holder", "_name", "_root", "_target_classes")

    def __init__(self, attribute: AttributeInfo, name: str) -> None:
        self._attribute = attribute
        self._name = name
        # Set by the first read, because the storage needs the schema of the target.
        self._holder: str | None = None
        self._root = ""
        # A read must not walk the bases of its target each time, so classes that were
        # checked once are stored.
        self._target_classes: set[type[Any]] = set()

    def __get__(self, entity: Any, owner: Any = None) -> Any:
        """Return the linked entity; on the class, the path of the link."""
        if entity is None:
            return type(owner).__getattr__(owner, self._name)
        try:
            target = entity.__ftrack_state__.tables[self._root][
                entity.__dict__[self._holder]
            ]
            if type(target) in self._target_classes:
                return target
        except KeyError:
            pass
        return self._read(entity)

    def __set__(self, entity: Entity, value: Any) -> None:
        """Set the link through the ``__setattr__`` of the entity."""
        setattr(entity, self._name, value)

    def _read(self, entity: Entity) -> Any:
        """Return the linked entity if the direct lookup has failed; may load it."""
        from ftrack_orm.entity.entity import read_missing

        attribute = self._attribute
        if self._holder is None:
            storage = attribute.link_storage
            self._root = storage.root
            if len(storage.holders) == 1:
                self._holder = storage.holders[0]
        target = linked(entity, attribute)
        if target is NOT_LOADED:
            return read_missing(entity, attribute)
        if target is not None and link_key(entity, attribute) is not NOT_LOADED:
            self._target_classes.add(type(target))
        return target


class ContainerDescriptor:
    """The descriptor of a collection or mapping, which loads it when it is read."""

    __slots__ = ("_attribute", "_name")

    def __init__(self, attribute: AttributeInfo, name: str) -> None:
        self._attribute = attribute
        self._name = name

    def __get__(self, entity: Any, owner: Any = None) -> Any:
        """Return the container, loaded; on the class, the path of the attribute."""
        if entity is None:
            return type(owner).__getattr__(owner, self._name)
        container = entity.__dict__.get(self._name)
        if container is not None and container.is_readable:
            return container
        from ftrack_orm.entity.entity import read_missing

        return read_missing(entity, self._attribute)

    def __set__(self, entity: Entity, value: Any) -> None:
        """Set the content through the ``__setattr__`` of the entity."""
        setattr(entity, self._name, value)
