"""Relations as class attributes: a link is a view over a key, a container loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.tracking import link_key, linked
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity


class LinkView:
    """Reads a link: the entity of the session with the key that the entity holds."""

    __slots__ = ("_accepted", "_attribute", "_holder", "_name", "_root")

    def __init__(self, attribute: AttributeInfo, name: str) -> None:
        self._attribute = attribute
        self._name = name
        # Found with the first read: it needs the schema of the target.
        self._holder: str | None = None
        self._root = ""
        self._accepted: set[type[Any]] = set()

    def __get__(self, entity: Any, owner: Any = None) -> Any:
        """Return the linked entity; on the class, the path of the link."""
        if entity is None:
            return type(owner).__getattr__(owner, self._name)
        try:
            target = entity.__ftrack_state__.tables[self._root][
                entity.__dict__[self._holder]
            ]
            if type(target) in self._accepted:
                return target
        except KeyError:
            pass
        return self._read(entity)

    def __set__(self, entity: Entity, value: Any) -> None:
        """Set the link; entities come here through their own ``__setattr__``."""
        setattr(entity, self._name, value)

    def _read(self, entity: Entity) -> Any:
        """Return the linked entity where it is not simply found by its key."""
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
            self._accepted.add(type(target))
        return target


class ContainerView:
    """Reads a collection or mapping: one object for the life of its entity."""

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
        """Set the content; entities come here through their own ``__setattr__``."""
        setattr(entity, self._name, value)
