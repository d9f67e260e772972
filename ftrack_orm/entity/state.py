"""The state of an entity: its session, load group and first committed values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias
from weakref import WeakSet

from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.custom_rows import Configuration
    from ftrack_orm.entity.effective_value import EffectiveValue
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.relation_index import RelationIndex
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.types import CustomLinkDeclaration

Tables: TypeAlias = Mapping[str, Mapping[Any, "Entity"]]
"""The entities of a session by the name of their root type and their bare key."""

NO_TABLES: Final[Tables] = MappingProxyType({})
"""The tables of an entity without a session: its links have stored targets only."""


class EntityState(Enum):
    """The states of an entity; each means at most one operation."""

    TRANSIENT = "transient"
    """Created by its constructor, in no session."""
    PENDING = "pending"
    """Added to a session; commit will create it."""
    PERSISTENT = "persistent"
    """Existing on the server, in a session."""
    DELETED = "deleted"
    """Deleted in a session; commit will delete it on the server."""
    DETACHED = "detached"
    """In no session; it may exist on the server."""


class Owner(Protocol):
    """The session, as its entities use it."""

    @property
    def relations(self) -> RelationIndex:
        """Return the index of loaded collections and of edited relations."""
        ...

    def load(self, entity: Entity, attribute: AttributeInfo) -> Any:
        """Load an attribute for the entity and its load group; return the value."""
        ...

    def load_together(
        self, entity: Entity, attributes: Sequence[AttributeInfo]
    ) -> None:
        """Load the attributes that an entity lacks, all in one request."""
        ...

    def touch(self, entity: Entity) -> None:
        """Track an entity that has changes to send."""
        ...

    def entity_for(self, reference: Reference) -> Entity:
        """Return the session's entity for a reference; add a bare one if needed."""
        ...

    def configure(self, entity: Entity) -> None:
        """Check the custom attributes of a new entity and set their row names.

        Raises:
            AttributeValueError: a custom attribute is not configured for the entity.
        """
        ...

    def known_keys(self, type_info: TypeInfo, attribute: AttributeInfo) -> list[str]:
        """Return the keys of a mapped attribute that are in memory, sorted."""
        ...

    def configured(self, configuration_id: str) -> Configuration | None:
        """Return the custom attribute configuration with an id, or ``None``."""
        ...

    def load_stored(self, entity: Entity, attribute: AttributeInfo) -> None:
        """Load which custom attributes of the load group have a stored value."""
        ...

    def load_custom_links(
        self, entity: Entity, attribute: AttributeInfo, link: CustomLinkDeclaration
    ) -> None:
        """Load the entities that a custom attribute of the load group links to."""
        ...

    def effective(self, entity: Entity, key: str) -> EffectiveValue:
        """Return the value of a custom attribute, inherited if it is hierarchical."""
        ...

    def allowed_statuses(
        self, project: Entity, subject: Any, task_type: Any
    ) -> list[Any]:
        """Return the statuses that a project allows for an entity type or entity."""
        ...

    def allowed_types(self, project: Entity, subject: Any) -> list[Any]:
        """Return the types that a project allows for an entity type or entity."""
        ...

    def rekey(self, entity: Entity, old: Any) -> None:
        """Register a new entity under its changed key; `old` was its bare key."""
        ...


OWNERS: Final[WeakSet[Owner]] = WeakSet()
"""All sessions of the process, for completions of class-level paths."""


class LoadGroup:
    """The entities of one result; an attribute is loaded for all of them at once.

    The group stores keys and not entities, so it does not prevent their collection as
    garbage.

    Attributes:
        members: bare keys by entity class, in the order of loading.
        late_projections: the projections that were loaded after the first page, by
            entity class; later pages include them.
        state: the state that clean members share.
    """

    __slots__ = ("late_projections", "members", "state")

    def __init__(self) -> None:
        self.members: dict[type[Entity], list[Any]] = {}
        self.late_projections: dict[type[Entity], list[str]] = {}
        self.state: InstanceState | None = None


class InstanceState:
    """The session's record of one entity, or of all clean entities of a load group.

    The clean entities of a group share one instance, which saves memory for large
    results; the first change of an entity gives it a separate one (`unshared`).

    Attributes:
        state: the state of the entity.
        owner: the session, ``None`` without one.
        group: the load group, ``None`` if the entity loads alone.
        tables: the entities among which links look up their targets.
        committed: the first committed value of each changed attribute by Python
            name, `NOT_LOADED` if it was not loaded; ``None`` while clean.
        shared: whether several entities refer to this instance.
        has_made_key: whether this client created the key of a new entity, so that no
            other client can have created the entity.
        has_relation_changes: whether a relation was edited or a target is stored, so
            that a commit must read the relations.
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

    def unshared(self) -> InstanceState:
        """Return this instance, or a copy for one entity if several share it."""
        if not self.shared:
            return self
        return InstanceState(self.state, self.owner, self.group, tables=self.tables)


DETACHED: Final = InstanceState(EntityState.DETACHED, shared=True)
"""The state of copies, of unpickled entities and of bare references."""

NEW: Final = (EntityState.TRANSIENT, EntityState.PENDING)
"""The states of entities that the server does not have."""
