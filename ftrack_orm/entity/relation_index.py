"""The index of loaded collections by key, and of the session's edits of relations.

The members of a collection follow from keys: the foreign keys of the members, or pairs
of an owner's and a member's key. The index finds the collections that a changed key
concerns without a search. It stores the edits too, so that they can be applied to a
collection that is loaded later.
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
        is_added: whether the member was added.
        via: the edited collection; the update of its owner sends the edit.
    """

    member: Entity
    is_added: bool
    via: TrackedList[Any]


class SentPair(NamedTuple):
    """An edit of a pair that was sent, as seen from one end.

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
        # Collections by root type of the members, their foreign key, and its value.
        self._reverse: dict[str, dict[str, dict[Any, list[TrackedList[Any]]]]] = {}
        self._moves: dict[tuple[str, str], dict[Any, dict[int, Entity]]] = {}
        self._pairs: dict[PairEnd, dict[Any, TrackedList[Any]]] = {}
        self._edits: dict[PairEnd, dict[Any, dict[Any, PairEdit]]] = {}
        self._changed: dict[int, TrackedList[Any]] = {}
        # Keys of the owners whose many-to-many collections have had a member, by the
        # member's key.
        self._owners: dict[PairEnd, dict[Any, set[Any]]] = {}
        self._unplaced = UnplacedMembers()
        # Edits that were undone after the last batch was sent.
        self._undone: set[tuple[PairEnd, Any, Any]] = set()

    @property
    def has_moves(self) -> bool:
        """Return whether the session has edited a key since its last commit."""
        return bool(self._moves)

    # -- loaded collections ----------------------------------------------------------

    def register(self, collection: TrackedList[Any], key: Any) -> None:
        """Register a collection whose owner has the bare key `key`."""
        storage = collection._storage
        if isinstance(storage, PairStorage):
            self._pairs.setdefault(storage.near, {})[key] = collection
            return
        owners = self.remotes(storage.root).setdefault(storage.remote, {})
        if not owners:
            table = collection.owner.__ftrack_state__.tables.get(storage.root, EMPTY)
            self._unplaced.track(storage.root, storage.remote, table)
        collections = owners.setdefault(key, [])
        if not any(registered is collection for registered in collections):
            collections.append(collection)

    def unregister(self, collection: TrackedList[Any], key: Any) -> None:
        """Remove a collection from the index."""
        storage = collection._storage
        self._changed.pop(id(collection), None)
        if isinstance(storage, PairStorage):
            self._pairs.get(storage.near, {}).pop(key, None)
            return
        owners = self.remotes(storage.root).get(storage.remote, {})
        remaining = [other for other in owners.get(key, ()) if other is not collection]
        if remaining:
            owners[key] = remaining
        else:
            owners.pop(key, None)
            for member in collection:
                self._unplaced.add(storage.root, storage.remote, key, member)

    def entities_with_key(self, storage: ReverseStorage, key: Any) -> list[Entity]:
        """Return the indexed entities whose foreign key is an owner's key."""
        owners = self.remotes(storage.root).get(storage.remote, {})
        unplaced_members = self._unplaced.with_key(storage.root, storage.remote, key)
        return [
            *unplaced_members,
            *(member for members in owners.get(key, ()) for member in members),
        ]

    def add_loaded(self, entity: Entity) -> None:
        """Add a loaded entity that is new in memory to the collections of its keys."""
        root, values = type(entity).__ftrack__.root, vars(entity)
        for name, owners in self.remotes(root).items():
            key = values.get(name, NOT_LOADED)
            collections = owners.get(key)
            if collections is None:
                self._unplaced.add(root, name, key, entity)
                continue
            for collection in collections:
                if not collection._member_index.has(entity):
                    collection.include(entity)

    def remotes(self, root: str) -> dict[str, dict[Any, list[TrackedList[Any]]]]:
        """Return the loaded collections whose members have a root type.

        The keys are the foreign key of the members and its value. It is always the same
        dictionary, because the row loader stores it.
        """
        return self._reverse.setdefault(root, {})

    # -- changed foreign keys --------------------------------------------------------

    def apply_key_change(self, entity: Entity, name: str, old: Any, new: Any) -> None:
        """Update collections after the change of a watched attribute.

        Args:
            entity: the entity, with the new value.
            name: Python name of the attribute.
            old: the former value, `NOT_LOADED` if it was not loaded.
            new: the new value.
        """
        remotes = self._reverse.get(type(entity).__ftrack__.root)
        if not remotes or old == new:
            return
        owners = remotes.get(name)
        if owners is not None:
            for collection in owners.get(old, ()):
                collection.exclude(entity)
            root = type(entity).__ftrack__.root
            self._unplaced.remove_key(root, name, old, entity)
            if new not in owners:
                self._unplaced.add(root, name, new, entity)
            for collection in owners.get(new, ()):
                collection.include(entity)
        elif (type(entity).__ftrack__.name, name) in MEMBERSHIP_ATTRIBUTES:
            for collection in self._collections_of(entity, remotes):
                collection.update_membership(entity)

    def _collections_of(
        self, entity: Entity, remotes: dict[str, dict[Any, list[TrackedList[Any]]]]
    ) -> Iterator[TrackedList[Any]]:
        """Yield the loaded collections that the foreign keys of an entity lead to."""
        values = vars(entity)
        for name, owners in tuple(remotes.items()):
            yield from tuple(owners.get(values.get(name, NOT_LOADED), ()))

    def record_move(self, entity: Entity, name: str, new: Any) -> None:
        """Record an edit of a foreign key for collections that are loaded later."""
        if new is not None:
            root = type(entity).__ftrack__.root
            by_key = self._moves.setdefault((root, name), {})
            by_key.setdefault(new, {})[id(entity)] = entity

    def forget_moves(self, entities: Iterable[Entity]) -> None:
        """Forget the recorded edits of the foreign keys of entities."""
        identities = {id(entity) for entity in entities}
        for by_key in self._moves.values():
            for key, members in tuple(by_key.items()):
                for identity in members.keys() & identities:
                    del members[identity]
                if not members:
                    del by_key[key]

    def moves_to(self, storage: ReverseStorage, key: Any) -> Iterator[Entity]:
        """Yield the entities that uncommitted edits have moved to an owner's key."""
        by_key = self._moves.get((storage.root, storage.remote), {})
        for entity in tuple(by_key.get(key, {}).values()):
            state = entity.__ftrack_state__
            if state.owner is not None and vars(entity).get(storage.remote) == key:
                yield entity

    # -- entities that enter or leave the session ------------------------------------

    def add_entity(self, entity: Entity) -> None:
        """Add a new entity of the session to the collections of its keys."""
        remotes = self._reverse.get(type(entity).__ftrack__.root, {})
        for collection in self._collections_of(entity, remotes):
            collection.include(entity)
        for attribute in type(entity).__ftrack__.attributes.values():
            if attribute.is_watched:
                self.record_move(
                    entity, attribute.name, vars(entity).get(attribute.name)
                )

    def remove_entity(self, entity: Entity, *, stays: bool = False) -> None:
        """Remove an entity from all collections of the session.

        Args:
            entity: the entity.
            stays: whether the entity still exists on the server, so that many-to-many
                collections with edits still send it as a member.
        """
        type_info = type(entity).__ftrack__
        remotes = self._reverse.get(type_info.root, {})
        for collection in self._collections_of(entity, remotes):
            collection.exclude(entity)
        self._unplaced.remove(type_info.root, entity)
        for end in tuple(self._pairs):
            for collection in tuple(self._pairs[end].values()):
                if collection._storage.root == type_info.root:
                    collection.exclude(entity)
                    if not stays:
                        collection.discard_committed(entity)
        self._discard_edits_of(entity, stays=stays)

    def _discard_edits_of(self, entity: Entity, *, stays: bool) -> None:
        """Discard the edited pairs of an entity; unload those of one that stays."""
        root, key = type(entity).__ftrack__.root, bare_key(entity)
        for end, owners in tuple(self._edits.items()):
            for edit in tuple(owners.get(key, {}).values()):
                if edit.via._storage.root == root or edit.via.owner is entity:
                    far = bare_key(edit.member)
                    self.discard_pair_edit(end, key, far)
                    if stays:
                        through, owner, member = end
                        self.unload_pairs((through, member, owner), far)

    def rekey(self, entity: Entity, old: Any) -> None:
        """Register the collections of a new entity under its changed key."""
        for value in tuple(vars(entity).values()):
            if getattr(value, "_storage", None) is not None:
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
        """Discard an edit of a pair at both ends; the collections do not change."""
        through, owner, member = end
        self._edits.get(end, {}).get(near, {}).pop(far, None)
        back = self._edits.get((through, member, owner), {})
        back.get(far, {}).pop(near, None)

    def pair_edits(self, storage: PairStorage, key: Any) -> Iterable[PairEdit]:
        """Return the edits of an owner's many-to-many collection."""
        return tuple(self._edits.get(storage.near, {}).get(key, {}).values())

    def update_other_end(
        self, storage: PairStorage, owner: Entity, member: Entity, *, is_member: bool
    ) -> None:
        """Add the owner to, or remove it from, the loaded collection of a member."""
        other = self._pairs.get(storage.far, {}).get(bare_key(member))
        if other is not None:
            other.apply_server_pair(owner, is_member=is_member)

    def store_pairs(
        self,
        storage: PairStorage,
        owner: Entity,
        members: Iterable[Any],
        before: Iterable[Any],
    ) -> None:
        """Apply loaded pairs to the loaded collections at the other end.

        Args:
            storage: the storage of the loaded collection.
            owner: its owner.
            members: the loaded members.
            before: the members before the load.
        """
        key = bare_key(owner)
        edited = {id(edit.member) for edit in self.pair_edits(storage, key)}
        before_ids = {id(member) for member in before}
        for member in members:
            if id(member) not in before_ids and id(member) not in edited:
                self.update_other_end(storage, owner, member, is_member=True)
        present = {id(member) for member in members}
        for other in self._collections_with(storage, key):
            if id(other.owner) not in present and id(other.owner) not in edited:
                other.apply_server_pair(owner, is_member=False)
        owners = self._owners.setdefault(storage.near, {})
        for member in members:
            owners.setdefault(bare_key(member), set()).add(key)

    def _collections_with(
        self, storage: PairStorage, key: Any
    ) -> list[TrackedList[Any]]:
        """Return the loaded collections at the other end that may contain an owner."""
        collections = self._pairs.get(storage.far, {})
        owners = self._owners.get(storage.far, {}).get(key, ())
        return [collections[owner] for owner in owners if owner in collections]

    # -- commit and rollback ---------------------------------------------------------

    def mark_changed(self, collection: TrackedList[Any]) -> None:
        """Record that a collection differs from its committed members."""
        self._changed[id(collection)] = collection

    def snapshot_pairs(self) -> list[SentPair]:
        """Return the current edits of pairs, each as seen from both ends."""
        self._undone.clear()
        return [
            SentPair(end, near, far, edit)
            for end, owners in self._edits.items()
            for near, members in owners.items()
            for far, edit in members.items()
        ]

    def accept(self, pairs: Iterable[SentPair]) -> None:
        """Accept edits that the server has applied.

        Edits recorded after the batch was sent stay. A repeated call changes nothing.
        """
        self._moves.clear()
        for end, near, far, edit in pairs:
            members = self._edits.setdefault(end, {}).setdefault(near, {})
            current = members.get(far)
            if edit.is_added:
                self._owners.setdefault(end, {}).setdefault(far, set()).add(near)
            if current is not None and current.is_added is edit.is_added:
                del members[far]
            elif current is None and (end, near, far) in self._undone:
                # The edit was undone after it was sent: the undo is now an edit.
                members[far] = PairEdit(edit.member, not edit.is_added, edit.via)
                self._undone.discard((end, near, far))
        for collection in tuple(self._changed.values()):
            collection.accept()
            if not collection.has_edits:
                del self._changed[id(collection)]

    def restore(self) -> None:
        """Restore the committed members of all collections and their order.

        The foreign keys of the members must be restored before.
        """
        self._moves.clear()
        self._edits.clear()
        self._undone.clear()
        for collection in tuple(self._changed.values()):
            collection.restore()
        self._changed.clear()

    def restore_owner(self, entity: Entity) -> None:
        """Undo the edits of the collections of one entity.

        Edits through the collection at the other end belong to the other entity and
        stay.
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
        """Unload the collections that the foreign keys of a member lead to.

        Args:
            root: the root type of the member.
            values: the member's values by Python name.
        """
        for name, owners in tuple(self.remotes(root).items()):
            for collection in owners.get(values.get(name, NOT_LOADED), ()):
                collection.is_loaded = False

    def unload_members(self, entity: Entity) -> None:
        """Unload the collections that contain an entity or that its keys lead to.

        Both its current and its committed keys count.
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
        """Remove all collections and edits."""
        for remotes in self._reverse.values():
            remotes.clear()
        self._moves.clear()
        self._pairs.clear()
        self._owners.clear()
        self._unplaced.clear()
        self._edits.clear()
        self._undone.clear()
        self._changed.clear()
