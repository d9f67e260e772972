"""Unload the values that a batch of unknown outcome may have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import is_mapped
from ftrack_orm.entity.tracking import unload_value
from ftrack_orm.operations import Delete
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.relation_index import RelationIndex, SentPair
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.cascade import Cascade
    from ftrack_orm.session.in_doubt import Batch
    from ftrack_orm.unit_of_work.apply import SentEntity
    from ftrack_orm.unit_of_work.identity_map import IdentityMap


class Invalidation:
    """Unloads values, links and collections; they load again when read."""

    def __init__(
        self, identity_map: IdentityMap, relations: RelationIndex, cascade: Cascade
    ) -> None:
        self._identity_map = identity_map
        self._relations = relations
        self._cascade = cascade

    def entities(self, records: Iterable[SentEntity], batch: Batch) -> None:
        """Unload the values that were sent of entities.

        A batch with deletes unloads all their values: it may have moved an entity
        below one that it then deleted, and deleted both.
        """
        has_deletes = any(
            isinstance(write, Delete) for _, write in batch.keyed_writes()
        )
        for record in records:
            entity = record.entity
            root = type(entity).__ftrack__.root
            self._relations.unload_keys(root, record.values)
            names = vars(entity) if has_deletes else record.values
            self._unload(entity, names, record.rows)

    def pairs(self, pairs: Iterable[SentPair]) -> None:
        """Unload the many-to-many collections of pairs that were sent."""
        for pair in pairs:
            pair.edit.via.is_loaded = False
            self._relations.unload_pairs(pair.end, pair.near)

    def deletes(self, batch: Batch) -> None:
        """Unload the entities that a batch deletes, and those deleted with them."""
        references = [
            Reference(write.entity_type, write.entity_key)
            for _, write in batch.keyed_writes()
            if isinstance(write, Delete)
        ]
        deleted_keys = self._cascade.collect_keys(references)
        for entity in self._cascade.entities(deleted_keys):
            self._unload(entity, vars(entity), vars(entity))
        self._cascade.unload_links(deleted_keys)

    def operations(self, batch: Batch) -> None:
        """Unload the entities that immediate operations write."""
        for _, write in batch.keyed_writes():
            if isinstance(write, Delete):
                continue
            type_info = self._identity_map.type_info(write.entity_type)
            self._relations.unload_keys(
                type_info.root, _keys(type_info, write.entity_data)
            )
            entity = self._identity_map.find(write.entity_type, write.entity_key or ())
            if entity is not None:
                self._unload(entity, vars(entity), vars(entity))

    def _unload(
        self, entity: Entity, names: Iterable[str], rows: Iterable[str]
    ) -> None:
        if entity.__ftrack_state__.owner is None:
            return
        type_info = type(entity).__ftrack__
        self._relations.unload_members(entity)
        for name in tuple(names):
            attribute = type_info.attributes.get(name)
            is_scalar = attribute is not None and attribute.kind is AttributeKind.SCALAR
            if is_scalar and name not in type_info.python_primary_key:
                unload_value(entity, name)
        for name in tuple(rows):
            value = vars(entity).get(name)
            if is_mapped(value):
                value.unload()


def unload_collections(identity_map: IdentityMap) -> None:
    """Unload every collection, after a change of foreign keys was interrupted."""
    for entity in identity_map:
        for value in vars(entity).values():
            if type(value) is TrackedList:
                value.is_loaded = False


def _keys(type_info: TypeInfo, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that may be foreign keys, by Python name."""
    keys: dict[str, Any] = {}
    for name, value in data.items():
        attribute = type_info.by_server_name.get(name)
        if attribute is None:
            continue
        if attribute.kind is AttributeKind.SCALAR:
            keys[attribute.name] = value
        elif attribute.kind is AttributeKind.LINK and isinstance(value, Reference):
            keys.update(zip(attribute.link_storage.holders, value.key, strict=False))
    return keys
