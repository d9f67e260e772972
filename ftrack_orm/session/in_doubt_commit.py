"""A sent batch whose outcome memory does not hold yet."""

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
    """A batch that was sent, until memory agrees with what became of it.

    Attributes:
        batch: its operations.
        plan: the plan it was sent for; empty for an immediate operation.
        entities: the entities of the plan.
        states: their states when it was sent, in the same order.
        pairs: the edits of many-to-many collections as they were sent.
        error: the error with which the answer was lost.
        is_rolled_back: whether its changes were given up since.
    """

    batch: Batch
    plan: FlushPlan = field(default_factory=FlushPlan)
    entities: Sequence[Entity] = ()
    states: Sequence[EntityState] = ()
    pairs: Sequence[SentPair] = ()
    is_rolled_back: bool = False
    error: BaseException | None = None
    _sent: list[SentEntity] | None = None

    @property
    def sent(self) -> list[SentEntity]:
        """Return the entities of the plan with the values that were sent."""
        return self.keep_sent() if self._sent is None else self._sent

    def keep_sent(self) -> list[SentEntity]:
        """Keep the values that were sent, before anything is edited again."""
        self._sent = sent_entities(self.entities, self.states, self.plan)
        return self._sent

    def forget(self, entity: Entity) -> None:
        """Leave an entity out: it left the session."""
        self._sent = [one for one in self.sent if one.entity is not entity]
        self.entities = [one.entity for one in self._sent]
        self.states = [one.state for one in self._sent]

    @property
    def is_immediate(self) -> bool:
        """Return whether the batch acted at once, without a plan."""
        return not self.plan

    @property
    def transport_error(self) -> TransportError | None:
        """Return the error with which the answer was lost, if one was raised."""
        return self.error if isinstance(self.error, TransportError) else None

    @property
    def has_created(self) -> bool:
        """Return whether there are new entities in the batch."""
        return any(one.state is EntityState.PENDING for one in self.sent)

    @property
    def matters_again(self) -> bool:
        """Return whether a new entity of the batch was added to the session again."""
        return any(
            one.state is EntityState.PENDING
            and one.entity.__ftrack_state__.state is EntityState.PENDING
            for one in self.sent
        )

    @property
    def revived(self) -> list[Entity]:
        """Return the entities that were deleted, and are wanted again since."""
        return [
            one.entity
            for one in self.sent
            if one.state is EntityState.DELETED
            and one.entity.__ftrack_state__.state is EntityState.PERSISTENT
        ]

    @property
    def references(self) -> list[Reference]:
        """Return the entities that the operations are about."""
        return [
            Reference(entry.entity_type, entry.entity_key or ())
            for _, entry in self.batch.entries()
        ]
