"""What a session knows of one entity: its state and its first committed values."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from ftrack_orm.types import EntityKey

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity


class EntityState(Enum):
    """Where an entity stands; each state means at most one operation."""

    TRANSIENT = "transient"
    """Made by its constructor, in no session."""
    PENDING = "pending"
    """Added to a session; commit will create it."""
    PERSISTENT = "persistent"
    """Known to the server."""
    DELETED = "deleted"
    """Removed in a session; commit will delete it."""
    DETACHED = "detached"
    """No longer, or never, in a session, though the server may have it."""


class Owner(Protocol):
    """The session, as an entity sees it."""

    def load(self, entity: Entity, attribute: AttributeInfo) -> Any:
        """Return the attribute's value, loaded for the entity and its batch."""
        ...

    def touch(self, entity: Entity) -> None:
        """Remember that the entity has changes."""
        ...

    def find(self, entity_type: str, key: EntityKey) -> Entity | None:
        """Return the entity of that type, or of a subtype, if it is known."""
        ...


class Batch:
    """The entities that came in one result, by type: they are loaded together."""

    __slots__ = ("learned", "members", "state")

    def __init__(self) -> None:
        self.members: dict[type[Entity], list[Entity]] = {}
        # Names that were loaded late: a result with more pages asks for them at once.
        self.learned: dict[type[Entity], list[str]] = {}
        # What its clean entities share.
        self.state: InstanceState | None = None


class InstanceState:
    """The session's notes on one entity, or on all clean entities of a batch.

    A clean entity shares its batch's instance; the first change gives it its own
    (`own`), so that ten thousand loaded entities cost one.

    Attributes:
        state: where the entity stands.
        owner: its session, ``None`` outside of one.
        batch: what it is loaded together with.
        committed: the first committed value of each changed attribute by Python
            name, `NOT_LOADED` where none was loaded; ``None`` while clean.
        shared: whether several entities refer to this instance.
    """

    __slots__ = ("batch", "committed", "owner", "shared", "state")

    def __init__(
        self,
        state: EntityState,
        owner: Owner | None = None,
        batch: Batch | None = None,
        *,
        shared: bool = False,
    ) -> None:
        self.state = state
        self.owner = owner
        self.batch = batch
        self.committed: dict[str, Any] | None = None
        self.shared = shared

    def own(self) -> InstanceState:
        """Return an instance that belongs to one entity, with the same content."""
        if not self.shared:
            return self
        return InstanceState(self.state, self.owner, self.batch)


DETACHED = InstanceState(EntityState.DETACHED, shared=True)
"""The state of copies, of unpickled entities and of bare references."""
