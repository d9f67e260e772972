"""Make memory follow what a server does to other entities when it deletes some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.tracking import bare_key, server_value, unload_value
from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.schema.names import python_name
from ftrack_orm.schema.ownership import belongings
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.apply import detach
from ftrack_orm.unit_of_work.identity_map import bare

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.known_types import KnownTypes
    from ftrack_orm.unit_of_work.identity_map import IdentityMap
    from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork

Gone: TypeAlias = dict[str, set[Any]]
"""Bare keys of deleted entities by the root of their type."""


class Cascade:
    """Detaches the entities that a server deletes with others (protocol 6.4).

    Links to a deleted entity are unloaded: the server may have cleared their keys.
    """

    def __init__(
        self, identity_map: IdentityMap, work: UnitOfWork, types: KnownTypes
    ) -> None:
        self._identity_map = identity_map
        self._work = work
        self._types = types

    def follow(self, deleted: Iterable[Reference]) -> Gone:
        """Detach the deleted entities and those that go along.

        Args:
            deleted: what the server has deleted; in memory or not.

        Returns:
            The keys of all of them, for `repeat`.
        """
        gone = self.gather(deleted)
        self.repeat(gone)
        return gone

    def gather(self, deleted: Iterable[Reference]) -> Gone:
        """Return the keys of deleted entities and of those in memory that go along."""
        gone: Gone = {}
        waiting = [
            (type_info, bare(reference.key))
            for reference in deleted
            if (type_info := self._types.type_info(reference.entity_type)) is not None
        ]
        while waiting:
            fresh: dict[tuple[str, str], set[Any]] = {}
            for type_info, key in waiting:
                keys = gone.setdefault(type_info.root, set())
                if key in keys:
                    continue
                keys.add(key)
                entity = self._identity_map.tables.get(type_info.root, {}).get(key)
                if entity is not None:
                    type_info = type(entity).__ftrack__
                for belonging in belongings(_type_names(type_info)):
                    fresh.setdefault(belonging, set()).add(key)
            waiting = [
                (type(entity).__ftrack__, bare_key(entity))
                for (target, attribute), owners in fresh.items()
                for entity in self._owned(target, python_name(attribute), owners)
            ]
        return gone

    def repeat(self, gone: Gone) -> None:
        """Detach deleted entities, also those that a merge has brought back."""
        if not gone:
            return
        for root, keys in gone.items():
            table = self._identity_map.tables.get(root, {})
            for key in keys:
                entity = table.get(key)
                if entity is not None and _is_on_server(entity):
                    detach(entity, self._work, self._identity_map)
        self.unload_links(gone)

    def entities(self, gone: Gone) -> list[Entity]:
        """Return the entities in memory under some keys."""
        tables = self._identity_map.tables
        return [
            tables[root][key]
            for root, keys in gone.items()
            for key in keys
            if key in tables.get(root, {})
        ]

    def _owned(self, target: str, name: str, owners: set[Any]) -> Iterator[Entity]:
        type_info = self._types.type_info(target)
        if type_info is None:
            return
        for entity in self._identity_map.tables.get(type_info.root, {}).values():
            if not type(entity).__ftrack__.is_kind_of(target):
                continue
            # The server knows nothing of moves that were not committed.
            if _is_on_server(entity) and server_value(entity, name) in owners:
                yield entity

    def unload_links(self, gone: Gone) -> None:
        """Unload the foreign keys that lead to deleted entities."""
        for table in self._identity_map.tables.values():
            names: dict[type[Entity], list[tuple[str, set[Any]]]] = {}
            for entity in tuple(table.values()):
                kind = type(entity)
                if kind not in names:
                    names[kind] = list(_keys_to(kind.__ftrack__, gone))
                for name, keys in names[kind]:
                    if server_value(entity, name) in keys and _is_on_server(entity):
                        unload_value(entity, name)


def _keys_to(type_info: TypeInfo, gone: Gone) -> Iterator[tuple[str, set[Any]]]:
    """Yield the foreign keys of a type that may lead to deleted entities."""
    for name, links in type_info.links_by_foreign_key.items():
        if name in type_info.python_primary_key:
            continue
        for link in links:
            try:
                root = link.link_storage.root
            except UnknownEntityTypeError:
                continue
            if root in gone:
                yield name, gone[root]


def _is_on_server(entity: Entity) -> bool:
    return entity.__ftrack_state__.state is not EntityState.PENDING


def _type_names(type_info: TypeInfo) -> Iterator[str]:
    base: TypeInfo | None = type_info
    while base is not None:
        yield base.name
        base = base.base
