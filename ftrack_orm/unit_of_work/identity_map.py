"""One object for each entity of a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ftrack_orm.types import EntityKey, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity


class IdentityMap:
    """Entities by concrete type and key.

    The maps of the types are dictionaries from the key to the entity; a key of one
    value stands for itself, so that a hundred thousand entities need no tuples.
    """

    __slots__ = ("_by_type",)

    def __init__(self) -> None:
        self._by_type: dict[str, dict[Any, Entity]] = {}

    def of_type(self, entity_type: str) -> dict[Any, Entity]:
        """Return the entities of one concrete type, by bare or composite key."""
        return self._by_type.setdefault(entity_type, {})

    def get(self, reference: Reference) -> Entity | None:
        """Return the entity of exactly this type and key."""
        known = self._by_type.get(reference.entity_type)
        return None if known is None else known.get(bare(reference.key))

    def find(self, entity_type: str, key: EntityKey) -> Entity | None:
        """Return the entity with this key whose type is `entity_type` or below."""
        wanted = bare(key)
        for known in self._by_type.values():
            entity = known.get(wanted)
            if entity is not None and type(entity).__ftrack__.is_kind_of(entity_type):
                return entity
        return None

    def add(self, entity: Entity) -> None:
        """Make `entity` the object for its type and key."""
        reference = entity.reference
        self.of_type(reference.entity_type)[bare(reference.key)] = entity

    def discard(self, entity: Entity) -> None:
        """Forget `entity`; harmless when it is not there."""
        reference = entity.reference
        known = self.of_type(reference.entity_type)
        if known.get(bare(reference.key)) is entity:
            del known[bare(reference.key)]

    def clear(self) -> None:
        """Forget every entity."""
        self._by_type.clear()

    def __contains__(self, entity: Entity) -> bool:
        return self.get(entity.reference) is entity

    def __iter__(self) -> Iterator[Entity]:
        for known in self._by_type.values():
            yield from known.values()

    def __len__(self) -> int:
        return sum(len(known) for known in self._by_type.values())


def bare(key: EntityKey) -> Any:
    """Return a key of one value as that value, a longer one as it is."""
    return key[0] if len(key) == 1 else key
