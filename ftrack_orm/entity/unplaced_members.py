"""Index entities whose foreign keys lead to owners without a loaded collection.

When such a collection is loaded, an entity in memory may be a member that the server
no longer lists. The index finds it without a search of the whole identity map.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity

_NO_KEYS = (None, NOT_LOADED)


class UnplacedMembers:
    """Entities by root type, foreign key and value of the foreign key.

    The first load of a collection starts the index of its members' root type and
    foreign key, so a session that loads no collections has no index to update.
    """

    __slots__ = ("_by_key",)

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str], dict[Any, dict[int, Entity]]] = {}

    def track(self, root: str, name: str, table: Mapping[Any, Entity]) -> None:
        """Start the index of a foreign key with the entities in `table`."""
        if (root, name) in self._by_key:
            return
        self._by_key[root, name] = {}
        for entity in table.values():
            self.add(root, name, vars(entity).get(name), entity)

    def add(self, root: str, name: str, key: Any, entity: Entity) -> None:
        """Add an entity whose key leads to an owner without a loaded collection."""
        unplaced_members = self._by_key.get((root, name))
        if unplaced_members is not None and key not in _NO_KEYS:
            unplaced_members.setdefault(key, {})[id(entity)] = entity

    def with_key(self, root: str, name: str, key: Any) -> list[Entity]:
        """Return the entities with the key `key`."""
        return list(self._by_key.get((root, name), {}).get(key, {}).values())

    def remove(self, root: str, entity: Entity) -> None:
        """Remove an entity that leaves the session."""
        values = vars(entity)
        for (indexed_root, name), unplaced_members in self._by_key.items():
            if indexed_root == root:
                self._drop(unplaced_members, values.get(name), entity)

    def remove_key(self, root: str, name: str, key: Any, entity: Entity) -> None:
        """Remove an entity from the index of its former key."""
        self._drop(self._by_key.get((root, name), {}), key, entity)

    @staticmethod
    def _drop(
        unplaced_members: dict[Any, dict[int, Entity]], key: Any, entity: Entity
    ) -> None:
        entities = unplaced_members.get(key)
        if entities and entities.pop(id(entity), None) is not None and not entities:
            del unplaced_members[key]

    def clear(self) -> None:
        """Remove all entities."""
        self._by_key.clear()
