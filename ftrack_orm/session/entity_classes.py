"""The class of each entity type in a session: a generated one or a user's subclass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.subclass_fields import complete
from ftrack_orm.errors.session import EntityClassError

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity


class EntityClasses:
    """Users' subclasses in use, by entity type.

    An entity is one object in a session, so its type has one class there: the most
    derived class in use. Entities in memory become instances of it.
    """

    def __init__(self, entities: Callable[[], Iterable[Entity]]) -> None:
        """Start without subclasses.

        Args:
            entities: returns the entities of the session.
        """
        self._entities = entities
        self._by_type: dict[str, type[Entity]] = {}
        self._subclasses: set[type[Entity]] = set()

    def get(self, entity_type: str) -> type[Entity] | None:
        """Return the subclass of an entity type, ``None`` for the generated class."""
        return self._by_type.get(entity_type)

    def use(self, entity_class: type[Entity], current: type[Entity]) -> bool:
        """Use a class for its entity type; return whether that is a change.

        Args:
            entity_class: the class to use.
            current: the class of its entity type so far.

        Raises:
            EntityClassError: a class is in use that is no base of it; nothing was
                changed.
        """
        if issubclass(current, entity_class):
            return False
        name = entity_class.__ftrack__.name
        if name in self._by_type and not issubclass(entity_class, current):
            raise EntityClassError(name, entity_class.__name__, current.__name__)
        _convert(self._entities_of(name), entity_class)
        self._by_type[name] = entity_class
        self._subclasses.add(entity_class)
        return True

    def _entities_of(self, name: str) -> list[Entity]:
        return [
            entity
            for entity in self._entities()
            if type(entity).__ftrack__.name == name
        ]

    def require(self, entities: list[Any], entity_class: type[Any]) -> None:
        """Make entities of a result instances of the class that was selected.

        Raises:
            EntityClassError: one cannot be; nothing was changed.
        """
        # Generated classes need no conversion: rows are built with them.
        if entity_class in self._subclasses:
            _convert(
                [entity for entity in entities if entity is not None], entity_class
            )


def _convert(entities: Iterable[Any], entity_class: type[Any]) -> None:
    """Change the class of entities to a subclass; all are checked first."""
    others = [entity for entity in entities if not isinstance(entity, entity_class)]
    for entity in others:
        type_info = type(entity).__ftrack__
        is_same_type = type_info.name == entity_class.__ftrack__.name
        if not is_same_type or not issubclass(entity_class, type(entity)):
            raise EntityClassError(
                type_info.name, entity_class.__name__, type(entity).__name__
            )
    for entity in others:
        try:
            object.__setattr__(entity, "__class__", entity_class)
        except TypeError as error:
            # A subclass that declares slots has another memory layout.
            name = entity_class.__ftrack__.name
            current = type(entity).__name__
            raise EntityClassError(name, entity_class.__name__, current) from error
    complete(others)
