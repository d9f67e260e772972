"""The entities of a session by type and key, one object for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.tracking import bare_key, key_of
from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.types import EntityKey, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo


class IdentityMap:
    """Entities by root type and key.

    A root type and its subtypes share one table, as they do on the server, so that an
    entity read as its base type is found as the concrete one. The bare key of a
    one-value key is the value, so that 100,000 entities need no tuples.

    Attributes:
        tables: name of the root type, then bare key, to the entity. Links are looked
            up in it.
        type_info: returns the type of an entity type's name.
    """

    __slots__ = ("tables", "type_info")

    def __init__(self, type_info: Callable[[str], TypeInfo]) -> None:
        """Create an empty map.

        Args:
            type_info: entity type name to its type.
        """
        self.type_info = type_info
        self.tables: dict[str, dict[Any, Entity]] = {}

    def table(self, root: str) -> dict[Any, Entity]:
        """Return the entities of one root type by bare key."""
        return self.tables.setdefault(root, {})

    def get(self, reference: Reference) -> Entity | None:
        """Return the entity of exactly this type and key."""
        entity = self._look_up(reference.entity_type, reference.key)
        if entity is None or type(entity).__ftrack__.name != reference.entity_type:
            return None
        return entity

    def find(self, entity_type: str, key: EntityKey) -> Entity | None:
        """Return the entity with this key of type `entity_type` or a subtype."""
        entity = self._look_up(entity_type, key)
        if entity is None or not type(entity).__ftrack__.is_kind_of(entity_type):
            return None
        return entity

    def _look_up(self, entity_type: str, key: EntityKey) -> Entity | None:
        try:
            root = self.type_info(entity_type).root
        except UnknownEntityTypeError:
            return None
        table = self.tables.get(root)
        return None if table is None else table.get(bare(key))

    def add(self, entity: Entity) -> bool:
        """Add an entity under its key; return whether it has that key in the map.

        An entity with an incomplete key, or with the key of another object, is not
        added.
        """
        if key_of(entity) is None:
            return False
        table = self.table(type(entity).__ftrack__.root)
        return table.setdefault(bare_key(entity), entity) is entity

    def discard(self, entity: Entity, key: Any = None) -> None:
        """Remove `entity`; does nothing when it is not in the map.

        Args:
            entity: the entity.
            key: the bare key it was added with, if it has changed since.
        """
        table = self.table(type(entity).__ftrack__.root)
        bare = bare_key(entity) if key is None else key
        if table.get(bare) is entity:
            del table[bare]

    def clear(self) -> None:
        """Remove every entity."""
        # New tables: the links of detached entities still use the old ones.
        self.tables = {}

    def __contains__(self, entity: Entity) -> bool:
        return self.tables.get(type(entity).__ftrack__.root, {}).get(
            bare_key(entity)
        ) is (entity)

    def __iter__(self) -> Iterator[Entity]:
        for table in self.tables.values():
            yield from table.values()

    def __len__(self) -> int:
        return sum(len(table) for table in self.tables.values())


def bare(key: EntityKey) -> Any:
    """Return the value of a one-value key; longer keys are returned unchanged."""
    return key[0] if len(key) == 1 else key
