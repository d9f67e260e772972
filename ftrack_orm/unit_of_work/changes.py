"""What entities have to say to the server, read from them as frozen records.

Nothing here writes: the same entities give the same changes as often as they are
asked, so a plan can be shown, compared and thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.entity.instance import key_of
from ftrack_orm.entity.mapped import METADATA, MappedValues
from ftrack_orm.entity.state import EntityState
from ftrack_orm.errors import DetachedEntityError, EntityKeyError
from ftrack_orm.schema.model import AttributeKind
from ftrack_orm.types import NOT_LOADED, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity


@dataclass(frozen=True, slots=True)
class CreateChange:
    """A new entity; `values` by server name."""

    reference: Reference
    label: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UpdateChange:
    """New values of an existing entity by server name, and what they replace.

    A value of `before` is `NOT_LOADED` where it is not known.
    """

    reference: Reference
    label: str
    values: Mapping[str, Any]
    before: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeleteChange:
    """An entity that goes."""

    reference: Reference
    label: str


Change: TypeAlias = CreateChange | UpdateChange | DeleteChange


def collect_changes(entities: Iterable[Entity]) -> list[Change]:
    """Return what `entities` have to send, in their order; reads its argument only.

    Raises:
        DetachedEntityError: a relation leads to a new entity that was not added.
        EntityKeyError: a new entity's key is not complete.
    """
    changes: list[Change] = []
    for entity in entities:
        match entity.__ftrack_state__.state:
            case EntityState.PENDING:
                changes.extend(_creation(entity))
            case EntityState.PERSISTENT:
                changes.extend(_update(entity))
            case EntityState.DELETED:
                changes.append(DeleteChange(entity.reference, label_of(entity)))
            case _:
                pass
    return changes


def label_of(entity: Entity) -> str:
    """Return how a person would call the entity: its name, or nothing."""
    values = vars(entity)
    for attribute in ("name", "username", "label", "key"):
        label = values.get(attribute)
        if isinstance(label, str):
            return label
    return ""


def _creation(entity: Entity) -> list[Change]:
    info = type(entity).__ftrack__
    if key_of(entity) is None and len(info.key) > 1:
        given = {name: vars(entity).get(name) for name in info.key_names}
        raise EntityKeyError(info.name, info.key, given)
    values: dict[str, Any] = {}
    rows: list[Change] = []
    for name in sorted(vars(entity)):
        attribute = info.attributes.get(name)
        if attribute is None:
            continue
        value = vars(entity)[name]
        if _is_said_elsewhere(attribute):
            _require_added(entity, attribute, value)
            continue
        if attribute.kind is AttributeKind.MAPPED:
            rows.extend(_row_changes(entity, attribute, {}, value))
        elif attribute.kind is not AttributeKind.COLLECTION or value:
            values[attribute.server_name] = sendable(entity, attribute, value)
    created = CreateChange(entity.reference, label_of(entity), values)
    return [created, *rows]


def _update(entity: Entity) -> list[Change]:
    attributes = type(entity).__ftrack__.attributes
    loaded = vars(entity)
    values: dict[str, Any] = {}
    before: dict[str, Any] = {}
    rows: list[Change] = []
    # Sorted, so that the same change always gives the same request.
    for name, committed in sorted(
        (entity.__ftrack_state__.committed or {}).items(), key=_first
    ):
        if name not in loaded:
            continue
        attribute, value = attributes[name], loaded[name]
        if attribute.kind is AttributeKind.SCALAR:
            if committed is NOT_LOADED or committed != value:
                values[attribute.server_name] = value
                before[attribute.server_name] = committed
            continue
        if _is_said_elsewhere(attribute):
            _require_added(entity, attribute, value)
            continue
        if attribute.kind is AttributeKind.MAPPED:
            rows.extend(_row_changes(entity, attribute, committed, value))
        elif is_changed(attribute, committed, value):
            values[attribute.server_name] = sendable(entity, attribute, value)
            before[attribute.server_name] = (
                committed
                if committed is NOT_LOADED
                else sendable(entity, attribute, committed)
            )
    own: list[Change] = []
    if values:
        label = label_of(entity)
        own.append(UpdateChange(entity.reference, label, values, before))
    return own + rows


_first = itemgetter(0)


def _is_said_elsewhere(attribute: AttributeInfo) -> bool:
    """Return whether another attribute or entity sends this relation.

    A link is sent as its foreign key, a collection as the links of its members, where
    there are such.
    """
    if attribute.kind is AttributeKind.LINK:
        return attribute.foreign_key is not None
    if attribute.kind is AttributeKind.COLLECTION:
        return attribute.inverse is not None
    return False


def _require_added(entity: Entity, attribute: AttributeInfo, value: Any) -> None:
    """Refuse a relation to a new entity that nobody has added.

    Raises:
        DetachedEntityError: what the relation says could not be sent.
    """
    for target in value if isinstance(value, list) else (value,):
        if target is not None:
            _reference(entity, attribute, target)


def is_changed(attribute: AttributeInfo, committed: Any, value: Any) -> bool:
    """Return whether `value` differs from what the server has."""
    if committed is NOT_LOADED:
        return True
    if attribute.kind is AttributeKind.COLLECTION:
        # Members have no order on the server.
        return {id(member) for member in committed} != {id(member) for member in value}
    if attribute.kind is AttributeKind.LINK:
        return committed is not value
    return bool(committed != value)


def sendable(entity: Entity, attribute: AttributeInfo, value: Any) -> Any:
    """Return a value as operations carry it: references instead of entities."""
    match attribute.kind:
        case AttributeKind.LINK:
            return None if value is None else _reference(entity, attribute, value)
        case AttributeKind.COLLECTION:
            return [_reference(entity, attribute, member) for member in value]
        case _:
            return value


def _reference(entity: Entity, attribute: AttributeInfo, target: Entity) -> Reference:
    if target.__ftrack_state__.state is EntityState.TRANSIENT:
        raise DetachedEntityError(
            repr(target), f"commit {type(entity).__ftrack__.name}.{attribute.name}"
        )
    return target.reference


def _row_changes(
    entity: Entity, attribute: AttributeInfo, committed: Any, value: MappedValues[Any]
) -> list[Change]:
    """Return the changes of metadata or custom attribute rows (protocol 3.5).

    Rows are written directly, as users of the JavaScript client do: the owner need not
    be told.
    """
    before = {} if committed is NOT_LOADED else dict(committed)
    now = value.values_by_key
    if attribute.target == METADATA:
        return _metadata_changes(entity, before, now)
    return [
        UpdateChange(
            Reference(
                str(attribute.target), (value.row_keys[key], *_owner_key(entity))
            ),
            key,
            {"value": now[key]},
            {"value": before.get(key, NOT_LOADED)},
        )
        for key in sorted(now)
        if before.get(key, NOT_LOADED) != now[key]
    ]


def _owner_key(entity: Entity) -> tuple[Any, ...]:
    return entity.reference.key


def _metadata_changes(
    entity: Entity, before: Mapping[str, str], now: Mapping[str, str]
) -> list[Change]:
    owner = entity.reference
    changes: list[Change] = []
    for key in sorted(before.keys() | now.keys()):
        row = Reference(METADATA, (owner.key[0], key))
        if key not in now:
            changes.append(DeleteChange(row, key))
        elif key not in before:
            values = {
                "parent_id": owner.key[0],
                "parent_type": owner.entity_type,
                "key": key,
                "value": now[key],
            }
            changes.append(CreateChange(row, key, values))
        elif before[key] != now[key]:
            changes.append(
                UpdateChange(row, key, {"value": now[key]}, {"value": before[key]})
            )
    return changes
