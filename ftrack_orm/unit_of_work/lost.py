"""Commits whose answer was lost: what was sent, and what its fate means for memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.tracking import own_state
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.state import EntityState, InstanceState, Owner
from ftrack_orm.schema.model import AttributeKind
from ftrack_orm.types import NOT_LOADED
from ftrack_orm.unit_of_work.apply import detach
from ftrack_orm.unit_of_work.changes import is_changed

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.unit_of_work.identity_map import IdentityMap
    from ftrack_orm.unit_of_work.plan import FlushPlan
    from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SentEntity:
    """One entity as it was when its changes were sent.

    Attributes:
        entity: the object.
        state: where it stood.
        values: what was sent of it by Python name, containers copied.
    """

    entity: Entity
    state: EntityState
    values: Mapping[str, Any]

    @classmethod
    def of(cls, entity: Entity) -> SentEntity:
        """Return what there is to remember of `entity`."""
        state = entity.__ftrack_state__
        is_new = state.state is EntityState.PENDING
        loaded = vars(entity)
        names = loaded if is_new else state.committed or ()
        values = {name: _snapshot(loaded[name]) for name in names if name in loaded}
        return cls(entity, state.state, values)


class LostBatch:
    """A batch that was sent, and whose answer has not come.

    Attributes:
        plan: what was sent.
        is_rolled_back: whether its changes were given up since.
    """

    def __init__(self, plan: FlushPlan, work: UnitOfWork) -> None:
        self.plan = plan
        self.is_rolled_back = False
        self._sent = [SentEntity.of(entity) for entity in work]

    @property
    def has_created(self) -> bool:
        """Return whether there are new entities in the batch."""
        return any(_was_new(sent) for sent in self._sent)

    @property
    def matters(self) -> bool:
        """Return whether what became of the batch still makes a difference."""
        return not self.is_rolled_back or any(
            _is_pending(sent.entity) for sent in self._sent if _was_new(sent)
        )

    def was_applied(
        self, owner: Owner, work: UnitOfWork, identity_map: IdentityMap
    ) -> list[Entity]:
        """Make what was sent the committed state; what changed since stays to send.

        Returns:
            Entities that are wanted again although the batch has deleted them.
        """
        revived = []
        for sent in self._sent:
            entity, state = sent.entity, own_state(sent.entity)
            if _was_new(sent):
                self._accept_creation(sent, state, owner, work, identity_map)
            elif self.is_rolled_back or state.owner is not owner:
                continue
            elif sent.state is EntityState.DELETED:
                if state.state is not EntityState.DELETED:
                    revived.append(entity)
                detach(entity, work, identity_map)
            else:
                _rebase(sent, state)
        return revived

    def _accept_creation(
        self,
        sent: SentEntity,
        state: InstanceState,
        owner: Owner,
        work: UnitOfWork,
        identity_map: IdentityMap,
    ) -> None:
        entity = sent.entity
        if state.state is EntityState.TRANSIENT and not self.is_rolled_back:
            # Removed since: what the server has of it has to go.
            state.state, state.owner, state.committed = EntityState.DELETED, owner, None
            work.track(entity)
        elif state.state is EntityState.PENDING and state.owner is owner:
            state.state = EntityState.PERSISTENT
            state.committed = _differences(sent)
        else:
            return
        identity_map.add(entity)

    def forget(self, entity: Entity) -> None:
        """Leave `entity` out: it is no longer the session's."""
        self._sent = [sent for sent in self._sent if sent.entity is not entity]

    def may_be_applied(self) -> None:
        """Let everything that was sent of existing entities be sent again."""
        for sent in self._sent:
            committed = sent.entity.__ftrack_state__.committed
            if committed is None or self.is_rolled_back:
                continue
            for name in committed.keys() & sent.values.keys():
                committed[name] = _doubted(committed[name], sent.values[name])

    def roll_back(self) -> None:
        """Forget the values that the server may or may not have, after a rollback.

        They load again when they are read.
        """
        if self.is_rolled_back:
            return
        self.is_rolled_back = True
        for sent in self._sent:
            if sent.state is EntityState.PERSISTENT:
                for name in sent.values:
                    vars(sent.entity).pop(name, None)


def _was_new(sent: SentEntity) -> bool:
    return sent.state is EntityState.PENDING


def _is_pending(entity: Entity) -> bool:
    return entity.__ftrack_state__.state is EntityState.PENDING


def _snapshot(value: Any) -> Any:
    if isinstance(value, MappedValues):
        return dict(value.values_by_key)
    return list(value) if isinstance(value, list) else value


def _rebase(sent: SentEntity, state: InstanceState) -> None:
    """Let the changes of an entity begin where the batch has led."""
    committed = state.committed
    if committed is None:
        return  # refreshed since
    for name in committed.keys() & sent.values.keys():
        committed[name] = sent.values[name]


def _differences(sent: SentEntity) -> dict[str, Any]:
    """Return the sent values of what a created entity holds otherwise by now."""
    attributes = type(sent.entity).__ftrack__.attributes
    found: dict[str, Any] = {}
    for name, value in vars(sent.entity).items():
        attribute = attributes.get(name)
        if attribute is None:
            continue
        before = sent.values.get(name, _EMPTY.get(attribute.kind, NOT_LOADED))
        if is_changed(attribute, before, value):
            found[name] = _snapshot(before)
    return found


_EMPTY: Mapping[AttributeKind, Any] = {
    AttributeKind.COLLECTION: [],
    AttributeKind.MAPPED: {},
}
"""What a new entity has on the server where nothing was sent."""


def _doubted(committed: Any, sent: Any) -> Any:
    """Return a committed value that differs from whatever the value is now."""
    if not isinstance(sent, dict) or not isinstance(committed, dict):
        return NOT_LOADED
    return {
        key: value if sent.get(key) == value else NOT_LOADED
        for key, value in committed.items()
    }
