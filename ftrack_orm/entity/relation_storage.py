"""Storage of relations in memory, resolved on first use.

A link is stored as the key of its target: in the foreign key, or in the link if the
schema has no foreign key. A collection is stored as the foreign keys of its members,
or as pairs of keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.attribute_kind import EMPTY, AttributeKind
from ftrack_orm.schema.names import python_name

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.schema.relations import Reverse


class LinkStorage:
    """Storage of a link.

    Attributes:
        target: the type of the targets, which the server's table contains.
        holders: Python names of the attributes that hold the key; empty if the schema
            has no such attribute: then the link stores a `Reference`.
    """

    __slots__ = ("_owner", "_root", "holders", "target")

    def __init__(
        self, owner: TypeInfo, target: str, holders: tuple[str, ...] = ()
    ) -> None:
        self._owner = owner
        self._root: str | None = None
        self.target = target
        self.holders = holders

    @property
    def root(self) -> str:
        """Return the root type of the target, the name of its identity map table.

        The first call imports the class of the target.
        """
        if self._root is None:
            registry = self._owner.registry
            has_types = registry is not None
            self._root = (
                self._owner.type_named(self.target).root if has_types else self.target
            )
        return self._root

    @property
    def has_targets(self) -> bool:
        """Return whether the class of the target is imported.

        If it is not, no target can be in memory.
        """
        registry = self._owner.registry
        return self._root is not None or registry is None or registry.has(self.target)


@lazy_dataclass(frozen=True, slots=True)
class ReverseStorage:
    """Storage of a collection whose members hold the owner's key.

    Attributes:
        target: the type of the members.
        root: the root type of the members.
        remote: Python name of the members' foreign key.
        filters: further values that all members have, by Python name.
    """

    target: str
    root: str
    remote: str
    filters: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


@lazy_dataclass(frozen=True, slots=True)
class PairStorage:
    """Storage of a collection whose members are joined to the owner by pairs of keys.

    Attributes:
        target: the type of the members.
        root: the root type of the members.
        near: the relation as seen from the owner: the joining type, and its
            attributes for the owner's and the member's key.
        is_computed: whether the server computes the members, so that clients cannot
            set them.
    """

    target: str
    root: str
    near: tuple[str, str, str]
    is_computed: bool = False

    @property
    def far(self) -> tuple[str, str, str]:
        """Return the relation as seen from the members."""
        through, owner, member = self.near
        return through, member, owner


CollectionStorage: TypeAlias = ReverseStorage | PairStorage


def link_storage(attribute: AttributeInfo) -> LinkStorage:
    """Return the storage of a link."""
    from ftrack_orm.schema.relations import ForeignKey

    owner, registry = attribute.owner, attribute.owner.registry
    if registry is None:
        return LinkStorage(owner, str(attribute.target))
    relation = registry._relations.of(owner.name, attribute.server_name)
    holders: tuple[str, ...] = ()
    if isinstance(relation, ForeignKey) and not relation.hidden:
        names = relation.composite or (str(relation.local),)
        holders = tuple(map(python_name, names))
    return LinkStorage(owner, relation.target, holders)


def collection_storage(attribute: AttributeInfo) -> CollectionStorage:
    """Return the storage of a collection."""
    from ftrack_orm.schema.relations import Association, Computed, Reverse

    owner, registry = attribute.owner, attribute.owner.registry
    name = attribute.server_name
    # The schema may not define the storage of a relation: then the pairs get a name
    # that no other end refers to.
    alone = (f"{owner.name}.{name}", "owner", "member")
    if registry is None:
        target = str(attribute.target)
        return PairStorage(target, target, alone)
    relation = registry._relations.of(owner.name, name)
    root = owner.type_named(relation.target).root
    match relation:
        case Reverse():
            return _reverse_storage(relation, root)
        case Association():
            near = (relation.through, relation.near, relation.far)
            return PairStorage(relation.target, root, near)
        case _:
            is_computed = isinstance(relation, Computed)
            return PairStorage(relation.target, root, alone, is_computed)


def opposite(type_info: TypeInfo, storage: PairStorage) -> AttributeInfo | None:
    """Return the collection of the members' type for the other end of the pairs."""
    for attribute in type_info.attributes.values():
        if attribute.kind is not AttributeKind.COLLECTION:
            continue
        other = attribute.collection_storage
        if isinstance(other, PairStorage) and other.near == storage.far:
            return attribute
    return None


def _reverse_storage(relation: Reverse, root: str) -> ReverseStorage:
    filters = {python_name(name): value for name, value in relation.filters.items()}
    remote = python_name(relation.remote)
    return ReverseStorage(relation.target, root, remote, filters)
