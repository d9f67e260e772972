"""Setting attributes: values are checked first, then written as keys.

A link is written as its key, a collection as the keys of its members, a mapping as
the edits of its rows. Nothing is written when a check fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.frozen_values import frozen_part
from ftrack_orm.entity.mapped import METADATA, REMOVED, MappedValues
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.storage import PairStorage, ReverseStorage
from ftrack_orm.entity.targets import Target, require_session, target_of
from ftrack_orm.entity.tracking import (
    bare_key,
    hold,
    is_new,
    link_key,
    own_state,
    record,
    record_watched,
    start_relation_changes,
)
from ftrack_orm.entity.value_list import ValueList
from ftrack_orm.errors import (
    AttributeValueError,
    DetachedEntityError,
    NotLoadedError,
    ReadOnlyAttributeError,
)
from ftrack_orm.schema.kind import AttributeKind
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity

Write = Callable[[], object]
"""A write that is ready: its value was checked, and it cannot fail."""


def assign(entity: Entity, attribute: AttributeInfo, value: Any) -> None:
    """Check `value` and set it.

    Raises:
        AttributeValueError: the attribute cannot take it; nothing was changed.
        DetachedEntityError: the value belongs to another session.
        ReadOnlyAttributeError: only the server sets this relation.
    """
    prepare(entity, attribute, value)()


def prepare(entity: Entity, attribute: AttributeInfo, value: Any) -> Write:
    """Check `value` and return the write of it.

    Raises:
        AttributeValueError: the attribute cannot take it.
        DetachedEntityError: the value belongs to another session.
        ReadOnlyAttributeError: only the server sets this relation.
    """
    match attribute.kind:
        case AttributeKind.SCALAR:
            checked = attribute.validate(value)
            return lambda: _write_scalar(entity, attribute, checked)
        case AttributeKind.LINK:
            target = _checked_target(entity, attribute, value)
            return lambda: write_link(entity, attribute, target)
        case AttributeKind.COLLECTION:
            return _prepare_members(entity, attribute, value)
        case AttributeKind.MAPPED:
            return _prepare_rows(entity, attribute, value)


# -- scalars -----------------------------------------------------------------------


class _ScalarHolder:
    """Keeps the list that is the value of a scalar attribute of an entity."""

    __slots__ = ("_entity",)

    def __init__(self, entity: Entity) -> None:
        self._entity = entity

    def set_value(self, key: str, value: list[Any]) -> None:
        setattr(self._entity, key, value)


def shown_value(entity: Entity, name: str, value: Any) -> Any:
    """Return a value as an entity hands it out.

    A list records its changes; a mapping cannot be changed in place.
    """
    if type(value) is list:
        return ValueList(value, _ScalarHolder(entity), name)
    return frozen_part(value) if type(value) is dict else value


def _write_scalar(entity: Entity, attribute: AttributeInfo, value: Any) -> None:
    if attribute.is_watched:
        record_watched(entity, attribute, value)
        return
    shown = vars(entity).get(attribute.name)
    if type(shown) is ValueList and isinstance(value, list):
        _write_list(entity, attribute.name, shown, value)
    else:
        record(entity, attribute.name, shown_value(entity, attribute.name, value))


def _write_list(entity: Entity, name: str, shown: ValueList, value: list[Any]) -> None:
    """Record a list; the one that callers hold shows it, and stays the value."""
    vars(entity)[name] = list(shown)
    record(entity, name, list(value))
    shown.show(list(value))
    vars(entity)[name] = shown


# -- links -------------------------------------------------------------------------


def _checked_target(
    entity: Entity, attribute: AttributeInfo, value: Any
) -> Target | None:
    if value is None:
        if attribute.nullable:
            return None
        raise AttributeValueError(
            attribute.owner.name, attribute.name, value, f"a {attribute.target_type}"
        )
    target = target_of(attribute, value)
    require_session(entity, attribute, target)
    return target


def write_link(entity: Entity, attribute: AttributeInfo, target: Target | None) -> None:
    """Write a link as the key it leads to."""
    holders = attribute.link_storage.holders
    key = None if target is None else target.reference
    if not holders:
        record(entity, attribute.name, _held_or_reference(entity, target))
        return
    by_name = type(entity).__ftrack__.attributes
    parts: Sequence[Any] = (None,) * len(holders) if key is None else key.key
    held = None if target is None else target.entity
    for holder, part in zip(holders, parts, strict=True):
        record_watched(entity, by_name[holder], part, held)
    is_keyless = key is None and held is not None
    if held is not None and (is_keyless or len(holders) > 1):
        hold(entity, attribute, held)


def _held_or_reference(entity: Entity, target: Target | None) -> Any:
    if target is None:
        return None
    other = target.entity
    if other is not None and is_new(other):
        own_state(entity).has_related = True
    if other is not None and (entity.__ftrack_state__.owner is None or is_new(other)):
        return other
    return target.reference


# -- collections -------------------------------------------------------------------


def _prepare_members(entity: Entity, attribute: AttributeInfo, value: Any) -> Write:
    if isinstance(value, str | Mapping) or not hasattr(value, "__iter__"):
        raise AttributeValueError(
            attribute.owner.name,
            attribute.name,
            value,
            f"a list of {attribute.target_type}",
        )
    collection: TrackedList[Any] = getattr(entity, attribute.name)
    members = list(value)
    edit = MembersEdit(collection, members)
    return edit.write


class MembersEdit:
    """The replacement of a collection's members, checked before it is written."""

    def __init__(self, collection: TrackedList[Any], members: Iterable[Any]) -> None:
        """Check the members.

        Raises:
            AttributeValueError: a member of the wrong type, twice, or one that cannot
                be without this owner; nothing was changed.
        """
        require_writable(collection.owner, collection.attribute)
        self._collection = collection
        self._members = [member_of(collection, member) for member in members]
        before = {id(member) for member in collection}
        after = {id(member) for member in self._members}
        if len({bare_key(member) for member in self._members}) != len(self._members):
            raise AttributeValueError(
                collection.attribute.owner.name,
                collection.attribute.name,
                self._members,
                "each member at most once",
            )
        self._removed = [one for one in collection if id(one) not in after]
        self._added = [one for one in self._members if id(one) not in before]
        _require_removable(collection, self._removed)
        _require_movable(collection, self._added)

    def write(self) -> None:
        """Write the keys of the members that come and go; keep the order given."""
        for member in self._removed:
            remove_member(self._collection, member)
        for member in self._added:
            add_member(self._collection, member)
        self._collection.arrange(self._members)


def add_members(collection: TrackedList[Any], members: Iterable[Any]) -> None:
    """Add members at the end.

    Raises:
        AttributeValueError: a member of the wrong type, or one that is there already;
            nothing was changed.
    """
    owner, attribute = collection.owner, collection.attribute
    require_writable(owner, attribute)
    require_members(collection)
    added = [member_of(collection, member) for member in members]
    keys = {bare_key(member) for member in added}
    if len(keys) != len(added) or any(_is_member(collection, one) for one in added):
        raise AttributeValueError(
            attribute.owner.name, attribute.name, added, "each member at most once"
        )
    _require_movable(collection, added)
    for member in added:
        add_member(collection, member)


def remove_members(collection: TrackedList[Any], members: Iterable[Any]) -> None:
    """Take members out; the entities are not deleted.

    Raises:
        AttributeValueError: a member that cannot be without an owner; nothing was
            changed.
    """
    require_writable(collection.owner, collection.attribute)
    removed = list(members)
    _require_removable(collection, removed)
    for member in removed:
        remove_member(collection, member)


def require_members(collection: TrackedList[Any]) -> None:
    """Load the members where they are not known, as an edit needs them."""
    if not collection.is_loaded:
        getattr(collection.owner, collection.attribute.name)


def member_of(collection: TrackedList[Any], value: Any) -> Any:
    """Return the entity that `value` names as a member.

    In a session that is the session's one entity for the key.

    Raises:
        AttributeValueError, DetachedEntityError, EntityKeyError: it cannot be one.
    """
    owner, attribute = collection.owner, collection.attribute
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
    from ftrack_orm.entity.copies import bare

    return bare(attribute.owner.registry, target.reference)


def _is_member(collection: TrackedList[Any], member: Any) -> bool:
    if member.__ftrack_state__.owner is None or collection.owner_session is None:
        key = bare_key(member)
        return any(one is member or bare_key(one) == key for one in collection)
    return collection.holds(member)


def add_member(collection: TrackedList[Any], member: Any) -> None:
    """Write the keys that make an entity a member; the member was checked."""
    owner, storage = collection.owner, collection.storage
    session = owner.__ftrack_state__.owner
    if session is None:
        list.append(collection, member)
        is_free = member.__ftrack_state__.state is EntityState.TRANSIENT
        if is_free and owner.__ftrack_state__.state is EntityState.TRANSIENT:
            _write_remote(collection, member, owner)
        return
    if member.__ftrack_state__.owner is None:
        start_relation_changes(owner)
        _write_remote(collection, member, owner)
        collection.welcome(member)
        return
    if isinstance(storage, ReverseStorage):
        _write_remote(collection, member, owner)
        return
    start_relation_changes(owner)
    session.relations.edit_pair(collection, member, is_added=True)
    collection.enter(member)


def remove_member(collection: TrackedList[Any], member: Any) -> None:
    """Write the keys that make an entity no member any more."""
    owner, storage = collection.owner, collection.storage
    session = owner.__ftrack_state__.owner
    is_guest = member.__ftrack_state__.owner is None
    if session is None or is_guest:
        collection.dismiss(member)
        is_free = member.__ftrack_state__.state is EntityState.TRANSIENT
        if is_free and owner.__ftrack_state__.state is not EntityState.DETACHED:
            _write_remote(collection, member, None)
        return
    if isinstance(storage, ReverseStorage):
        _write_remote(collection, member, None)
        return
    start_relation_changes(owner)
    session.relations.edit_pair(collection, member, is_added=False)
    collection.leave(member)


def _write_remote(
    collection: TrackedList[Any], member: Entity, owner: Entity | None
) -> None:
    """Write the owner's key into a member, where its members hold one."""
    storage = collection.storage
    if not isinstance(storage, ReverseStorage):
        return
    by_name = type(member).__ftrack__.attributes
    key = None if owner is None else _single_key(owner)
    record_watched(member, by_name[storage.remote], key, owner)
    if owner is None:
        return
    for name, value in storage.filters.items():
        if vars(member).get(name, NOT_LOADED) != value and is_new(member):
            record_watched(member, by_name[name], value)
    kind = by_name.get("parent_type") if storage.remote == "parent_id" else None
    if kind is not None:
        # The key alone does not name the owner's table (protocol 3.5).
        record(member, kind.name, type(owner).__ftrack__.name)


def _single_key(owner: Entity) -> Any:
    return owner.reference.key[0]


def _remote_of(collection: TrackedList[Any], member: Any) -> AttributeInfo | None:
    storage = collection.storage
    if not isinstance(storage, ReverseStorage):
        return None
    remote: AttributeInfo = type(member).__ftrack__.attributes[storage.remote]
    return remote


def _require_removable(collection: TrackedList[Any], removed: Sequence[Any]) -> None:
    attribute = collection.attribute
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
    info = type(member).__ftrack__
    links = info.links_by_foreign_key.get(remote.name, ())
    return remote.nullable and all(link.nullable for link in links[:1])


def _require_movable(collection: TrackedList[Any], added: Sequence[Any]) -> None:
    for member in added:
        remote = _remote_of(collection, member)
        info = type(member).__ftrack__
        if remote is None or is_new(member):
            continue
        if remote.server_name in info.options.immutable or remote.read_only:
            raise ReadOnlyAttributeError(
                info.name, remote.name, "it is set once, when the entity is created"
            )


def require_writable(entity: Entity, attribute: AttributeInfo) -> None:
    """Raise unless clients may set the members of a collection.

    Raises:
        ReadOnlyAttributeError: the server works them out.
    """
    info = type(entity).__ftrack__
    immutable = attribute.server_name in info.options.immutable
    computed = attribute.server_name in (info.options.computed or ())
    storage = attribute.collection_storage
    derived = isinstance(storage, PairStorage) and storage.is_computed
    if attribute.restricted_projection or immutable or computed or derived:
        raise ReadOnlyAttributeError(
            info.name, attribute.name, "the server works it out, clients only read it"
        )


def adopt_members(entity: Entity) -> None:
    """Write the keys of the members that an entity had before it joined a session.

    Raises:
        DetachedEntityError: a member belongs to another session; nothing was changed.
    """
    session = entity.__ftrack_state__.owner
    collections = [one for one in vars(entity).values() if type(one) is TrackedList]
    for collection in collections:
        for member in collection:
            owner = member.__ftrack_state__.owner
            if owner is not None and owner is not session:
                raise DetachedEntityError(repr(member), f"add {entity!r}")
    for collection in collections:
        members = [member_of(collection, member) for member in collection]
        list.clear(collection)
        if session is not None:
            session.relations.register(collection, bare_key(entity))
        for member in members:
            add_member(collection, member)
        collection.accept()


# -- mapped attributes -------------------------------------------------------------


def _prepare_rows(entity: Entity, attribute: AttributeInfo, value: Any) -> Write:
    if not isinstance(value, Mapping):
        raise AttributeValueError(
            attribute.owner.name, attribute.name, value, "a mapping"
        )
    rows: MappedValues[Any] = getattr(entity, attribute.name)
    edits = _checked_rows(entity, attribute, rows, rows.replacing(value))
    return lambda: _write_rows(entity, rows, edits)


def edit_rows(
    entity: Entity,
    attribute: AttributeInfo,
    rows: MappedValues[Any],
    edits: Mapping[Any, Any],
) -> None:
    """Record edits of rows by key; `REMOVED` for rows that go.

    Raises:
        AttributeValueError: a key or value that the rows cannot hold; nothing was
            changed.
    """
    _write_rows(entity, rows, _checked_rows(entity, attribute, rows, edits))


def _write_rows(
    entity: Entity, rows: MappedValues[Any], edits: Mapping[str, Any]
) -> None:
    start_relation_changes(entity)
    state = entity.__ftrack_state__
    before = dict(rows.edits)
    rows.edit(edits)
    is_pending = state.owner is not None and state.state is EntityState.PENDING
    if is_pending and rows.target != METADATA and state.owner is not None:
        try:
            state.owner.configure(entity)
        except BaseException:
            rows.reset(before)
            raise


def _checked_rows(
    entity: Entity,
    attribute: AttributeInfo,
    rows: MappedValues[Any],
    given: Mapping[Any, Any],
) -> dict[str, Any]:
    edits = {rows.row_name(key): value for key, value in given.items()}
    for key in edits:
        if type(key) is not str or not key:
            raise AttributeValueError(
                type(entity).__ftrack__.name, attribute.name, key, "a text key"
            )
    if attribute.target == METADATA:
        return _checked_metadata(entity, attribute, edits)
    from ftrack_orm.entity.custom_attributes import checked_values

    return checked_values(entity, attribute, rows, edits)


def _checked_metadata(
    entity: Entity, attribute: AttributeInfo, edits: Mapping[str, Any]
) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for key, value in edits.items():
        if value is not REMOVED and not isinstance(value, str):
            raise AttributeValueError(
                type(entity).__ftrack__.name,
                f"{attribute.name}[{key!r}]",
                value,
                "text",
            )
        checked[key] = value if value is REMOVED else str.__str__(value)
    return checked


# -- values without a server -------------------------------------------------------


def initial_value(entity: Entity, attribute: AttributeInfo) -> Any:
    """Return what an attribute of a new entity reads as before it is set.

    Raises:
        NotLoadedError: only the server knows; it fills the value at commit.
    """
    match attribute.kind:
        case AttributeKind.COLLECTION:
            collection: TrackedList[Any] = TrackedList.of(entity, attribute)
            vars(entity)[attribute.name] = collection
            session = entity.__ftrack_state__.owner
            if session is not None:
                session.relations.register(collection, bare_key(entity))
                collection.store([])
            return collection
        case AttributeKind.MAPPED:
            rows: MappedValues[Any] = MappedValues(entity, attribute, {})
            vars(entity)[attribute.name] = rows
            return rows
        case AttributeKind.LINK:
            return _initial_link(entity, attribute)
        case AttributeKind.SCALAR:
            if attribute.nullable:
                return None
            if attribute.has_default and attribute.default != "{uid}":
                return attribute.default
            raise _unknown_yet(entity, attribute)


def _initial_link(entity: Entity, attribute: AttributeInfo) -> Any:
    key = link_key(entity, attribute)
    if key is None or key is NOT_LOADED:
        if attribute.nullable:
            return None
        raise _unknown_yet(entity, attribute)
    raise NotLoadedError(
        repr(entity),
        attribute.name,
        f"It leads to {attribute.target_type} {key}: add the entity to a session, "
        "which can load it.",
    )


def _unknown_yet(entity: Entity, attribute: AttributeInfo) -> NotLoadedError:
    return NotLoadedError(
        repr(entity),
        attribute.name,
        "The entity is new: set the attribute, or commit and the server fills it.",
    )
