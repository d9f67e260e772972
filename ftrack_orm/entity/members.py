"""Edit the members of collections: an edit writes the keys of the members."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.relation_storage import PairStorage, ReverseStorage
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.targets import require_session, target_of
from ftrack_orm.entity.tracking import (
    bare_key,
    is_new,
    record,
    record_watched,
    start_relation_changes,
)
from ftrack_orm.errors.entity import AttributeValueError, ReadOnlyAttributeError
from ftrack_orm.errors.session import DetachedEntityError
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity


class MembersEdit:
    """A checked replacement of a collection's members."""

    def __init__(self, collection: TrackedList[Any], members: Iterable[Any]) -> None:
        """Check the members.

        Raises:
            AttributeValueError: a member has the wrong type or occurs twice, or a
                removed member requires an owner; nothing was changed.
            ReadOnlyAttributeError: the collection is read-only, or the owner of a
                member cannot change.
        """
        require_writable(collection.owner, collection._attribute)
        self._collection = collection
        self._members = [member_of(collection, member) for member in members]
        before = {id(member) for member in collection}
        after = {id(member) for member in self._members}
        if len({bare_key(member) for member in self._members}) != len(self._members):
            raise AttributeValueError(
                collection._attribute.owner.name,
                collection._attribute.name,
                self._members,
                "each member at most once",
            )
        self._removed = [member for member in collection if id(member) not in after]
        self._added = [member for member in self._members if id(member) not in before]
        _require_removable(collection, self._removed)
        _require_movable(collection, self._added)

    def write(self) -> None:
        """Write the keys of removed and added members, then sort the collection."""
        for member in self._removed:
            remove_member(self._collection, member)
        for member in self._added:
            add_member(self._collection, member)
        self._collection.sort_like(self._members)


def add_members(collection: TrackedList[Any], members: Iterable[Any]) -> None:
    """Add members at the end.

    Raises:
        AttributeValueError: a member has the wrong type or is in the collection
            already; nothing was changed.
    """
    owner, attribute = collection.owner, collection._attribute
    require_writable(owner, attribute)
    require_members(collection)
    added = [member_of(collection, member) for member in members]
    keys = {bare_key(member) for member in added}
    is_repeated = len(keys) != len(added)
    if is_repeated or any(_is_member(collection, member) for member in added):
        raise AttributeValueError(
            attribute.owner.name, attribute.name, added, "each member at most once"
        )
    _require_movable(collection, added)
    for member in added:
        add_member(collection, member)


def remove_members(collection: TrackedList[Any], members: Iterable[Any]) -> None:
    """Remove members from the collection; the entities are not deleted.

    Raises:
        AttributeValueError: a member requires an owner; nothing was changed.
    """
    require_writable(collection.owner, collection._attribute)
    removed = list(members)
    _require_removable(collection, removed)
    for member in removed:
        remove_member(collection, member)


def require_members(collection: TrackedList[Any]) -> None:
    """Load the members unless they are loaded."""
    if not collection.is_loaded:
        getattr(collection.owner, collection._attribute.name)


def member_of(collection: TrackedList[Any], value: Any) -> Any:
    """Return the entity for an entity or reference that is assigned as a member.

    In a session it is the entity of the identity map.

    Raises:
        AttributeValueError: the value has the wrong type.
        DetachedEntityError: the entity belongs to another session.
        EntityKeyError: the key is not complete.
    """
    owner, attribute = collection.owner, collection._attribute
    target = target_of(attribute, value)
    require_session(owner, attribute, target)
    session = owner.__ftrack_state__.owner
    entity = target.entity
    if entity is not None:
        state = entity.__ftrack_state__
        if session is None or state.owner is session:
            return entity
        if state.state is EntityState.TRANSIENT:
            table = owner.__ftrack_state__.tables.get(target.type_info.root, {})
            return table.get(bare_key(entity), entity)
    if target.reference is None:
        return entity
    if session is not None:
        return session.entity_for(target.reference)
    from ftrack_orm.entity.copies import bare_entity

    return bare_entity(attribute.owner.registry, target.reference)


def _is_member(collection: TrackedList[Any], member: Any) -> bool:
    if collection._owner_session is None:
        return collection._member_index.has_key(bare_key(member), collection)
    if member.__ftrack_state__.owner is not None:
        return collection.holds(member)
    # A transient entity is compared with other transient ones only: `member_of` returns
    # the entity of the session if there is one with the same key.
    return collection.has_transient(member)


def add_member(collection: TrackedList[Any], member: Any) -> None:
    """Write the keys that make a checked entity a member."""
    owner, storage = collection.owner, collection._storage
    session = owner.__ftrack_state__.owner
    if session is None:
        collection.put(member)
        is_free = member.__ftrack_state__.state is EntityState.TRANSIENT
        if is_free and owner.__ftrack_state__.state is EntityState.TRANSIENT:
            _write_remote(collection, member, owner)
        return
    if member.__ftrack_state__.owner is None:
        start_relation_changes(owner)
        _write_remote(collection, member, owner)
        collection.add_transient(member)
        return
    if isinstance(storage, ReverseStorage):
        _write_remote(collection, member, owner)
        return
    start_relation_changes(owner)
    session.relations.edit_pair(collection, member, is_added=True)
    collection.include(member)


def remove_member(collection: TrackedList[Any], member: Any) -> None:
    """Remove the keys that make an entity a member."""
    owner, storage = collection.owner, collection._storage
    session = owner.__ftrack_state__.owner
    is_transient = member.__ftrack_state__.owner is None
    if session is None or is_transient:
        collection.remove_object(member)
        is_free = member.__ftrack_state__.state is EntityState.TRANSIENT
        if is_free and owner.__ftrack_state__.state is not EntityState.DETACHED:
            _write_remote(collection, member, None)
        return
    if isinstance(storage, ReverseStorage):
        _write_remote(collection, member, None)
        return
    start_relation_changes(owner)
    session.relations.edit_pair(collection, member, is_added=False)
    collection.exclude(member)


def _write_remote(
    collection: TrackedList[Any], member: Entity, owner: Entity | None
) -> None:
    """Set the foreign key of a member to the owner; pair storage has none."""
    storage = collection._storage
    if not isinstance(storage, ReverseStorage):
        return
    by_name = type(member).__ftrack__.attributes
    key = None if owner is None else _key_value(owner)
    record_watched(member, by_name[storage.remote], key, owner)
    if owner is None:
        return
    for name, value in storage.filters.items():
        if vars(member).get(name, NOT_LOADED) != value and is_new(member):
            record_watched(member, by_name[name], value)
    owner_type = by_name.get("parent_type") if storage.remote == "parent_id" else None
    if owner_type is not None:
        # The key alone does not determine the owner's table (protocol 3.5).
        record(member, owner_type.name, type(owner).__ftrack__.name)


def _key_value(owner: Entity) -> Any:
    return owner.reference.key[0]


def _remote_of(collection: TrackedList[Any], member: Any) -> AttributeInfo | None:
    storage = collection._storage
    if not isinstance(storage, ReverseStorage):
        return None
    remote: AttributeInfo = type(member).__ftrack__.attributes[storage.remote]
    return remote


def _require_removable(collection: TrackedList[Any], removed: Sequence[Any]) -> None:
    attribute = collection._attribute
    for member in removed:
        remote = _remote_of(collection, member)
        if remote is None or _may_be_none(member, remote):
            continue
        raise AttributeValueError(
            attribute.owner.name,
            attribute.name,
            member,
            f"every current member to stay, as {remote.owner.name}.{remote.name} "
            "cannot be None; delete the member, or give it another owner",
        )


def _may_be_none(member: Any, remote: AttributeInfo) -> bool:
    if member.__ftrack_state__.state is EntityState.TRANSIENT:
        return True
    type_info = type(member).__ftrack__
    links = type_info.links_by_foreign_key.get(remote.name, ())
    return remote.nullable and all(link.nullable for link in links[:1])


def _require_movable(collection: TrackedList[Any], added: Sequence[Any]) -> None:
    for member in added:
        remote = _remote_of(collection, member)
        type_info = type(member).__ftrack__
        if remote is None or is_new(member):
            continue
        if remote.server_name in type_info.all_options.immutable or remote.read_only:
            raise ReadOnlyAttributeError(
                type_info.name,
                remote.name,
                "it is set once, when the entity is created",
            )


def require_writable(entity: Entity, attribute: AttributeInfo) -> None:
    """Raise unless clients may set the members of a collection.

    Raises:
        ReadOnlyAttributeError: the server computes the members.
    """
    type_info = type(entity).__ftrack__
    immutable = attribute.server_name in type_info.all_options.immutable
    computed = attribute.server_name in (type_info.all_options.computed or ())
    storage = attribute.collection_storage
    derived = isinstance(storage, PairStorage) and storage.is_computed
    if attribute.restricted_projection or immutable or computed or derived:
        raise ReadOnlyAttributeError(
            type_info.name,
            attribute.name,
            "the server computes it, clients only read it",
        )


def adopt_members(entity: Entity) -> None:
    """Write the keys of the members that were added before the entity had a session.

    Raises:
        DetachedEntityError: a member belongs to another session; nothing was changed.
    """
    session = entity.__ftrack_state__.owner
    collections = [
        value for value in vars(entity).values() if type(value) is TrackedList
    ]
    for collection in collections:
        for member in collection:
            owner = member.__ftrack_state__.owner
            if owner is not None and owner is not session:
                raise DetachedEntityError(repr(member), f"add {entity!r}")
    for collection in collections:
        members = [member_of(collection, member) for member in collection]
        collection.set_all([])
        if session is not None:
            session.relations.register(collection, bare_key(entity))
        for member in members:
            add_member(collection, member)
        collection.accept()
