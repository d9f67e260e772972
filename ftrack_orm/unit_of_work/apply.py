"""Make the sent values of a commit the committed values of its entities.

Every step may be repeated, because a commit that was interrupted while it was applied
is applied again by the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import MAPPED_CLASSES, METADATA, REMOVED, is_mapped
from ftrack_orm.entity.relation_index import SentPair
from ftrack_orm.entity.state import (
    DETACHED,
    EntityState,
    InstanceState,
    LoadGroup,
    Owner,
)
from ftrack_orm.entity.tracking import (
    bare_key,
    drop_stored_targets,
    key_of,
    restore_committed,
    set_state,
    store_targets,
    unshared_state,
)
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.unit_of_work.changes import Change
    from ftrack_orm.unit_of_work.identity_map import IdentityMap
    from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork


@lazy_dataclass(slots=True)
class SentEntity:
    """One entity of a batch in doubt, with its state and values at sending.

    Attributes:
        entity: the entity.
        state: its state when the batch was sent.
        values: the values that were sent, by Python name.
        rows: the edits of its mapped attributes that were sent, by Python name.
    """

    entity: Entity
    state: EntityState
    values: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)


def sent_entities(
    entities: Sequence[Entity],
    states: Sequence[EntityState],
    changes: Iterable[Change],
) -> list[SentEntity]:
    """Return the entities of a batch with the values that were sent.

    Args:
        entities: the entities.
        states: their states when the changes were collected, in the same order.
        changes: the changes of the plan.
    """
    # Imported here, because sessions that never commit use this module to detach
    # entities.
    from ftrack_orm.unit_of_work.changes import DeleteChange

    records = list(map(SentEntity, entities, states))
    owners = {bare_key(record.entity): record for record in records}
    by_reference = _by_reference(records)
    for change in changes:
        values = {} if isinstance(change, DeleteChange) else change.values
        _record_row(change, values, owners)
        record = by_reference.get(change.reference)
        if record is not None:
            _record_values(record, values)
    return records


def _by_reference(records: Iterable[SentEntity]) -> dict[Reference, SentEntity]:
    return {
        Reference(type(record.entity).__ftrack__.name, key): record
        for record in records
        if (key := key_of(record.entity)) is not None
    }


def _record_row(
    change: Change, values: Mapping[str, Any], owners: Mapping[Any, SentEntity]
) -> None:
    """Store the sent value of a row of a mapped attribute with its owner."""
    entity_type, key = change.reference
    is_metadata = entity_type == METADATA
    if (is_metadata or entity_type.endswith("CustomAttributeValue")) and key:
        owner = owners.get(key[0] if is_metadata else key[1])
        name = "metadata" if is_metadata else "custom_attributes"
        if owner is not None:
            value = values.get("value", REMOVED)
            owner.rows.setdefault(name, {})[change.label] = _unfreeze(value)


def _record_values(record: SentEntity, values: Mapping[str, Any]) -> None:
    attributes = type(record.entity).__ftrack__.by_server_name
    for name, value in values.items():
        attribute = attributes[name]
        if attribute.kind is not AttributeKind.COLLECTION:
            record.values[attribute.name] = _unfreeze(value)


def _unfreeze(value: Any) -> Any:
    return list(value) if type(value) is tuple else value


class Applier:
    """Applies commits to the entities of one session."""

    def __init__(
        self, work: UnitOfWork, identity_map: IdentityMap, owner: Owner
    ) -> None:
        """Store the parts of the session that a commit updates.

        Args:
            work: the entities with changes.
            identity_map: the entities of the session.
            owner: the session, as its entities use it.
        """
        self._work = work
        self._identity_map = identity_map
        self._owner = owner

    def apply_now(
        self,
        entities: Sequence[Entity],
        states: Sequence[EntityState],
        pairs: Sequence[SentPair],
    ) -> list[Entity]:
        """Make all current values committed, when nothing was edited since sending.

        Faster than `apply`: no sent value is compared.

        Args:
            entities: the entities of the batch.
            states: their states when it was sent, in the same order.
            pairs: the edits of many-to-many collections in it.

        Returns:
            The deleted entities, detached.
        """
        created_state = self._created_state()
        deleted = []
        # Local names, because reading an attribute of an enumeration is slow.
        deleted_state, pending_state = EntityState.DELETED, EntityState.PENDING
        for entity, sent_state in zip(entities, states, strict=True):
            state = entity.__ftrack_state__
            if sent_state is deleted_state:
                deleted.append(entity)
                continue
            if state.has_relation_changes:
                _accept_rows(entity)
                drop_stored_targets(entity)
                state.has_relation_changes = False
            if sent_state is pending_state:
                _unload_defaults(entity)
                self._add_to_group(entity, created_state)
                set_state(entity, created_state)
            else:
                state.committed = None
        self._work.clear()
        self._owner.relations.accept(pairs)
        for entity in deleted:
            detach(entity, self._work, self._identity_map)
        return deleted

    def _created_state(self) -> InstanceState:
        tables = self._identity_map.tables
        return InstanceState(
            EntityState.PERSISTENT, self._owner, LoadGroup(), tables=tables, shared=True
        )

    def _add_to_group(self, entity: Entity, created_state: InstanceState) -> None:
        """Add a created entity to the identity map and to the load group."""
        self._identity_map.add(entity)
        if created_state.group is not None:
            members = created_state.group.members.setdefault(type(entity), [])
            members.append(bare_key(entity))

    def apply(
        self, records: Sequence[SentEntity], pairs: Sequence[SentPair]
    ) -> list[Entity]:
        """Make the sent values committed; later edits stay.

        Args:
            records: the entities of the batch.
            pairs: the edits of many-to-many collections in it.

        Returns:
            The deleted entities, detached.
        """
        created_state = self._created_state()
        deleted = []
        for record in records:
            entity = record.entity
            state = entity.__ftrack_state__
            if record.state is EntityState.PENDING:
                self._accept_create(record, state, created_state)
            elif state.owner is not self._owner:
                continue  # deleted by an earlier attempt, or expunged since
            elif record.state is EntityState.DELETED:
                deleted.append(entity)
            else:
                _accept_update(record, state)
            if not _has_changes(entity):
                self._work.forget(entity)
        self._owner.relations.accept(pairs)
        # `accept` clears all moves, so those edited since sending are registered again.
        for entity in self._work:
            _register_moves(entity, self._owner)
        for entity in deleted:
            detach(entity, self._work, self._identity_map)
        return deleted

    def _mark_deleted(self, entity: Entity) -> None:
        """Mark an entity for deletion that left the session after it was sent."""
        # It exists on the server, so the next commit must delete it.
        state = unshared_state(entity)
        state.state, state.owner = EntityState.DELETED, self._owner
        state.committed, state.tables = None, self._identity_map.tables
        self._identity_map.add(entity)
        self._work.track(entity)

    def _accept_create(
        self, record: SentEntity, state: InstanceState, created_state: InstanceState
    ) -> None:
        entity = record.entity
        if state.state is EntityState.TRANSIENT:
            self._mark_deleted(entity)
            return
        if state.state is not EntityState.PENDING or state.owner is not self._owner:
            return
        later_edits = _later_edits(record)
        if record.rows:
            _accept_new_rows(entity, record.rows)
        _unload_defaults(entity)
        drop_stored_targets(entity)
        self._add_to_group(entity, created_state)
        has_edits = any(
            type(value) in MAPPED_CLASSES and value.edits
            for value in vars(entity).values()
        )
        if later_edits or has_edits:
            state = unshared_state(entity)
            state.state, state.group = EntityState.PERSISTENT, created_state.group
            state.committed, state.has_relation_changes = later_edits, has_edits
        else:
            set_state(entity, created_state)


def _accept_new_rows(
    entity: Entity, edits_by_name: Mapping[str, dict[str, Any]]
) -> None:
    for name, edits in edits_by_name.items():
        rows = vars(entity).get(name)
        if is_mapped(rows):
            rows.accept(edits)


def _accept_rows(entity: Entity) -> None:
    for value in vars(entity).values():
        if type(value) in MAPPED_CLASSES and value.edits:
            value.accept(dict(value.edits))


def _unload_defaults(entity: Entity) -> None:
    """Mark the custom attributes of a created entity as not loaded.

    The server has a value for every configured key, its default where none was sent.
    """
    rows = vars(entity).get("custom_attributes")
    if is_mapped(rows):
        rows.is_loaded = False


def _later_edits(record: SentEntity) -> dict[str, Any]:
    """Return the sent values of attributes that were edited since."""
    attributes = type(record.entity).__ftrack__.attributes
    sent_values = record.values
    # Only recorded edits: a query may have loaded other values since.
    edited = record.entity.__ftrack_state__.committed or ()
    return {
        name: sent_values.get(name)
        for name, value in vars(record.entity).items()
        if name in attributes
        and name in edited
        and not hasattr(type(value), "__ftrack__")
        and sent_values.get(name) != value
    }


def _accept_update(record: SentEntity, state: InstanceState) -> None:
    entity = record.entity
    committed = state.committed
    if committed:
        for name, value in record.values.items():
            if name not in committed:
                continue
            if vars(entity).get(name) == value:
                del committed[name]
            else:
                # Edited again: the sent value is the one to compare with from now on.
                committed[name] = value
    for name, edits in record.rows.items():
        rows = vars(entity).get(name)
        if is_mapped(rows):
            rows.accept(edits)
    drop_stored_targets(entity)
    if not state.committed:
        state.committed = None


def _has_changes(entity: Entity) -> bool:
    state = entity.__ftrack_state__
    if state.state in (EntityState.PENDING, EntityState.DELETED) or state.committed:
        return True
    return any(
        type(value) in MAPPED_CLASSES and value.edits for value in vars(entity).values()
    )


def _register_moves(entity: Entity, owner: Owner) -> None:
    attributes = type(entity).__ftrack__.attributes
    for name in entity.__ftrack_state__.committed or ():
        attribute = attributes.get(name)
        if attribute is not None and attribute.is_watched:
            owner.relations.record_move(entity, name, vars(entity).get(name))


def detach(
    entity: Entity,
    work: UnitOfWork,
    identity_map: IdentityMap,
    *,
    stays: bool = False,
) -> None:
    """Detach an entity: its values stay, but it can no longer load others.

    Args:
        entity: the entity.
        work: the entities with changes, from which it is removed.
        identity_map: the entities of the session, from which it is removed.
        stays: whether it still exists on the server.
    """
    owner = entity.__ftrack_state__.owner
    if owner is not None:
        owner.relations.remove_entity(entity, stays=stays)
        for value in vars(entity).values():
            if type(value) is TrackedList:
                owner.relations.unregister(value, bare_key(entity))
    work.forget(entity)
    identity_map.discard(entity)
    leave(entity)


def leave(entity: Entity) -> None:
    """Set the state of an entity outside every session; its links keep their targets.

    A new entity becomes transient and can be added again.
    """
    state = entity.__ftrack_state__
    # While the tables are at hand: links to keys find no entity without a session.
    store_targets(entity)
    if state.state in (EntityState.PENDING, EntityState.TRANSIENT):
        transient = InstanceState(EntityState.TRANSIENT)
        transient.has_made_key = state.has_made_key
        set_state(entity, transient)
    else:
        set_state(entity, DETACHED)


def roll_back(
    work: UnitOfWork,
    identity_map: IdentityMap,
    entities: Iterable[Entity] | None = None,
) -> None:
    """Restore the committed values of entities.

    New entities leave the session with their values; removals are cancelled.

    Args:
        work: the entities with changes, from which they are removed.
        identity_map: the entities of the session, from which new ones are removed.
        entities: the entities; every tracked one when not given.
    """
    for entity in tuple(work if entities is None else entities):
        state = unshared_state(entity)
        if state.state is EntityState.PENDING:
            detach(entity, work, identity_map)
            continue
        _restore(entity, state)
        work.forget(entity)


def _restore(entity: Entity, state: InstanceState) -> None:
    restore_committed(entity)
    for value in vars(entity).values():
        if type(value) in MAPPED_CLASSES and value.edits:
            value.restore()
    if state.owner is not None:
        state.owner.relations.restore_owner(entity)
    state.committed = None
    if state.state is EntityState.DELETED:
        state.state = EntityState.PERSISTENT
