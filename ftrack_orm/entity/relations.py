"""Set attributes: check the value, then write it.

A link is written as its foreign key, a collection as the foreign keys of its members
(see `ftrack_orm.entity.members`), a mapping as edits of its rows. If a check fails,
nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.frozen_values import freeze
from ftrack_orm.entity.mapped import METADATA, REMOVED, MappedValues
from ftrack_orm.entity.members import MembersEdit
from ftrack_orm.entity.naming import locate
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.targets import Target, require_session, target_of
from ftrack_orm.entity.tracking import (
    bare_key,
    is_new,
    link_key,
    record,
    record_watched,
    start_relation_changes,
    store_target,
    unshared_state,
)
from ftrack_orm.entity.value_list import ValueList
from ftrack_orm.errors.entity import AttributeValueError, NotLoadedError
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity

Write = Callable[[], object]
"""Writes a checked value; cannot fail."""


def assign(entity: Entity, attribute: AttributeInfo, value: Any) -> None:
    """Check `value` and set it.

    Raises:
        AttributeValueError: the value is not valid; nothing was changed.
        DetachedEntityError: the value belongs to another session.
        ReadOnlyAttributeError: only the server sets this relation.
    """
    prepare(entity, attribute, value)()


def prepare(entity: Entity, attribute: AttributeInfo, value: Any) -> Write:
    """Check `value` and return the write of it.

    Raises:
        AttributeValueError: the value is not valid for the attribute.
        DetachedEntityError: the value belongs to another session.
        ReadOnlyAttributeError: only the server sets this relation.
    """
    try:
        return _prepare(entity, attribute, value)
    except AttributeValueError as error:
        locate(error, entity, attribute)
        raise


def _prepare(entity: Entity, attribute: AttributeInfo, value: Any) -> Write:
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
    """The owner of a list value of a scalar attribute."""

    __slots__ = ("_entity",)

    def __init__(self, entity: Entity) -> None:
        self._entity = entity

    def set_value(self, key: str, value: list[Any]) -> None:
        setattr(self._entity, key, value)


def tracked_value(entity: Entity, name: str, value: Any) -> Any:
    """Return a value as an entity stores it.

    A list becomes a `ValueList`, which records its changes; a mapping becomes
    read-only.
    """
    if type(value) is list:
        return ValueList(value, _ScalarHolder(entity), name)
    return freeze(value) if type(value) is dict else value


def _write_scalar(entity: Entity, attribute: AttributeInfo, value: Any) -> None:
    if attribute.is_watched:
        record_watched(entity, attribute, value)
        return
    current = vars(entity).get(attribute.name)
    if type(current) is ValueList and isinstance(value, list):
        _write_list(entity, attribute.name, current, value)
    else:
        record(entity, attribute.name, tracked_value(entity, attribute.name, value))


def _write_list(
    entity: Entity, name: str, current: ValueList, value: list[Any]
) -> None:
    """Record a list as the new content of `current`, which callers may hold."""
    vars(entity)[name] = list(current)
    record(entity, name, list(value))
    current.set_content(list(value))
    vars(entity)[name] = current


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
    """Write a link as the key of its target."""
    holders = attribute.link_storage.holders
    key = None if target is None else target.reference
    if not holders:
        record(entity, attribute.name, _stored_target(entity, target))
        return
    by_name = type(entity).__ftrack__.attributes
    parts: Sequence[Any] = (None,) * len(holders) if key is None else key.key
    other = None if target is None else target.entity
    for holder, part in zip(holders, parts, strict=True):
        record_watched(entity, by_name[holder], part, other)
    # A target without a key cannot be looked up, and `record_watched` stores targets
    # for links with a single foreign key only.
    is_keyless = key is None and other is not None
    if other is not None and (is_keyless or len(holders) > 1):
        store_target(entity, attribute, other)


def _stored_target(entity: Entity, target: Target | None) -> Any:
    if target is None:
        return None
    other = target.entity
    if other is not None and is_new(other):
        unshared_state(entity).has_relation_changes = True
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


# -- mapped attributes -------------------------------------------------------------


def _prepare_rows(entity: Entity, attribute: AttributeInfo, value: Any) -> Write:
    if not isinstance(value, Mapping):
        raise AttributeValueError(
            attribute.owner.name, attribute.name, value, "a mapping"
        )
    rows: MappedValues[Any] = getattr(entity, attribute.name)
    edits = _checked_rows(entity, attribute, rows, rows.replacement_edits(value))
    return lambda: _write_rows(entity, rows, edits)


def edit_rows(
    entity: Entity,
    attribute: AttributeInfo,
    rows: MappedValues[Any],
    edits: Mapping[Any, Any],
) -> None:
    """Record edits of rows by key; `REMOVED` deletes a row.

    Raises:
        AttributeValueError: a key or value is not valid; nothing was changed.
    """
    try:
        checked = _checked_rows(entity, attribute, rows, edits)
        _write_rows(entity, rows, checked)
    except AttributeValueError as error:
        locate(error, entity, attribute)
        raise


def check_rows(
    entity: Entity,
    attribute: AttributeInfo,
    rows: MappedValues[Any],
    edits: Mapping[Any, Any],
) -> None:
    """Check edits of rows by key without recording them.

    Raises:
        AttributeValueError: a key or value is not valid.
    """
    try:
        _checked_rows(entity, attribute, rows, edits)
    except AttributeValueError as error:
        locate(error, entity, attribute)
        raise


def _write_rows(
    entity: Entity, rows: MappedValues[Any], edits: Mapping[str, Any]
) -> None:
    start_relation_changes(entity)
    state = entity.__ftrack_state__
    before = dict(rows.edits)
    rows.edit(edits)
    # The session can read configurations: a pending entity is checked against them
    # now, a transient one when it is added.
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
    edits_by_key: Mapping[Any, Any],
) -> dict[str, Any]:
    edits = {rows.row_name(key): value for key, value in edits_by_key.items()}
    for key in edits:
        if type(key) is not str or not key:
            raise AttributeValueError(
                type(entity).__ftrack__.name, attribute.name, key, "a text key"
            )
    if attribute.target == METADATA:
        return _checked_metadata(entity, attribute, edits)
    from ftrack_orm.entity.custom_attributes import check_values

    return check_values(entity, attribute, rows, edits)


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


# -- values of new entities --------------------------------------------------------


def initial_value(entity: Entity, attribute: AttributeInfo) -> Any:
    """Return the value of an attribute of a new entity before it is set.

    Raises:
        NotLoadedError: the server sets the value at commit.
    """
    match attribute.kind:
        case AttributeKind.COLLECTION:
            return _initial_collection(entity, attribute)
        case AttributeKind.MAPPED:
            rows: MappedValues[Any] = MappedValues._of(entity, attribute, {})
            vars(entity)[attribute.name] = rows
            return rows
        case AttributeKind.LINK:
            return _initial_link(entity, attribute)
        case AttributeKind.SCALAR:
            if attribute.nullable:
                return None
            if attribute.has_default and attribute.default != "{uid}":
                return attribute.default
            raise _not_set_yet(entity, attribute)


def _initial_collection(entity: Entity, attribute: AttributeInfo) -> TrackedList[Any]:
    collection: TrackedList[Any] = TrackedList._of(entity, attribute)
    vars(entity)[attribute.name] = collection
    session = entity.__ftrack_state__.owner
    if session is not None:
        session.relations.register(collection, bare_key(entity))
        collection.store([])
    return collection


def _initial_link(entity: Entity, attribute: AttributeInfo) -> Any:
    key = link_key(entity, attribute)
    if key is None or key is NOT_LOADED:
        if attribute.nullable:
            return None
        raise _not_set_yet(entity, attribute)
    raise NotLoadedError(
        repr(entity),
        attribute.name,
        f"It leads to {attribute.target_type} {key}: add the entity to a session, "
        "which can load it.",
    )


def _not_set_yet(entity: Entity, attribute: AttributeInfo) -> NotLoadedError:
    return NotLoadedError(
        repr(entity),
        attribute.name,
        "The entity is new: set the attribute, or commit and the server sets it.",
    )
