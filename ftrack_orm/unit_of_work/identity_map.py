"""One object for each entity of a session."""

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
    """Entities by family and key.

    A family is a root type with its subtypes: the server keeps it in one table, so
    an entity that is read as its base type is found as the concrete one. A key of one
    value stands for itself, so that a hundred thousand entities need no tuples.

    Attributes:
        tables: name of the root type, then bare key, to the entity. Links read it.
    """

    __slots__ = ("tables", "type_info")

    def __init__(self, type_info: Callable[[str], TypeInfo]) -> None:
        """Make an empty map.

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
        entity = self._at(reference.entity_type, reference.key)
        if entity is None or type(entity).__ftrack__.name != reference.entity_type:
            return None
        return entity

    def find(self, entity_type: str, key: EntityKey) -> Entity | None:
        """Return the entity with this key whose type is `entity_type` or below."""
        entity = self._at(entity_type, key)
        if entity is None or not type(entity).__ftrack__.is_kind_of(entity_type):
            return None
        return entity

    def _at(self, entity_type: str, key: EntityKey) -> Entity | None:
        try:
            root = self.type_info(entity_type).root
        except UnknownEntityTypeError:
            return None
        table = self.tables.get(root)
        return None if table is None else table.get(bare(key))

    def add(self, entity: Entity) -> bool:
        """Make `entity` the object for its key; return whether it is.

        An entity whose key is not complete, or belongs to another object, is not
        added.
        """
        if key_of(entity) is None:
            return False
        table = self.table(type(entity).__ftrack__.root)
        return table.setdefault(bare_key(entity), entity) is entity

    def discard(self, entity: Entity, key: Any = None) -> None:
        """Forget `entity`; harmless when it is not there.

        Args:
            entity: the entity.
            key: its bare key, where that has changed since.
        """
        table = self.table(type(entity).__ftrack__.root)
        known = bare_key(entity) if key is None else key
        if table.get(known) is entity:
            del table[known]

    def clear(self) -> None:
        """Forget every entity; links that read the old tables still find them."""
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
    """Return a key of one value as that value, a longer one as it is."""
    return key[0] if len(key) == 1 else key
