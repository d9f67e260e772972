"""The state of an entity: its place in a session and its first committed values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.custom_rows import Configuration
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.relation_index import RelationIndex

Tables: TypeAlias = Mapping[str, Mapping[Any, "Entity"]]
"""The entities of a session: name of the root type, then bare key, to the entity."""

NO_TABLES: Final[Tables] = MappingProxyType({})
"""The tables of an entity outside every session: it knows its held targets only."""


class EntityState(Enum):
    """The states of an entity; each means at most one operation."""

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
    """The session, as its entities use it."""

    @property
    def relations(self) -> RelationIndex:
        """Return the index of loaded collections and of edited relations."""
        ...

    def load(self, entity: Entity, attribute: AttributeInfo) -> Any:
        """Return the attribute's value, loaded for the entity and its load group."""
        ...

    def touch(self, entity: Entity) -> None:
        """Track the entity: it has changes to send."""
        ...

    def entity_for(self, reference: Reference) -> Entity:
        """Return the session's one entity for a reference, bare if it is unknown."""
        ...

    def configure(self, entity: Entity) -> None:
        """Check the custom attributes of a new entity, and name their rows.

        Raises:
            AttributeValueError: one is not configured for the entity.
        """
        ...

    def configured(self, configuration_id: str) -> Configuration | None:
        """Return a custom attribute configuration, ``None`` if there is none."""
        ...

    def load_stored(self, entity: Entity, attribute: AttributeInfo) -> None:
        """Note which custom attributes of the load group have a stored value."""
        ...

    def rekey(self, entity: Entity, old: Any) -> None:
        """Register a new entity under its changed key; `old` was its bare key."""
        ...


class LoadGroup:
    """The entities of one result: an unloaded attribute loads for all of them.

    Members are kept as keys, so that a group keeps no entity alive.

    Attributes:
        members: bare keys by entity class, in order of arrival.
        late_projections: projections that were loaded late, by entity class; a result with
            more pages includes them from then on.
        state: the state that clean members share.
    """

    __slots__ = ("late_projections", "members", "state")

    def __init__(self) -> None:
        self.members: dict[type[Entity], list[Any]] = {}
        self.late_projections: dict[type[Entity], list[str]] = {}
        self.state: InstanceState | None = None


class InstanceState:
    """The session's record of one entity, or of all clean entities of a load group.

    A clean entity shares its group's instance; the first change gives it its own
    (`own`), so that ten thousand loaded entities cost one.

    Attributes:
        state: the entity's state.
        owner: its session, ``None`` outside of one.
        group: the entities it is loaded together with.
        tables: the entities that its links can lead to by key.
        committed: the first committed value of each changed attribute by Python
            name, `NOT_LOADED` where none was loaded; ``None`` while clean.
        shared: whether several entities refer to this instance.
        has_made_key: whether this client made the key of a new entity, so that no
            other client can have created it.
        has_relation_changes: whether a relation was edited or a target is held, so that a
            commit looks into the entity's relations.
    """

    __slots__ = (
        "committed",
        "group",
        "has_made_key",
        "has_relation_changes",
        "owner",
        "shared",
        "state",
        "tables",
    )

    def __init__(
        self,
        state: EntityState,
        owner: Owner | None = None,
        group: LoadGroup | None = None,
        *,
        tables: Tables = NO_TABLES,
        shared: bool = False,
    ) -> None:
        self.state = state
        self.owner = owner
        self.group = group
        self.tables = tables
        self.committed: dict[str, Any] | None = None
        self.shared = shared
        self.has_made_key = False
        self.has_relation_changes = False

    def own(self) -> InstanceState:
        """Return an instance that belongs to one entity, with the same content."""
        if not self.shared:
            return self
        return InstanceState(self.state, self.owner, self.group, tables=self.tables)


DETACHED: Final = InstanceState(EntityState.DETACHED, shared=True)
"""The state of copies, of unpickled entities and of bare references."""

NEW: Final = (EntityState.TRANSIENT, EntityState.PENDING)
"""The states of entities that the server does not have."""
