"""Setting relations: a link, its foreign key and both of its ends always agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.instance import key_of, record, record_content
from ftrack_orm.entity.mapped import METADATA, MappedValues
from ftrack_orm.entity.state import EntityState
from ftrack_orm.errors import (
    AttributeValueError,
    DetachedEntityError,
    NotLoadedError,
    ReadOnlyAttributeError,
)
from ftrack_orm.schema.kind import AttributeKind
from ftrack_orm.schema.names import python_name
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.entity.type_info import TypeInfo

_NEW = (EntityState.TRANSIENT, EntityState.PENDING)


def assign(entity: Entity, info: AttributeInfo, value: Any) -> None:
    """Check `value` and set it, with everything that has to agree with it.

    Raises:
        AttributeValueError: the attribute cannot take it; nothing was changed.
        DetachedEntityError: the value belongs to another session.
        ReadOnlyAttributeError: only the server sets this relation.
    """
    match info.kind:
        case AttributeKind.SCALAR:
            _assign_scalar(entity, info, info.validate(value))
        case AttributeKind.LINK:
            _assign_link(entity, info, _checked_target(entity, info, value))
        case AttributeKind.COLLECTION:
            _assign_members(entity, info, value)
        case AttributeKind.MAPPED:
            _assign_rows(entity, info, value)


# -- scalars and their links -----------------------------------------------------


def _assign_scalar(entity: Entity, info: AttributeInfo, value: Any) -> None:
    if info.format != "foreign_key":
        record(entity, info.name, value)
        return
    links = type(entity).__ftrack__.links_by_foreign_key.get(info.name, ())
    before = [_linked(entity, link) for link in links]
    record(entity, info.name, value)
    owner = entity.__ftrack_state__.owner
    for link, previous in zip(links, before, strict=True):
        current = vars(entity).get(link.name)
        if current is not None and key_of(current) == (value,):
            continue
        known = None
        if value is not None and owner is not None:
            known = owner.find(str(link.target), (value,))
        found = known if known is not None or value is None else NOT_LOADED
        _set_link(entity, link, previous, found)


def _linked(entity: Entity, link: AttributeInfo) -> Any:
    """Return where `link` leads, found by its foreign key if only that is loaded."""
    target = vars(entity).get(link.name, NOT_LOADED)
    if target is not NOT_LOADED or link.foreign_key is None:
        return target
    key = vars(entity).get(python_name(link.foreign_key))
    owner = entity.__ftrack_state__.owner
    known = None
    if key is not None and owner is not None:
        known = owner.find(str(link.target), (key,))
    return NOT_LOADED if known is None else known


def _set_link(entity: Entity, link: AttributeInfo, previous: Any, target: Any) -> None:
    if target is NOT_LOADED and previous is NOT_LOADED:
        return
    record(entity, link.name, target)
    _follow(entity, link, previous, target)


# -- links -----------------------------------------------------------------------


def _checked_target(entity: Entity, info: AttributeInfo, value: Any) -> Any:
    target: Any = value
    if isinstance(value, Mapping) and "__entity_type__" in value:
        target = stub_of(entity, value)
    expected = f"a {info.target}" + (" or None" if info.nullable else "")
    if value is None:
        if info.nullable:
            return None
        raise AttributeValueError(info.owner.name, info.name, value, expected)
    facts = getattr(type(target), "__ftrack__", None)
    if facts is None or not facts.is_kind_of(str(info.target)):
        raise AttributeValueError(info.owner.name, info.name, value, expected)
    _require_same_session(entity, info, target)
    return target


def _require_same_session(entity: Entity, info: AttributeInfo, value: Entity) -> None:
    mine, theirs = entity.__ftrack_state__.owner, value.__ftrack_state__.owner
    if mine is not None and theirs is not None and mine is not theirs:
        raise DetachedEntityError(repr(value), f"set {info.owner.name}.{info.name}")


def _assign_link(entity: Entity, info: AttributeInfo, target: Any) -> None:
    previous = _linked(entity, info)
    record(entity, info.name, target)
    if info.foreign_key is not None:
        holder = python_name(info.foreign_key)
        _record_foreign_key(entity, holder, previous, target)
        for twin in type(entity).__ftrack__.links_by_foreign_key.get(holder, ()):
            if twin.name != info.name and twin.name in vars(entity):
                record(entity, twin.name, NOT_LOADED)
    _follow(entity, info, previous, target)


def _record_foreign_key(
    entity: Entity, holder: str, previous: Any, target: Any
) -> None:
    key = None if target is None else key_of(target)
    value = key[0] if key else None
    loaded = holder in vars(entity)
    record(entity, holder, value)
    if not loaded and previous is not NOT_LOADED:
        # The key was not loaded, but the link was: it says what was committed.
        committed = entity.__ftrack_state__.committed
        old = None if previous is None else key_of(previous)
        if committed is not None and committed.get(holder) is NOT_LOADED:
            committed[holder] = old[0] if old else None


def _follow(entity: Entity, link: AttributeInfo, previous: Any, target: Any) -> None:
    """Let the collections at the other end know, where they are loaded."""
    if previous is target or link.inverse is None:
        return
    name = python_name(link.inverse[1])
    for end, is_member in ((previous, False), (target, True)):
        members = getattr(end, "__dict__", {}).get(name)
        if not isinstance(members, TrackedList) or (entity in members) is is_member:
            continue
        record_content(end, name, list(members))
        if is_member:
            list.append(members, entity)
        else:
            list.remove(members, entity)


def enter_collections(entity: Entity) -> None:
    """Put `entity` into the loaded collections of what it links to."""
    for link, target in _loaded_links(entity):
        _follow(entity, link, NOT_LOADED, target)


def leave_collections(entity: Entity) -> None:
    """Take `entity` out of the loaded collections of what it links to."""
    for link, target in _loaded_links(entity):
        name = python_name(link.inverse[1])
        committed = target.__ftrack_state__.committed or {}
        for found in (vars(target).get(name), committed.get(name)):
            if isinstance(found, list) and entity in found:
                list.remove(found, entity)


def _loaded_links(entity: Entity) -> Iterator[tuple[Any, Entity]]:
    for link in type(entity).__ftrack__.attributes.values():
        if link.kind is AttributeKind.LINK and link.inverse is not None:
            target = _linked(entity, link)
            if target is not None and target is not NOT_LOADED:
                yield link, target


# -- collections -----------------------------------------------------------------


def _assign_members(entity: Entity, info: AttributeInfo, value: Any) -> None:
    if isinstance(value, str | Mapping) or not hasattr(value, "__iter__"):
        raise AttributeValueError(
            info.owner.name, info.name, value, f"a list of {info.target}"
        )
    members = [
        stub_of(entity, member) if isinstance(member, Mapping) else member
        for member in value
    ]
    current = vars(entity).get(info.name)
    if current is None:
        current = getattr(entity, info.name)
    replace_members(entity, info, current, members)


def replace_members(
    entity: Entity, info: AttributeInfo, current: list[Any], members: list[Any]
) -> None:
    """Make `members` the content of the collection `current`, in place.

    Raises:
        AttributeValueError: a member of the wrong type, twice, or one that cannot be
            without this owner; nothing was changed.
    """
    _require_writable(entity, info)
    for member in members:
        _checked_member(entity, info, member)
    if len(set(map(id, members))) != len(members):
        raise AttributeValueError(
            info.owner.name, info.name, members, "each member at most once"
        )
    removed = [member for member in current if member not in members]
    added = [member for member in members if member not in current]
    link = _other_end(info, members or current)
    if link is not None and removed and not link.nullable:
        raise AttributeValueError(
            info.owner.name,
            info.name,
            members,
            f"every current member to stay, as {link.owner.name}.{link.name} cannot "
            "be None; delete the member, or give it another owner",
        )
    record_content(entity, info.name, list(current))
    if link is not None:
        for member in removed:
            _assign_link(member, link, None)
        for member in added:
            _assign_link(member, link, entity)
    list.__setitem__(current, slice(None), members)


def _other_end(info: AttributeInfo, members: list[Any]) -> AttributeInfo | None:
    """Return the members' link that is the other end of the collection."""
    if info.inverse is None or not members:
        return None
    facts: TypeInfo = type(members[0]).__ftrack__
    return facts.by_server_name.get(info.inverse[1])


def _checked_member(entity: Entity, info: AttributeInfo, member: Any) -> None:
    facts = getattr(type(member), "__ftrack__", None)
    if facts is None or not facts.is_kind_of(_member_type(info)):
        raise AttributeValueError(
            info.owner.name, info.name, member, f"a list of {info.target}"
        )
    _require_same_session(entity, info, member)


def _member_type(info: AttributeInfo) -> str:
    registry = info.owner.registry
    if registry is None:
        return str(info.target)
    return registry.relations.of(info.owner.name, info.server_name).target


def _require_writable(entity: Entity, info: AttributeInfo) -> None:
    from ftrack_orm.schema.relations import Computed

    own = type(entity).__ftrack__
    immutable = info.server_name in own.options.immutable
    computed = info.server_name in (own.options.computed or ())
    registry = info.owner.registry
    worked_out = registry is not None and isinstance(
        registry.relations.of(info.owner.name, info.server_name), Computed
    )
    if info.restricted_projection or immutable or computed or worked_out:
        raise ReadOnlyAttributeError(
            own.name, info.name, "the server works it out, clients only read it"
        )


# -- mapped attributes -----------------------------------------------------------


def _assign_rows(entity: Entity, info: AttributeInfo, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise AttributeValueError(info.owner.name, info.name, value, "a mapping")
    current = vars(entity).get(info.name)
    if current is None:
        current = getattr(entity, info.name)
    replace_rows(entity, info, current, dict(value))


def replace_rows(
    entity: Entity,
    info: AttributeInfo,
    current: MappedValues[Any],
    values: dict[str, Any],
) -> None:
    """Make `values` the content of the mapping `current`, in place.

    Raises:
        AttributeValueError: a key or value that the rows cannot hold.
    """
    is_metadata = info.target == METADATA
    is_new = entity.__ftrack_state__.state in _NEW
    for key, value in values.items():
        if type(key) is not str or not key:
            raise AttributeValueError(info.owner.name, info.name, key, "a text key")
        if is_metadata and not isinstance(value, str):
            raise AttributeValueError(
                info.owner.name, f"{info.name}[{key!r}]", value, "text"
            )
        # What a new entity may have is known when it is committed, with its project.
        if not (is_metadata or is_new) and key not in current.values_by_key:
            raise AttributeValueError(
                info.owner.name,
                f"{info.name}[{key!r}]",
                value,
                "a custom attribute configured for this entity "
                f"({', '.join(sorted(current.values_by_key)) or 'there are none'})",
            )
    record_content(entity, info.name, dict(current.values_by_key))
    current.values_by_key = values


def load_rest(entity: Entity, info: AttributeInfo) -> None:
    """Load the rows that are not known yet, for every entity that came with this one.

    Raises:
        NotLoadedError: the session loads nothing by itself, or the server no longer
            has the entity; what was known stays.
    """
    state = entity.__ftrack_state__
    if state.owner is None:
        return
    members = state.batch.members.get(type(entity), []) if state.batch else []
    partial = {
        id(member): member
        for member in (entity, *members)
        if getattr(vars(member).get(info.name), "is_partial", False)
    }
    known = [(member, _put_aside(member, info.name)) for member in partial.values()]
    try:
        state.owner.load(entity, info)
    finally:
        for member, (rows, committed) in known:
            loaded = vars(member).get(info.name)
            vars(member)[info.name] = rows
            if committed is not None:
                record_content(member, info.name, committed)
            if isinstance(loaded, MappedValues):
                rows.complete(loaded)


def _put_aside(entity: Entity, name: str) -> tuple[MappedValues[Any], Any]:
    """Take the rows of an entity, and their committed state, out of the way."""
    committed = entity.__ftrack_state__.committed or {}
    rows: MappedValues[Any] = vars(entity).pop(name)
    return rows, committed.pop(name, None)


# -- values without a server -----------------------------------------------------


def initial_value(entity: Entity, info: AttributeInfo) -> Any:
    """Return what an attribute of a new entity reads as before it is set.

    Raises:
        NotLoadedError: only the server knows; it fills the value at commit.
    """
    match info.kind:
        case AttributeKind.COLLECTION:
            empty: Any = TrackedList.of(entity, info, ())
        case AttributeKind.MAPPED:
            is_partial = info.target != METADATA
            empty = MappedValues(entity, info, {}, is_partial=is_partial)
        case _:
            if info.nullable:
                return None
            if info.has_default and info.default != "{uid}":
                return info.default
            raise NotLoadedError(
                repr(entity),
                info.name,
                "The entity is new: set the attribute, or commit and the server "
                "fills it.",
            )
    vars(entity)[info.name] = empty
    return empty


def stub_of(entity: Entity, reference: Mapping[str, Any]) -> Any:
    """Return a bare entity for the wire form of a reference (protocol 3.3)."""
    from ftrack_orm.entity.copies import stub

    registry = type(entity).__ftrack__.registry
    return stub(registry, reference)
