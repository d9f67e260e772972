"""`TrackedList`, the value of a collection attribute."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar, overload

from ftrack_orm.entity.entity_list import EntityList
from ftrack_orm.entity.member_index import MemberIndex
from ftrack_orm.entity.moves import is_moved_here, moves_to
from ftrack_orm.entity.relation_storage import (
    CollectionStorage,
    PairStorage,
    ReverseStorage,
)
from ftrack_orm.entity.state import EntityState, Owner
from ftrack_orm.entity.tracking import bare_key, store, unload_value
from ftrack_orm.errors.entity import AttributeValueError
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity

E = TypeVar("E", bound="Entity")


class _CollectionParts(EntityList[E]):
    """The slots of a `TrackedList`, whose types are internal."""

    __slots__ = ("_attribute", "_committed", "_index", "_keys", "_owner", "_transient")

    _attribute: AttributeInfo
    _committed: list[E] | None
    _transient: dict[Any, E] | None
    _index: MemberIndex | None
    _keys: set[Any] | None
    _owner: Entity


class TrackedList(_CollectionParts[E]):
    """The members of a collection; an entity has one such list for its whole life.

    It compares, indexes, slices and prints as a list. Membership follows from keys: an
    edit of the list writes the keys of the members that change, and a key written
    elsewhere changes the list. Each member is an entity of the target type and occurs
    once.

    Attributes:
        is_loaded: whether the members are loaded; if not, reading the attribute loads
            them.
    """

    __slots__ = ("is_loaded",)

    is_loaded: bool

    @classmethod
    def _of(
        cls, owner: Entity, attribute: AttributeInfo, members: Iterable[E] = ()
    ) -> TrackedList[E]:
        """Return a list of `members` that is not registered with a session."""
        collection = cls(members)
        collection._owner = owner
        collection._attribute = attribute
        collection._committed = collection._transient = None
        collection._index = collection._keys = None
        collection.is_loaded = True
        return collection

    @property
    def is_readable(self) -> bool:
        """Return whether the list can be read without loading."""
        return self.is_loaded

    @property
    def owner(self) -> Entity:
        """Return the entity that the collection belongs to."""
        return self._owner

    @property
    def _storage(self) -> CollectionStorage:
        """Return the storage of the members."""
        return self._attribute.collection_storage

    @property
    def committed_members(self) -> list[E]:
        """Return the members without the edits of the session."""
        return self if self._committed is None else self._committed

    @property
    def _owner_session(self) -> Owner | None:
        """Return the session of the owning entity, ``None`` without a session."""
        return self._owner.__ftrack_state__.owner

    @property
    def transient_members(self) -> list[E]:
        """Return the appended members that are not added to a session yet."""
        return [
            member
            for member in (self._transient or {}).values()
            if member.__ftrack_state__.state is EntityState.TRANSIENT
        ]

    def _other_names(self) -> tuple[str, ...]:
        return "is_loaded", "owner", "replace"

    # -- edits ---------------------------------------------------------------------

    def append(self, member: E) -> None:
        """Add `member` at the end.

        Raises:
            AttributeValueError: it is a member already, or of another type.
        """
        self._owner.__add_members__(self, [member])

    def extend(self, added: Iterable[E]) -> None:
        """Add all entities of `added` at the end."""
        self._owner.__add_members__(self, list(added))

    def insert(self, index: SupportsIndex, member: E) -> None:
        """Add `member` before `index`."""
        self._edited(lambda members: members.insert(index, member))

    def remove(self, member: E) -> None:
        """Remove `member` from the collection; the entity is not deleted."""
        self._owner.__remove_members__(self, [self[self.index(member)]])

    def pop(self, index: SupportsIndex = -1) -> E:
        """Remove and return the member at `index`; the entity is not deleted."""
        self._owner.__require_members__(self)
        member = self[index]
        self._owner.__remove_members__(self, [member])
        return member

    def clear(self) -> None:
        """Remove all members; the entities are not deleted."""
        self.replace([])

    def replace(self, members: Iterable[E]) -> None:
        """Replace all members by `members`."""
        self._owner.__replace_members__(self, list(members))

    def sort(self, **options: Any) -> None:
        """Sort the list in memory; the server does not store an order of members."""
        list.sort(self, **options)

    def _edited(self, edit: Callable[[list[E]], Any]) -> None:
        self._owner.__require_members__(self)
        members = list(self)
        edit(members)
        self._owner.__replace_members__(self, members)

    @overload
    def __setitem__(self, index: SupportsIndex, value: E) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[E]) -> None: ...
    def __setitem__(self, index: Any, value: Any) -> None:
        self._edited(lambda members: members.__setitem__(index, value))

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        self._edited(lambda members: members.__delitem__(index))

    def __iadd__(self, added: Iterable[E]) -> TrackedList[E]:  # type: ignore[override, misc] # `list.__iadd__` accepts any iterable
        self.extend(added)
        return self

    def __imul__(self, count: SupportsIndex) -> TrackedList[E]:
        raise AttributeValueError(
            type(self._owner).__name__,
            self._attribute.name,
            count,
            "each member at most once",
        )

    # Copies are plain lists, because editing a copy must not change the membership.
    def __copy__(self) -> list[E]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[E]:
        return list(self)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return (list, (list(self),))

    # -- membership follows keys -----------------------------------------------------

    def holds(self, member: Entity) -> bool:
        """Return whether the keys of an entity of the session make it a member."""
        storage = self._storage
        if isinstance(storage, ReverseStorage):
            return self._has_owner_key(member, storage)
        return bare_key(member) in self._pair_keys()

    def _has_owner_key(self, member: Entity, storage: ReverseStorage) -> bool:
        if member.__ftrack_state__.owner is None:
            return False
        values = vars(member)
        if values.get(storage.remote, NOT_LOADED) != bare_key(self._owner):
            return False
        return all(
            values.get(name, NOT_LOADED) == value
            for name, value in storage.filters.items()
        )

    def _with_owner_key(
        self, entities: Iterable[Any], storage: ReverseStorage
    ) -> list[Any]:
        return [entity for entity in entities if self._has_owner_key(entity, storage)]

    def _pair_keys(self) -> set[Any]:
        if self._keys is None:
            self._keys = {bare_key(member) for member in self}
        return self._keys

    @property
    def _member_index(self) -> MemberIndex:
        """Return the index of the members, created on first use."""
        if self._index is None:
            self._index = MemberIndex(self)
        return self._index

    def put(self, member: E) -> None:
        """Add an entity at the end of the list without writing keys."""
        list.append(self, member)
        if self._index is not None:
            self._index.add(member)

    def set_all(self, members: Iterable[E]) -> None:
        """Replace the content of the list without writing keys."""
        self._index = None
        list.__setitem__(self, slice(None), members)

    def _start_change(self) -> None:
        """Store a copy of the committed members before the first change."""
        if self._committed is None:
            self._committed = list(self)
            owner = self._owner.__ftrack_state__.owner
            if owner is not None:
                owner.relations.mark_changed(self)

    def include(self, member: Any) -> None:
        """Add an entity to the list after its keys have made it a member."""
        storage = self._storage
        if not type(member).__ftrack__.is_kind_of(storage.target):
            return
        if isinstance(storage, ReverseStorage):
            # A transient member stays in the list when the session adds it.
            if not self._has_owner_key(member, storage) or self._discard_transient(
                member
            ):
                return
        elif bare_key(member) in self._pair_keys():
            return
        self._start_change()
        self.put(member)
        if self._keys is not None:
            self._keys.add(bare_key(member))

    def has_transient(self, member: Entity) -> bool:
        """Return whether a transient member with the key of `member` is in the list."""
        match = (self._transient or {}).get(bare_key(member))
        return match is not None and (
            match.__ftrack_state__.state is EntityState.TRANSIENT
        )

    def _discard_transient(self, member: Entity) -> bool:
        """Remove an entity from the transient members; return whether it was one."""
        transient = self._transient or {}
        for key in chain((bare_key(member),), transient):
            # The key may have been set after the entity was stored under another one.
            if transient.get(key) is member:
                del transient[key]
                return True
        return False

    def exclude(self, member: Any) -> None:
        """Remove an entity from the list after its keys have changed."""
        if self._keys is not None and bare_key(member) not in self._keys:
            return
        for index, present in enumerate(self):
            if present is member:
                self._start_change()
                list.__delitem__(self, index)
                if self._index is not None:
                    self._index.discard(member)
                if self._keys is not None:
                    self._keys.discard(bare_key(member))
                return

    def discard_committed(self, member: Any) -> None:
        """Remove a member that the server has deleted from the committed members."""
        if self._committed is not None:
            self._committed = _without(member, self._committed)

    def update_membership(self, member: Any) -> None:
        """Add or remove an entity according to its current keys."""
        is_present = self._member_index.has(member)
        if self.holds(member) and not is_present:
            self.include(member)
        elif is_present and not self.holds(member):
            self.exclude(member)

    def apply_server_pair(self, member: Any, *, is_member: bool) -> None:
        """Add or remove a member whose pair was read from the server.

        The committed members change too, so this is no edit of the session.
        """
        committed = self._committed
        (self.include if is_member else self.exclude)(member)
        if committed is None:
            # `include` and `exclude` have recorded an edit; undo that.
            self._committed = None
        elif is_member and not any(entity is member for entity in committed):
            committed.append(member)
        elif not is_member:
            self._committed = _without(member, committed)

    def add_transient(self, member: E) -> None:
        """Add an entity that is in no session."""
        self._start_change()
        self._transient = {} if self._transient is None else self._transient
        self._transient[bare_key(member)] = member
        self.put(member)

    def remove_object(self, member: Any) -> None:
        """Remove a member by object identity, without reading or writing its keys."""
        if self._owner_session is not None:
            self._start_change()
        self.set_all(_without(member, self))
        self._discard_transient(member)

    def sort_like(self, members: Iterable[E]) -> None:
        """Sort the list like `members`; entities missing there come last."""
        positions = {id(member): index for index, member in enumerate(members)}
        last = len(positions)
        list.sort(self, key=lambda member: positions.get(id(member), last))

    # -- the server's members --------------------------------------------------------

    def fill(self, members: list[E], key: Any) -> None:
        """Store the loaded members of a collection that is new and empty.

        Args:
            members: the members in the order of the response.
            key: the owner's bare key.
        """
        storage, session = self._storage, self._owner_session
        if (
            isinstance(storage, PairStorage)
            or session is None
            or session.relations.has_moves
        ):
            self.store(members)
            return
        # Most loaded members hold the owner's key already: then no key is written, and
        # the list is extended without a call per member.
        remote, filters = storage.remote, storage.filters
        for member in members:
            values = member.__dict__
            if values.get(remote) != key or any(
                values.get(name) != value for name, value in filters.items()
            ):
                self.store(members)
                return
        self._index = None
        list.extend(self, members)

    def store(self, members: list[E]) -> None:
        """Store the loaded members; uncommitted edits of the session stay."""
        storage = self._storage
        if isinstance(storage, ReverseStorage):
            self._store_reverse(members, storage)
        else:
            self._store_pairs(members, storage)
        self.is_loaded = True

    def _store_reverse(self, members: list[E], storage: ReverseStorage) -> None:
        key = bare_key(self._owner)
        loaded_ids = {id(member) for member in members}
        before = self._members_in_memory(storage, key)
        for member in members:
            if vars(member).get(storage.remote, NOT_LOADED) != key:
                store(member, storage.remote, key)
            for name, value in storage.filters.items():
                if name not in vars(member):
                    vars(member)[name] = value
        for member in before:
            if id(member) not in loaded_ids and not is_moved_here(member, storage, key):
                # The server has moved it to another owner since its key was read.
                unload_value(member, storage.remote)
        moves = [
            member
            for member in moves_to(self._owner, storage, key)
            if id(member) not in loaded_ids
        ]
        present = self._with_owner_key(members, storage)
        moved = self._with_owner_key(moves, storage)
        self.set_all([*present, *moved, *self.transient_members])
        self._set_committed(members if moved or len(present) < len(members) else None)

    def _members_in_memory(self, storage: ReverseStorage, key: Any) -> list[Any]:
        """Return the entities in memory whose keys make them members."""
        owner = self._owner_session
        if owner is None:
            return list(self)
        entities = owner.relations.entities_with_key(storage, key)
        return [*self, *self._with_owner_key(entities, storage)]

    def _store_pairs(self, members: list[E], storage: PairStorage) -> None:
        owner = self._owner.__ftrack_state__.owner
        key = bare_key(self._owner)
        edits = () if owner is None else owner.relations.pair_edits(storage, key)
        removed = {id(edit.member) for edit in edits if not edit.is_added}
        remaining = [member for member in members if id(member) not in removed]
        present = {id(member) for member in members}
        added: list[Any] = [
            edit.member
            for edit in edits
            if edit.is_added and id(edit.member) not in present
        ]
        before = [] if not self.is_loaded else list(self.committed_members)
        self.set_all([*remaining, *added, *self.transient_members])
        self._keys = {bare_key(member) for member in self}
        self._set_committed(members if edits else None)
        if owner is not None and not storage.is_computed:
            owner.relations.store_pairs(storage, self._owner, members, before)

    def _set_committed(self, members: list[E] | None) -> None:
        self._committed = None if members is None else list(members)
        owner = self._owner.__ftrack_state__.owner
        if self._committed is not None and owner is not None:
            owner.relations.mark_changed(self)

    def accept(self) -> None:
        """Make the current members the committed ones, except for remaining edits."""
        self._transient = {
            bare_key(member): member for member in self.transient_members
        } or None
        storage, owner = self._storage, self._owner_session
        self._committed = None
        if not isinstance(storage, PairStorage) or owner is None:
            return
        edits = owner.relations.pair_edits(storage, bare_key(self._owner))
        if edits:
            added = {id(edit.member) for edit in edits if edit.is_added}
            removed: list[Any] = [edit.member for edit in edits if not edit.is_added]
            self._committed = [
                *(member for member in self if id(member) not in added),
                *removed,
            ]

    def discard_transient_members(self) -> None:
        """Remove the transient members; apply the remaining edits once more."""
        committed, self._transient = list(self.committed_members), None
        self.store(committed)

    @property
    def has_edits(self) -> bool:
        """Return whether the members differ from the committed ones."""
        return self._committed is not None or bool(self._transient)

    def restore(self) -> None:
        """Restore the committed members in their order, unless their keys differ."""
        committed, self._committed, self._transient = self._committed, None, None
        if committed is None:
            return
        storage = self._storage
        if isinstance(storage, PairStorage):
            members = [member for member in committed if _is_in_session(member)]
        else:
            members = self._with_owner_key(committed, storage)
            restored = {id(member) for member in members}
            others = [member for member in self if id(member) not in restored]
            members += self._with_owner_key(others, storage)
        self.set_all(members)
        self._keys = None


def _without(member: Any, entities: Iterable[E]) -> list[E]:
    return [entity for entity in entities if entity is not member]


def _is_in_session(member: Entity) -> bool:
    return member.__ftrack_state__.owner is not None
