"""Entities whose foreign keys lead to owners without a loaded collection.

When such a collection is loaded, an entity that the server no longer names as a
member is found here without a search of the whole identity map.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity

_NO_KEYS = (None, NOT_LOADED)


class UnplacedMembers:
    """Entities by the root of their type, foreign key, and its value.

    A pair of root and foreign key is followed from the first load of a collection of
    such members on; a session that loads no collections pays nothing.
    """

    __slots__ = ("_by_key",)

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str], dict[Any, dict[int, Entity]]] = {}

    def follow(self, root: str, name: str, table: Mapping[Any, Entity]) -> None:
        """Begin to follow a foreign key of the entities in `table`."""
        if (root, name) in self._by_key:
            return
        self._by_key[root, name] = {}
        for entity in table.values():
            self.note(root, name, vars(entity).get(name), entity)

    def note(self, root: str, name: str, key: Any, entity: Entity) -> None:
        """Note an entity whose key leads to an owner without a collection."""
        unplaced_members = self._by_key.get((root, name))
        if unplaced_members is not None and key not in _NO_KEYS:
            unplaced_members.setdefault(key, {})[id(entity)] = entity

    def at(self, root: str, name: str, key: Any) -> list[Entity]:
        """Return the entities that were noted for a key."""
        return list(self._by_key.get((root, name), {}).get(key, {}).values())

    def forget(self, root: str, entity: Entity) -> None:
        """Forget an entity that leaves the session."""
        values = vars(entity)
        for (other, name), unplaced_members in self._by_key.items():
            if other == root:
                self._drop(unplaced_members, values.get(name), entity)

    def forget_key(self, root: str, name: str, key: Any, entity: Entity) -> None:
        """Forget an entity whose key leads elsewhere now."""
        self._drop(self._by_key.get((root, name), {}), key, entity)

    @staticmethod
    def _drop(
        unplaced_members: dict[Any, dict[int, Entity]], key: Any, entity: Entity
    ) -> None:
        noted = unplaced_members.get(key)
        if noted and noted.pop(id(entity), None) is not None and not noted:
            del unplaced_members[key]

    def clear(self) -> None:
        """Forget every entity."""
        self._by_key.clear()
