"""A sent batch whose outcome is not applied to memory yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from ftrack_orm.entity.relation_index import SentPair
from ftrack_orm.entity.state import EntityState
from ftrack_orm.errors.transport import TransportError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.session.in_doubt import Batch
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.apply import SentEntity, sent_entities
from ftrack_orm.unit_of_work.plan import FlushPlan

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity


@lazy_dataclass(slots=True)
class InDoubtCommit:
    """A sent batch with its entities, until its outcome is applied to memory.

    Attributes:
        batch: the operations sent.
        plan: the plan that the batch was made from; empty for immediate operations.
        entities: the entities of the plan.
        states: their states when the batch was sent, in the same order.
        pairs: the edits of many-to-many collections as they were sent.
        error: the error with which the reply was lost.
        is_rolled_back: whether `rollback` has discarded its changes.
    """

    batch: Batch
    plan: FlushPlan = field(default_factory=FlushPlan)
    entities: Sequence[Entity] = ()
    states: Sequence[EntityState] = ()
    pairs: Sequence[SentPair] = ()
    is_rolled_back: bool = False
    error: BaseException | None = None
    _sent_entities: list[SentEntity] | None = None

    @property
    def sent_entities(self) -> list[SentEntity]:
        """Return the entities of the plan with the values that were sent."""
        if self._sent_entities is None:
            return self.record_sent_entities()
        return self._sent_entities

    def record_sent_entities(self) -> list[SentEntity]:
        """Store the values that were sent; to be called before the next edit."""
        # Not at sending: most commits succeed, and copying their values would cost
        # time for nothing.
        self._sent_entities = sent_entities(self.entities, self.states, self.plan)
        return self._sent_entities

    def forget(self, entity: Entity) -> None:
        """Remove an entity that left the session."""
        records = [
            record for record in self.sent_entities if record.entity is not entity
        ]
        self._sent_entities = records
        self.entities = [record.entity for record in records]
        self.states = [record.state for record in records]

    @property
    def is_immediate(self) -> bool:
        """Return whether the batch was sent at once, without a plan."""
        return not self.plan

    @property
    def transport_error(self) -> TransportError | None:
        """Return the error with which the reply was lost, if one was raised."""
        return self.error if isinstance(self.error, TransportError) else None

    @property
    def has_creates(self) -> bool:
        """Return whether the batch creates entities."""
        return any(record.state is EntityState.PENDING for record in self.sent_entities)

    @property
    def has_readded_entities(self) -> bool:
        """Return whether a new entity of the batch was added to the session again."""
        return any(
            record.state is EntityState.PENDING
            and record.entity.__ftrack_state__.state is EntityState.PENDING
            for record in self.sent_entities
        )

    @property
    def undeleted_entities(self) -> list[Entity]:
        """Return the entities whose removal was cancelled after the batch was sent."""
        return [
            record.entity
            for record in self.sent_entities
            if record.state is EntityState.DELETED
            and record.entity.__ftrack_state__.state is EntityState.PERSISTENT
        ]

    @property
    def references(self) -> list[Reference]:
        """Return the entities that the operations create, update or delete."""
        return [
            Reference(write.entity_type, write.entity_key or ())
            for _, write in self.batch.keyed_writes()
        ]
