"""Detach the entities that a server deletes together with others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.tracking import bare_key, server_value, unload_value
from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.schema.names import python_name
from ftrack_orm.schema.ownership import dependents
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.apply import detach
from ftrack_orm.unit_of_work.identity_map import bare

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.known_types import KnownTypes
    from ftrack_orm.unit_of_work.identity_map import IdentityMap
    from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork

DeletedKeys: TypeAlias = dict[str, set[Any]]
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

    def detach(self, references: Iterable[Reference]) -> DeletedKeys:
        """Detach deleted entities and those that the server deletes with them.

        Args:
            references: the entities that the server has deleted; in memory or not.

        Returns:
            The keys of all of them, for `detach_keys`.
        """
        deleted_keys = self.collect_keys(references)
        self.detach_keys(deleted_keys)
        return deleted_keys

    def collect_keys(self, references: Iterable[Reference]) -> DeletedKeys:
        """Return the keys of deleted entities and of their dependents in memory."""
        deleted_keys: DeletedKeys = {}
        queue = [
            (type_info, bare(reference.key))
            for reference in references
            if (type_info := self._types.type_info(reference.entity_type)) is not None
        ]
        while queue:
            owners_by_attribute = self._add_keys(queue, deleted_keys)
            # One level at a time: each level takes one pass over a table, where a
            # pass for each deleted entity would be quadratic.
            queue = [
                (type(entity).__ftrack__, bare_key(entity))
                for (target, name), owners in owners_by_attribute.items()
                for entity in self._dependents(target, python_name(name), owners)
            ]
        return deleted_keys

    def _add_keys(
        self, queue: Iterable[tuple[TypeInfo, Any]], deleted_keys: DeletedKeys
    ) -> dict[tuple[str, str], set[Any]]:
        """Add the keys of `queue` to `deleted_keys`.

        Returns:
            The added keys, by the type and foreign key of the entities that the server
            deletes with them.
        """
        owners_by_attribute: dict[tuple[str, str], set[Any]] = {}
        for type_info, key in queue:
            keys = deleted_keys.setdefault(type_info.root, set())
            if key in keys:
                continue
            keys.add(key)
            entity = self._identity_map.tables.get(type_info.root, {}).get(key)
            if entity is not None:
                # A reference may name a base; the concrete type owns more.
                type_info = type(entity).__ftrack__
            for attribute in dependents(_type_names(type_info)):
                owners_by_attribute.setdefault(attribute, set()).add(key)
        return owners_by_attribute

    def detach_keys(self, deleted_keys: DeletedKeys) -> None:
        """Detach deleted entities, also those that a merge has added again."""
        if not deleted_keys:
            return
        for root, keys in deleted_keys.items():
            table = self._identity_map.tables.get(root, {})
            for key in keys:
                entity = table.get(key)
                if entity is not None and _is_on_server(entity):
                    detach(entity, self._work, self._identity_map)
        self.unload_links(deleted_keys)

    def entities(self, deleted_keys: DeletedKeys) -> list[Entity]:
        """Return the entities in memory that have the keys."""
        tables = self._identity_map.tables
        return [
            tables[root][key]
            for root, keys in deleted_keys.items()
            for key in keys
            if key in tables.get(root, {})
        ]

    def _dependents(self, target: str, name: str, owners: set[Any]) -> Iterator[Entity]:
        type_info = self._types.type_info(target)
        if type_info is None:
            return
        for entity in self._identity_map.tables.get(type_info.root, {}).values():
            if not type(entity).__ftrack__.is_kind_of(target):
                continue
            # The server deletes by its own values, so an uncommitted move of an
            # entity to another parent does not spare it.
            if _is_on_server(entity) and server_value(entity, name) in owners:
                yield entity

    def unload_links(self, deleted_keys: DeletedKeys) -> None:
        """Unload the foreign keys that lead to deleted entities."""
        for table in self._identity_map.tables.values():
            foreign_keys: dict[type[Entity], list[tuple[str, set[Any]]]] = {}
            for entity in tuple(table.values()):
                entity_class = type(entity)
                if entity_class not in foreign_keys:
                    foreign_keys[entity_class] = list(
                        _foreign_keys_to(entity_class.__ftrack__, deleted_keys)
                    )
                for name, keys in foreign_keys[entity_class]:
                    if server_value(entity, name) in keys and _is_on_server(entity):
                        unload_value(entity, name)


def _foreign_keys_to(
    type_info: TypeInfo, deleted_keys: DeletedKeys
) -> Iterator[tuple[str, set[Any]]]:
    """Yield the foreign keys of a type that may lead to deleted entities."""
    for name, links in type_info.links_by_foreign_key.items():
        if name in type_info.python_primary_key:
            continue
        for link in links:
            try:
                root = link.link_storage.root
            except UnknownEntityTypeError:
                continue
            if root in deleted_keys:
                yield name, deleted_keys[root]


def _is_on_server(entity: Entity) -> bool:
    return entity.__ftrack_state__.state is not EntityState.PENDING


def _type_names(type_info: TypeInfo) -> Iterator[str]:
    base: TypeInfo | None = type_info
    while base is not None:
        yield base.name
        base = base.base
