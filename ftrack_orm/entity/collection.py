"""The list of a collection attribute: a view over keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar, overload

from ftrack_orm.entity.member_index import MemberIndex
from ftrack_orm.entity.moves import is_moved_here, moves_to
from ftrack_orm.entity.relation_storage import (
    CollectionStorage,
    PairStorage,
    ReverseStorage,
)
from ftrack_orm.entity.state import EntityState, Owner
from ftrack_orm.entity.tracking import bare_key, forget, store
from ftrack_orm.errors.entity import AttributeValueError
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity

E = TypeVar("E", bound="Entity")


class _CollectionParts(list[E]):
    """The slots of a `TrackedList`, whose types are internal."""

    __slots__ = ("_attribute", "_base", "_guests", "_index", "_keys", "_owner")

    _attribute: AttributeInfo
    _base: list[E] | None
    _guests: dict[Any, E] | None
    _index: MemberIndex | None
    _keys: set[Any] | None
    _owner: Entity


class TrackedList(_CollectionParts[E]):
    """The members of a collection. One object for the life of its entity.

    It compares, indexes, slices and prints as a list. The members follow from keys:
    an edit writes the keys of the members it concerns, and a key that is written
    elsewhere changes the list. Only entities of the right type are taken, each once.

    Attributes:
        is_loaded: whether the members are known; reading the attribute loads them
            otherwise.
    """

    __slots__ = ("is_loaded",)

    is_loaded: bool

    @classmethod
    def _of(
        cls, owner: Entity, attribute: AttributeInfo, members: Iterable[E] = ()
    ) -> TrackedList[E]:
        """Return the list of an owner outside every session, holding `members`."""
        made = cls(members)
        made._owner = owner
        made._attribute = attribute
        made._base = made._guests = made._index = made._keys = None
        made.is_loaded = True
        return made

    @property
    def is_readable(self) -> bool:
        """Return whether the members are known."""
        return self.is_loaded

    @property
    def owner(self) -> Entity:
        """Return the entity that the collection belongs to."""
        return self._owner

    @property
    def _storage(self) -> CollectionStorage:
        """Return how the members are kept."""
        return self._attribute.collection_storage

    @property
    def base(self) -> list[E]:
        """Return the members as the server has them."""
        return self if self._base is None else self._base

    @property
    def _owner_session(self) -> Owner | None:
        """Return the session of the owner, ``None`` outside of one."""
        return self._owner.__ftrack_state__.owner

    @property
    def guests(self) -> list[E]:
        """Return the members that were appended and are in no session yet."""
        return [
            member
            for member in (self._guests or {}).values()
            if member.__ftrack_state__.state is EntityState.TRANSIENT
        ]

    # -- edits ---------------------------------------------------------------------

    def append(self, member: E) -> None:
        """Add `member` at the end; a member already there is refused."""
        self._owner.__add_members__(self, [member])

    def extend(self, added: Iterable[E]) -> None:
        """Add every one of `added` at the end."""
        self._owner.__add_members__(self, list(added))

    def insert(self, index: SupportsIndex, member: E) -> None:
        """Add `member` before `index`."""
        self._edited(lambda members: members.insert(index, member))

    def remove(self, member: E) -> None:
        """Take `member` out; the entity itself is not deleted."""
        self._owner.__remove_members__(self, [self[self.index(member)]])

    def pop(self, index: SupportsIndex = -1) -> E:
        """Take out and return the member at `index`."""
        self._owner.__require_members__(self)
        member = self[index]
        self._owner.__remove_members__(self, [member])
        return member

    def clear(self) -> None:
        """Take every member out."""
        self.replace([])

    def replace(self, members: Iterable[E]) -> None:
        """Make `members` the whole membership."""
        self._owner.__replace_members__(self, list(members))

    def sort(self, **options: Any) -> None:
        """Sort in memory; the server knows no order of members."""
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

    def __iadd__(self, added: Iterable[E]) -> TrackedList[E]:  # type: ignore[override, misc] # a list's own also widens
        self.extend(added)
        return self

    def __imul__(self, count: SupportsIndex) -> TrackedList[E]:
        raise AttributeValueError(
            type(self._owner).__name__,
            self._attribute.name,
            count,
            "each member at most once",
        )

    # Copies are plain lists: editing them edits no membership.
    def __copy__(self) -> list[E]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[E]:
        return list(self)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return (list, (list(self),))

    # -- membership follows keys -----------------------------------------------------

    def holds(self, member: Entity) -> bool:
        """Return whether an entity of the session is a member, by its keys."""
        storage = self._storage
        if isinstance(storage, ReverseStorage):
            return self._is_named_by(member, storage)
        return bare_key(member) in self._pair_keys()

    def _is_named_by(self, member: Entity, storage: ReverseStorage) -> bool:
        if member.__ftrack_state__.owner is None:
            return False
        values = vars(member)
        if values.get(storage.remote, NOT_LOADED) != bare_key(self._owner):
            return False
        return all(
            values.get(name, NOT_LOADED) == value
            for name, value in storage.filters.items()
        )

    def _pair_keys(self) -> set[Any]:
        if self._keys is None:
            self._keys = {bare_key(member) for member in self}
        return self._keys

    @property
    def _member_index(self) -> MemberIndex:
        """Return the index of the members, made at its first use."""
        if self._index is None:
            self._index = MemberIndex(self)
        return self._index

    def put(self, member: E) -> None:
        """Add an entity at the end of the list, and write no key."""
        list.append(self, member)
        if self._index is not None:
            self._index.add(member)

    def set_all(self, members: Iterable[E]) -> None:
        """Make entities the content of the list, and write no key."""
        self._index = None
        list.__setitem__(self, slice(None), members)

    def _start_change(self) -> None:
        """Keep the server's members in their order, before the first change."""
        if self._base is None:
            self._base = list(self)
            owner = self._owner.__ftrack_state__.owner
            if owner is not None:
                owner.relations.note_change(self)

    def enter(self, member: Any) -> None:
        """Take in an entity whose keys make it a member."""
        storage = self._storage
        if not type(member).__ftrack__.is_kind_of(storage.target):
            return
        if isinstance(storage, ReverseStorage):
            # A guest that is added to the session is in the list already.
            if not self._is_named_by(member, storage) or self._drop_guest(member):
                return
        elif bare_key(member) in self._pair_keys():
            return
        self._start_change()
        self.put(member)
        if self._keys is not None:
            self._keys.add(bare_key(member))

    def has_guest(self, member: Entity) -> bool:
        """Return whether an entity outside the session is a member already."""
        guest = (self._guests or {}).get(bare_key(member))
        return guest is not None and (
            guest.__ftrack_state__.state is EntityState.TRANSIENT
        )

    def _drop_guest(self, member: Entity) -> bool:
        """Forget that an entity was a guest; return whether it was one."""
        guests = self._guests or {}
        for key in chain((bare_key(member),), guests):
            # A key that was set since is not the one it was noted by.
            if guests.get(key) is member:
                del guests[key]
                return True
        return False

    def leave(self, member: Any) -> None:
        """Let go an entity whose keys no longer make it a member."""
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

    def strike(self, member: Any) -> None:
        """Forget a member that the server has deleted."""
        if self._base is not None:
            self._base = [one for one in self._base if one is not member]

    def follow(self, member: Any) -> None:
        """Take in or let go an entity, as its keys are now."""
        is_present = self._member_index.has(member)
        if self.holds(member) and not is_present:
            self.enter(member)
        elif is_present and not self.holds(member):
            self.leave(member)

    def follow_pair(self, member: Any, *, is_member: bool) -> None:
        """Follow a pair that the server has, or no longer has."""
        base = self._base
        (self.enter if is_member else self.leave)(member)
        if base is None:
            # The server's own news is no change of the session.
            self._base = None
        elif is_member and not any(one is member for one in base):
            base.append(member)
        elif not is_member:
            self._base = [one for one in base if one is not member]

    def welcome(self, guest: E) -> None:
        """Show an entity that was appended and is in no session."""
        self._start_change()
        self._guests = {} if self._guests is None else self._guests
        self._guests[bare_key(guest)] = guest
        self.put(guest)

    def dismiss(self, guest: Any) -> None:
        """Let go a member by its object, whatever its keys are."""
        if self._owner_session is not None:
            self._start_change()
        self.set_all([one for one in self if one is not guest])
        self._drop_guest(guest)

    def arrange(self, members: Iterable[E]) -> None:
        """Put the members into the order of `members`."""
        place = {id(member): index for index, member in enumerate(members)}
        last = len(place)
        list.sort(self, key=lambda member: place.get(id(member), last))

    # -- the server's members --------------------------------------------------------

    def fill(self, members: list[E], key: Any) -> None:
        """Take the members of a collection that is new to the session.

        Args:
            members: the members as the server has them.
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
        """Take the members as the server has them; the session's own moves stay."""
        storage = self._storage
        if isinstance(storage, ReverseStorage):
            self._store_reverse(members, storage)
        else:
            self._store_pairs(members, storage)
        self.is_loaded = True

    def _store_reverse(self, members: list[E], storage: ReverseStorage) -> None:
        key = bare_key(self._owner)
        named = {id(member) for member in members}
        before = self._led_here(storage, key)
        for member in members:
            if vars(member).get(storage.remote, NOT_LOADED) != key:
                store(member, storage.remote, key)
            for name, value in storage.filters.items():
                if name not in vars(member):
                    vars(member)[name] = value
        for member in before:
            if id(member) not in named and not is_moved_here(member, storage, key):
                # It was a member: the server has moved it elsewhere since.
                forget(member, storage.remote)
        moves = [
            member
            for member in moves_to(self._owner, storage, key)
            if id(member) not in named
        ]
        present = [one for one in members if self._is_named_by(one, storage)]
        mine = [one for one in moves if self._is_named_by(one, storage)]
        self.set_all([*present, *mine, *self.guests])
        self._rebase(members if mine or len(present) < len(members) else None)

    def _led_here(self, storage: ReverseStorage, key: Any) -> list[Any]:
        """Return the entities that are members by their keys in memory."""
        owner = self._owner_session
        led = [] if owner is None else owner.relations.led_to(storage, key)
        return [*self, *(one for one in led if self._is_named_by(one, storage))]

    def _store_pairs(self, members: list[E], storage: PairStorage) -> None:
        owner = self._owner.__ftrack_state__.owner
        key = bare_key(self._owner)
        edits = () if owner is None else owner.relations.pair_edits(storage, key)
        removed = {id(edit.member) for edit in edits if not edit.is_added}
        kept = [member for member in members if id(member) not in removed]
        present = {id(member) for member in members}
        added: list[Any] = [
            edit.member
            for edit in edits
            if edit.is_added and id(edit.member) not in present
        ]
        known = [] if not self.is_loaded else list(self.base)
        self.set_all([*kept, *added, *self.guests])
        self._keys = {bare_key(member) for member in self}
        self._rebase(members if edits else None)
        if owner is not None and not storage.is_computed:
            self._lead_other_ends(storage, owner, members, known)

    def _lead_other_ends(
        self, storage: PairStorage, owner: Owner, members: list[E], known: list[E]
    ) -> None:
        """Let loaded collections at the other end follow the server's pairs."""
        relations, key = owner.relations, bare_key(self._owner)
        edited = {id(edit.member) for edit in relations.pair_edits(storage, key)}
        before = {id(member) for member in known}
        for member in members:
            if id(member) not in before and id(member) not in edited:
                relations.pair_moved(storage, self._owner, member, is_member=True)
        present = {id(member) for member in members}
        for other in relations.showing(storage, key):
            if id(other.owner) not in present and id(other.owner) not in edited:
                other.follow_pair(self._owner, is_member=False)
        relations.note_shown(storage, key, members)

    def _rebase(self, members: list[E] | None) -> None:
        self._base = None if members is None else list(members)
        owner = self._owner.__ftrack_state__.owner
        if self._base is not None and owner is not None:
            owner.relations.note_change(self)

    def accept(self) -> None:
        """Make the members of now the server's, but for the edits that remain."""
        self._guests = {bare_key(guest): guest for guest in self.guests} or None
        storage, owner = self._storage, self._owner_session
        self._base = None
        if not isinstance(storage, PairStorage) or owner is None:
            return
        edits = owner.relations.pair_edits(storage, bare_key(self._owner))
        if edits:
            added = {id(edit.member) for edit in edits if edit.is_added}
            removed: list[Any] = [one.member for one in edits if not one.is_added]
            self._base = [*(one for one in self if id(one) not in added), *removed]

    def undo_guests(self) -> None:
        """Let go the guests, and show the server's members with the edits that stay."""
        base, self._guests = list(self.base), None
        self.store(base)

    @property
    def has_edits(self) -> bool:
        """Return whether the members differ from the server's."""
        return self._base is not None or bool(self._guests)

    def restore(self) -> None:
        """Put back the server's members in their order, as far as their keys agree."""
        base, self._base, self._guests = self._base, None, None
        if base is None:
            return
        storage = self._storage
        if isinstance(storage, PairStorage):
            members = [one for one in base if _is_live(one)]
        else:
            members = [one for one in base if self._is_named_by(one, storage)]
            place = {id(member) for member in members}
            members += [
                one
                for one in self
                if id(one) not in place and self._is_named_by(one, storage)
            ]
        self.set_all(members)
        self._keys = None


def _is_live(member: Entity) -> bool:
    return member.__ftrack_state__.owner is not None
