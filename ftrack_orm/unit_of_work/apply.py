"""After a commit: make memory what the server has.

Every step may be repeated: a commit that was interrupted while it was applied is
applied again by the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import MappedValues
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
    hold_targets,
    own_state,
    release_targets,
    restore_committed,
    set_state,
)
from ftrack_orm.entity.value_list import ValueList

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.unit_of_work.identity_map import IdentityMap
    from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork


@dataclass(slots=True)
class SentEntity:
    """One entity as it was when its changes were sent.

    Attributes:
        entity: the object.
        state: its state.
        values: the values of its changed attributes by Python name.
        rows: the edits of its mapped attributes by Python name.
    """

    entity: Entity
    state: EntityState
    values: Mapping[str, Any]
    rows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, entity: Entity) -> SentEntity:
        """Return the record of an entity that is about to be sent."""
        state = entity.__ftrack_state__
        loaded = vars(entity)
        is_pending = state.state is EntityState.PENDING
        names: Iterable[str] = loaded if is_pending else state.committed or ()
        values: dict[str, Any] = {}
        rows: dict[str, Mapping[str, Any]] = {}
        for name in names:
            value = loaded.get(name)
            if type(value) is ValueList:
                values[name] = list(value)
            elif type(value) is not MappedValues and type(value) is not TrackedList:
                values[name] = value
        for name, value in loaded.items():
            if type(value) is MappedValues and value.edits:
                rows[name] = dict(value.edits)
        return cls(entity, state.state, values, rows)


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
        group = LoadGroup()
        tables = self._identity_map.tables
        created = InstanceState(
            EntityState.PERSISTENT, self._owner, group, tables=tables, shared=True
        )
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
            own = own_state(entity)
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
        release_targets(entity)
        self._identity_map.add(entity)
        group = created.group
        if group is not None:
            group.members.setdefault(type(entity), []).append(bare_key(entity))
        if later:
            own = own_state(entity)
            own.state, own.group, own.committed = EntityState.PERSISTENT, group, later
        else:
            set_state(entity, created)


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
    release_targets(entity)
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
            owner.relations.note_move(entity, name, vars(entity).get(name))


def detach(entity: Entity, work: UnitOfWork, identity_map: IdentityMap) -> None:
    """Detach an entity: it keeps its values but can no longer load."""
    owner = entity.__ftrack_state__.owner
    if owner is not None:
        owner.relations.left(entity)
        for value in vars(entity).values():
            if type(value) is TrackedList:
                owner.relations.unregister(value, bare_key(entity))
    work.forget(entity)
    identity_map.discard(entity)
    leave(entity)


def leave(entity: Entity) -> None:
    """Give an entity the state of one outside every session; links keep targets."""
    state = entity.__ftrack_state__
    hold_targets(entity)
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
        state = own_state(entity)
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
