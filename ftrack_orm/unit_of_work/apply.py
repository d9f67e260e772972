"""After a commit: make memory what the server has.

Every step may be repeated: a commit that was interrupted while it was applied is
applied again by the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import METADATA, REMOVED, MappedValues
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
    """One entity of a batch in doubt, as it was when its changes were sent.

    Attributes:
        entity: the object.
        state: its state.
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
    """Return the entities of a batch with the values that were sent of them.

    Args:
        entities: the entities.
        states: their states when the changes were collected, in the same order.
        changes: the changes of the plan.
    """
    # Sessions leave entities through this module; only commits have changes.
    from ftrack_orm.unit_of_work.changes import DeleteChange

    records = list(map(SentEntity, entities, states))
    owners = {bare_key(record.entity): record for record in records}
    by_reference = {
        Reference(type(record.entity).__ftrack__.name, key): record
        for record in records
        if (key := key_of(record.entity)) is not None
    }
    for change in changes:
        entity_type, key = change.reference
        is_metadata = entity_type == METADATA
        if (is_metadata or entity_type.endswith("CustomAttributeValue")) and key:
            owner = owners.get(key[0] if is_metadata else key[1])
            name = "metadata" if is_metadata else "custom_attributes"
            if owner is not None:
                values = {} if isinstance(change, DeleteChange) else change.values
                value = values.get("value", REMOVED)
                owner.rows.setdefault(name, {})[change.label] = _thawed(value)
        record = by_reference.get(change.reference)
        if record is not None and not isinstance(change, DeleteChange):
            attributes = type(record.entity).__ftrack__.by_server_name
            for name, value in change.values.items():
                attribute = attributes[name]
                if attribute.kind is not AttributeKind.COLLECTION:
                    record.values[attribute.name] = _thawed(value)
    return records


def _thawed(value: Any) -> Any:
    return list(value) if type(value) is tuple else value


class Applier:
    """Applies commits to the entities of one session."""

    def __init__(
        self, work: UnitOfWork, identity_map: IdentityMap, owner: Owner
    ) -> None:
        """Prepare applying.

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
        """Make all edits the committed values, as nothing was edited since.

        Args:
            entities: the entities of the batch.
            states: their states when it was sent, in the same order.
            pairs: the edits of many-to-many collections in it.

        Returns:
            The deleted entities, which are detached now.
        """
        created = self._created_state()
        deleted = []
        # Attributes of an enumeration are slow to read.
        was_deleted, was_pending = EntityState.DELETED, EntityState.PENDING
        for entity, sent_state in zip(entities, states, strict=True):
            state = entity.__ftrack_state__
            if sent_state is was_deleted:
                deleted.append(entity)
                continue
            if state.has_relation_changes:
                _accept_rows(entity, sent_state)
                drop_stored_targets(entity)
                state.has_relation_changes = False
            if sent_state is was_pending:
                self._enter(entity, created)
                set_state(entity, created)
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

    def _enter(self, entity: Entity, created: InstanceState) -> None:
        """Put a created entity where those loaded together are found."""
        self._identity_map.add(entity)
        if created.group is not None:
            members = created.group.members.setdefault(type(entity), [])
            members.append(bare_key(entity))

    def apply(
        self, sent: Sequence[SentEntity], pairs: Sequence[SentPair]
    ) -> list[Entity]:
        """Make the values that were sent the committed ones; later edits stay.

        Args:
            sent: the entities of the batch.
            pairs: the edits of many-to-many collections in it.

        Returns:
            The deleted entities, which are detached now.
        """
        created = self._created_state()
        deleted = []
        for record in sent:
            entity = record.entity
            state = entity.__ftrack_state__
            if record.state is EntityState.PENDING:
                self._accept_creation(record, state, created)
            elif state.owner is not self._owner:
                continue  # deleted by an earlier attempt, or expunged since
            elif record.state is EntityState.DELETED:
                deleted.append(entity)
            else:
                _accept_update(record, state)
            if not _has_changes(entity):
                self._work.forget(entity)
        self._owner.relations.accept(pairs)
        for entity in self._work:
            _note_moves(entity, self._owner)
        for entity in deleted:
            detach(entity, self._work, self._identity_map)
        return deleted

    def _accept_creation(
        self, record: SentEntity, state: InstanceState, created: InstanceState
    ) -> None:
        entity = record.entity
        if state.state is EntityState.TRANSIENT:
            # Removed since: the server has it, so it is to be deleted.
            own = unshared_state(entity)
            own.state, own.owner, own.committed = EntityState.DELETED, self._owner, None
            own.tables = self._identity_map.tables
            self._identity_map.add(entity)
            self._work.track(entity)
            return
        if state.state is not EntityState.PENDING or state.owner is not self._owner:
            return
        later = _later_edits(record)
        for name, edits in record.rows.items():
            rows = vars(entity).get(name)
            if type(rows) is MappedValues:
                rows.accept(edits)
                # The server fills the other configured keys of a new entity.
                rows.is_loaded = not rows.row_keys
        drop_stored_targets(entity)
        self._enter(entity, created)
        has_edits = any(
            type(value) is MappedValues and value.edits
            for value in vars(entity).values()
        )
        if later or has_edits:
            own = unshared_state(entity)
            own.state, own.group = EntityState.PERSISTENT, created.group
            own.committed, own.has_relation_changes = later, has_edits
        else:
            set_state(entity, created)


def _accept_rows(entity: Entity, sent_state: EntityState) -> None:
    for value in vars(entity).values():
        if type(value) is MappedValues and value.edits:
            value.accept(dict(value.edits))
            if sent_state is EntityState.PENDING:
                # The server fills the other configured keys of a new entity.
                value.is_loaded = not value.row_keys


def _later_edits(record: SentEntity) -> dict[str, Any]:
    """Return the sent values of attributes that were edited since."""
    attributes = type(record.entity).__ftrack__.attributes
    sent = record.values
    # Values that a query has brought meanwhile are no edits.
    edited = record.entity.__ftrack_state__.committed or ()
    return {
        name: sent.get(name)
        for name, value in vars(record.entity).items()
        if name in attributes
        and name in edited
        and not hasattr(type(value), "__ftrack__")
        and sent.get(name) != value
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
                committed[name] = value
    for name, edits in record.rows.items():
        rows = vars(entity).get(name)
        if type(rows) is MappedValues:
            rows.accept(edits)
    drop_stored_targets(entity)
    if not state.committed:
        state.committed = None


def _has_changes(entity: Entity) -> bool:
    state = entity.__ftrack_state__
    if state.state in (EntityState.PENDING, EntityState.DELETED) or state.committed:
        return True
    return any(
        type(value) is MappedValues and value.edits for value in vars(entity).values()
    )


def _note_moves(entity: Entity, owner: Owner) -> None:
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
    """Detach an entity: it keeps its values but can no longer load.

    Args:
        entity: the entity.
        work: loses it.
        identity_map: loses it.
        stays: whether the server has it still.
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
    """Give an entity the state of one outside every session; links keep targets."""
    state = entity.__ftrack_state__
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
    """Put entities back to their committed values.

    New ones leave the session and keep their values, removed ones stay, changed ones
    get their committed values back.

    Args:
        work: loses the entities.
        identity_map: loses the new entities.
        entities: which ones; every tracked one when not given.
    """
    for entity in tuple(work if entities is None else entities):
        state = unshared_state(entity)
        if state.state is EntityState.PENDING:
            detach(entity, work, identity_map)
            continue
        restore_committed(entity)
        for value in vars(entity).values():
            if type(value) is MappedValues and value.edits:
                value.restore()
        if state.owner is not None:
            state.owner.relations.restore_owner(entity)
        state.committed = None
        if state.state is EntityState.DELETED:
            state.state = EntityState.PERSISTENT
        work.forget(entity)
