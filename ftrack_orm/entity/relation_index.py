"""Which collections a change of a key concerns, and the pairs edited in a session.

The members of a collection follow from keys: those that its members store_target, or pairs
of an owner's and a member's key. The index holds the loaded collections by those
keys, so that one change reaches the few collections it concerns, and the session's
own edits, so that a collection that is loaded later shows them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ftrack_orm.entity.relation_storage import PairStorage, ReverseStorage
from ftrack_orm.entity.tracking import bare_key
from ftrack_orm.entity.unplaced_members import UnplacedMembers
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.attribute_kind import EMPTY, MEMBERSHIP_ATTRIBUTES
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.collection import TrackedList
    from ftrack_orm.entity.entity import Entity

PairEnd: TypeAlias = tuple[str, str, str]
"""A many-to-many relation seen from one end, as in `PairStorage.near`."""


@lazy_dataclass(frozen=True, slots=True)
class PairEdit:
    """A member added to, or removed from, a many-to-many collection.

    Attributes:
        member: the entity at the other end.
        is_added: whether it was added.
        via: the collection through which it was edited, whose owner sends it.
    """

    member: Entity
    is_added: bool
    via: TrackedList[Any]


class SentPair(NamedTuple):
    """An edit of a pair as it was sent, seen from one end.

    Attributes:
        end: the relation, as seen from the owner.
        near: the owner's bare key.
        far: the member's bare key.
        edit: the edit.
    """

    end: PairEnd
    near: Any
    far: Any
    edit: PairEdit


class RelationIndex:
    """The loaded collections of one session, and its edits of relations."""

    def __init__(self) -> None:
        # Root type of the members, their foreign key, its value: the collections.
        self._reverse: dict[str, dict[str, dict[Any, list[TrackedList[Any]]]]] = {}
        self._moves: dict[tuple[str, str], dict[Any, dict[int, Entity]]] = {}
        self._pairs: dict[PairEnd, dict[Any, TrackedList[Any]]] = {}
        self._edits: dict[PairEnd, dict[Any, dict[Any, PairEdit]]] = {}
        self._changed: dict[int, TrackedList[Any]] = {}
        # The owners whose many-to-many collections have shown a member, by its key.
        self._shown: dict[PairEnd, dict[Any, set[Any]]] = {}
        self._unplaced = UnplacedMembers()
        # Edits that were taken back since the last batch was sent.
        self._undone: set[tuple[PairEnd, Any, Any]] = set()

    @property
    def has_moves(self) -> bool:
        """Return whether the session has edited a key since its last commit."""
        return bool(self._moves)

    # -- collections that are loaded -----------------------------------------------

    def register(self, collection: TrackedList[Any], key: Any) -> None:
        """Let changes reach a collection whose owner has the bare key `key`."""
        storage = collection._storage
        if isinstance(storage, PairStorage):
            self._pairs.setdefault(storage.near, {})[key] = collection
            return
        owners = self.remotes(storage.root).setdefault(storage.remote, {})
        if not owners:
            table = collection.owner.__ftrack_state__.tables.get(storage.root, EMPTY)
            self._unplaced.follow(storage.root, storage.remote, table)
        collections = owners.setdefault(key, [])
        if not any(one is collection for one in collections):
            collections.append(collection)

    def unregister(self, collection: TrackedList[Any], key: Any) -> None:
        """Stop changes from reaching a collection."""
        storage = collection._storage
        self._changed.pop(id(collection), None)
        if isinstance(storage, PairStorage):
            self._pairs.get(storage.near, {}).pop(key, None)
            return
        owners = self.remotes(storage.root).get(storage.remote, {})
        rest = [one for one in owners.get(key, ()) if one is not collection]
        if rest:
            owners[key] = rest
        else:
            owners.pop(key, None)
            for member in collection:
                self._unplaced.note(storage.root, storage.remote, key, member)

    def entities_with_key(self, storage: ReverseStorage, key: Any) -> list[Entity]:
        """Return the entities in memory that are known to lead to an owner's key."""
        owners = self.remotes(storage.root).get(storage.remote, {})
        unplaced_members = self._unplaced.at(storage.root, storage.remote, key)
        return [
            *unplaced_members,
            *(one for members in owners.get(key, ()) for one in members),
        ]

    def add_loaded(self, entity: Entity) -> None:
        """Put an entity that is new in memory into the collections it belongs to."""
        root, values = type(entity).__ftrack__.root, vars(entity)
        for name, owners in self.remotes(root).items():
            key = values.get(name, NOT_LOADED)
            collections = owners.get(key)
            if collections is None:
                self._unplaced.note(root, name, key, entity)
                continue
            for collection in collections:
                if not collection._member_index.has(entity):
                    collection.include(entity)

    def remotes(self, root: str) -> dict[str, dict[Any, list[TrackedList[Any]]]]:
        """Return the loaded collections of members of a root type.

        By the members' foreign key and its value; always the same dictionary, which
        the row loader keeps.
        """
        return self._reverse.setdefault(root, {})

    # -- members that hold a key ---------------------------------------------------

    def apply_key_change(self, entity: Entity, name: str, old: Any, new: Any) -> None:
        """Let collections follow a watched attribute of an entity.

        Args:
            entity: the entity, which holds the new value already.
            name: Python name of the attribute.
            old: its value before, `NOT_LOADED` where none was known.
            new: its value now.
        """
        remotes = self._reverse.get(type(entity).__ftrack__.root)
        if not remotes or old == new:
            return
        owners = remotes.get(name)
        if owners is not None:
            for collection in owners.get(old, ()):
                collection.exclude(entity)
            root = type(entity).__ftrack__.root
            self._unplaced.forget_key(root, name, old, entity)
            if new not in owners:
                self._unplaced.note(root, name, new, entity)
            for collection in owners.get(new, ()):
                collection.include(entity)
        elif (type(entity).__ftrack__.name, name) in MEMBERSHIP_ATTRIBUTES:
            for collection in self._collections_of(entity, remotes):
                collection.update_membership(entity)

    def _collections_of(
        self, entity: Entity, remotes: dict[str, dict[Any, list[TrackedList[Any]]]]
    ) -> Iterator[TrackedList[Any]]:
        """Yield the loaded collections that the keys of an entity lead to."""
        values = vars(entity)
        for name, owners in tuple(remotes.items()):
            yield from tuple(owners.get(values.get(name, NOT_LOADED), ()))

    def record_move(self, entity: Entity, name: str, new: Any) -> None:
        """Remember an edit of a key for collections that are loaded later."""
        if new is not None:
            root = type(entity).__ftrack__.root
            by_key = self._moves.setdefault((root, name), {})
            by_key.setdefault(new, {})[id(entity)] = entity

    def moves_to(self, storage: ReverseStorage, key: Any) -> Iterator[Entity]:
        """Yield the entities that the session has moved to an owner's key."""
        by_key = self._moves.get((storage.root, storage.remote), {})
        for entity in tuple(by_key.get(key, {}).values()):
            state = entity.__ftrack_state__
            if state.owner is not None and vars(entity).get(storage.remote) == key:
                yield entity

    # -- entities that come and go ---------------------------------------------------

    def add_entity(self, entity: Entity) -> None:
        """Put a new entity of the session into the collections its keys lead to."""
        remotes = self._reverse.get(type(entity).__ftrack__.root, {})
        for collection in self._collections_of(entity, remotes):
            collection.include(entity)
        for attribute in type(entity).__ftrack__.attributes.values():
            if attribute.is_watched:
                self.record_move(
                    entity, attribute.name, vars(entity).get(attribute.name)
                )

    def remove_entity(self, entity: Entity, *, stays: bool = False) -> None:
        """Take an entity out of every collection of the session.

        Args:
            entity: the entity.
            stays: whether the server has it still, so that many-to-many collections
                with edits go on sending it as a member.
        """
        type_info = type(entity).__ftrack__
        remotes = self._reverse.get(type_info.root, {})
        for collection in self._collections_of(entity, remotes):
            collection.exclude(entity)
        self._unplaced.forget(type_info.root, entity)
        key = bare_key(entity)
        for end in tuple(self._pairs):
            for collection in tuple(self._pairs[end].values()):
                if collection._storage.root == type_info.root:
                    collection.exclude(entity)
                    if not stays:
                        collection.discard_committed(entity)
        for end, owners in tuple(self._edits.items()):
            for edit in tuple(owners.get(key, {}).values()):
                if edit.via._storage.root == type_info.root or edit.via.owner is entity:
                    far = bare_key(edit.member)
                    self.discard_pair_edit(end, key, far)
                    if stays:
                        through, owner, member = end
                        self.unload_pairs((through, member, owner), far)

    def rekey(self, entity: Entity, old: Any) -> None:
        """Register the collections of a new entity under its changed key."""
        for value in tuple(vars(entity).values()):
            storage = getattr(value, "storage", None)
            if storage is not None:
                changed = id(value) in self._changed
                self.unregister(value, old)
                self.register(value, bare_key(entity))
                if changed:
                    self.mark_changed(value)

    # -- pairs -----------------------------------------------------------------------

    def edit_pair(
        self, collection: TrackedList[Any], member: Entity, *, is_added: bool
    ) -> None:
        """Add a member to a many-to-many collection, or remove it, at both ends."""
        storage = collection._storage
        if not isinstance(storage, PairStorage):
            return
        owner = collection.owner
        near, far = bare_key(owner), bare_key(member)
        earlier = self._edits.get(storage.near, {}).get(near, {}).get(far)
        if earlier is not None and earlier.is_added is not is_added:
            self.discard_pair_edit(storage.near, near, far)
            self._undone.update([(storage.near, near, far), (storage.far, far, near)])
        else:
            edit = PairEdit(member, is_added, collection)
            back = PairEdit(owner, is_added, collection)
            self._edits.setdefault(storage.near, {}).setdefault(near, {})[far] = edit
            self._edits.setdefault(storage.far, {}).setdefault(far, {})[near] = back
        other = self._pairs.get(storage.far, {}).get(far)
        if other is not None:
            (other.include if is_added else other.exclude)(owner)

    def discard_pair_edit(self, end: PairEnd, near: Any, far: Any) -> None:
        """Forget an edit of a pair; the collections stay as they are."""
        through, owner, member = end
        self._edits.get(end, {}).get(near, {}).pop(far, None)
        back = self._edits.get((through, member, owner), {})
        back.get(far, {}).pop(near, None)

    def pair_edits(self, storage: PairStorage, key: Any) -> Iterable[PairEdit]:
        """Return the session's edits of an owner's many-to-many collection."""
        return tuple(self._edits.get(storage.near, {}).get(key, {}).values())

    def update_other_end(
        self, storage: PairStorage, owner: Entity, member: Entity, *, is_member: bool
    ) -> None:
        """Let the other end follow a pair that the server has, or no longer has."""
        other = self._pairs.get(storage.far, {}).get(bare_key(member))
        if other is not None:
            other.apply_server_pair(owner, is_member=is_member)

    def record_members(
        self, storage: PairStorage, key: Any, members: Iterable[Any]
    ) -> None:
        """Remember that an owner's collection shows members that the server has."""
        shown = self._shown.setdefault(storage.near, {})
        for member in members:
            shown.setdefault(bare_key(member), set()).add(key)

    def collections_with(
        self, storage: PairStorage, key: Any
    ) -> list[TrackedList[Any]]:
        """Return the collections at the other end that may show an owner."""
        loaded = self._pairs.get(storage.far, {})
        owners = self._shown.get(storage.far, {}).get(key, ())
        return [loaded[owner] for owner in owners if owner in loaded]

    # -- commit and rollback ---------------------------------------------------------

    def mark_changed(self, collection: TrackedList[Any]) -> None:
        """Remember that a collection differs from the server's."""
        self._changed[id(collection)] = collection

    def snapshot_pairs(self) -> list[SentPair]:
        """Return the edits of pairs as they are sent now, each from both ends."""
        self._undone.clear()
        return [
            SentPair(end, near, far, edit)
            for end, owners in self._edits.items()
            for near, members in owners.items()
            for far, edit in members.items()
        ]

    def accept(self, sent: Iterable[SentPair]) -> None:
        """Make edits that the server has applied part of its members.

        Edits that were made since they were sent stay. It may be repeated.
        """
        self._moves.clear()
        for end, near, far, edit in sent:
            members = self._edits.setdefault(end, {}).setdefault(near, {})
            current = members.get(far)
            if edit.is_added:
                self._shown.setdefault(end, {}).setdefault(far, set()).add(near)
            if current is not None and current.is_added is edit.is_added:
                del members[far]
            elif current is None and (end, near, far) in self._undone:
                # Undone since: now it is the opposite of the server's.
                members[far] = PairEdit(edit.member, not edit.is_added, edit.via)
                self._undone.discard((end, near, far))
        for collection in tuple(self._changed.values()):
            collection.accept()
            if not collection.has_edits:
                del self._changed[id(collection)]

    def restore(self) -> None:
        """Put every collection back to the server's members and their order.

        The keys that members hold have been put back before.
        """
        self._moves.clear()
        self._edits.clear()
        self._undone.clear()
        for collection in tuple(self._changed.values()):
            collection.restore()
        self._changed.clear()

    def restore_owner(self, entity: Entity) -> None:
        """Undo the edits that were made through the collections of one entity.

        Edits that were made through the other end of a relation are not the entity's.
        """
        key = bare_key(entity)
        for value in tuple(vars(entity).values()):
            collection = self._changed.get(id(value))
            if collection is None:
                continue
            storage = collection._storage
            if not isinstance(storage, PairStorage):
                collection.restore()
                self._changed.pop(id(collection), None)
                continue
            for edit in self.pair_edits(storage, key):
                if edit.via is collection:
                    self.discard_pair_edit(storage.near, key, bare_key(edit.member))
                    self.update_other_end(
                        storage, entity, edit.member, is_member=not edit.is_added
                    )
            self._changed.pop(id(collection), None)
            collection.discard_transient_members()

    def unload_pairs(self, end: PairEnd, key: Any) -> None:
        """Unload the many-to-many collection of an owner's key."""
        collection = self._pairs.get(end, {}).get(key)
        if collection is not None:
            collection.is_loaded = False

    def unload_keys(self, root: str, values: Mapping[str, Any]) -> None:
        """Unload the collections that the values of a member may lead to.

        Args:
            root: the root of the member's type.
            values: its values by Python name.
        """
        for name, owners in tuple(self.remotes(root).items()):
            for collection in owners.get(values.get(name, NOT_LOADED), ()):
                collection.is_loaded = False

    def unload_members(self, entity: Entity) -> None:
        """Unload the collections that an entity is in, or that its keys lead to.

        Here and on the server, where the session has not committed a move.
        """
        type_info = type(entity).__ftrack__
        self.unload_keys(type_info.root, vars(entity))
        self.unload_keys(type_info.root, entity.__ftrack_state__.committed or EMPTY)
        for owners in self._pairs.values():
            for collection in owners.values():
                if collection._storage.root == type_info.root and any(
                    member is entity for member in collection
                ):
                    collection.is_loaded = False

    def clear(self) -> None:
        """Forget every collection and edit."""
        for remotes in self._reverse.values():
            remotes.clear()
        self._moves.clear()
        self._pairs.clear()
        self._shown.clear()
        self._unplaced.clear()
        self._edits.clear()
        self._undone.clear()
        self._changed.clear()
