"""Collect the pending changes of entities as frozen records.

Collecting only reads its arguments: the same entities always give the same changes, so
a plan can be printed, compared and discarded. The records hold copies of mutable
values, so editing a list afterwards does not change a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import MAPPED_CLASSES, METADATA, REMOVED, MappedValues
from ftrack_orm.entity.naming import label_of
from ftrack_orm.entity.relation_storage import PairStorage
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.tracking import bare_key, key_of
from ftrack_orm.errors.entity import EntityKeyError
from ftrack_orm.errors.session import DetachedEntityError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.attribute_kind import EMPTY, AttributeKind
from ftrack_orm.types import NOT_LOADED, Reference, Sentinel

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.relation_index import PairEdit
    from ftrack_orm.entity.state import InstanceState


@lazy_dataclass(frozen=True, slots=True)
class CreateChange:
    """A new entity.

    Attributes:
        reference: its type and key; the key is empty where the server generates it.
        label: a name of the entity for people, ``""`` if it has none.
        values: the values to send, by server name.
        has_made_key: whether this client generated the key, so that only this change
            can create an entity with that key.
    """

    reference: Reference
    label: str
    values: Mapping[str, Any]
    has_made_key: bool = field(default=False, compare=False)


@lazy_dataclass(frozen=True, slots=True)
class UpdateChange:
    """New values of an existing entity.

    Attributes:
        reference: its type and key.
        label: a name of the entity for people, ``""`` if it has none.
        values: the values to send, by server name.
        before: the values they replace; `NOT_LOADED` where a value is not loaded.
    """

    reference: Reference
    label: str
    values: Mapping[str, Any]
    before: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


@lazy_dataclass(frozen=True, slots=True)
class DeleteChange:
    """An entity that is deleted."""

    reference: Reference
    label: str


Change: TypeAlias = CreateChange | UpdateChange | DeleteChange


def collect_changes(entities: Iterable[Entity]) -> list[Change]:
    """Return the changes of `entities`, in their order; reads its argument only.

    Raises:
        DetachedEntityError: a relation leads to a new entity that was not added.
        EntityKeyError: a new entity's key is not complete.
    """
    changes: list[Change] = []
    shapes: _EditShapes = {}
    # Local names, because reading an attribute of an enumeration is slow.
    persistent, pending = EntityState.PERSISTENT, EntityState.PENDING
    for entity in entities:
        state = entity.__ftrack_state__
        if state.state is persistent:
            _add_update(changes, entity, state, shapes)
        elif state.state is pending:
            changes.extend(_create_changes(entity))
        elif state.state is EntityState.DELETED:
            changes.append(DeleteChange(entity.reference, label_of(entity)))
    return changes


class FrozenMapping(Mapping[str, Any]):
    """An immutable mapping that can be copied and pickled.

    A `types.MappingProxyType` can be neither.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


_new_tuple: Final = tuple.__new__
"""Makes a `Reference` in half the time of its constructor."""

_IMMUTABLE: Final = frozenset({str, float, int, bool, type(None), Sentinel})


def freeze(value: Any) -> Any:
    """Return an immutable copy of a value; immutable values are returned unchanged."""
    if type(value) in _IMMUTABLE:  # nearly every value of a large commit
        return value
    if isinstance(value, list):
        return tuple(freeze(part) for part in value)
    if isinstance(value, dict):
        return FrozenMapping({key: freeze(part) for key, part in value.items()})
    return value


def _create_changes(entity: Entity) -> list[Change]:
    type_info = type(entity).__ftrack__
    # A server generates keys of one value only.
    if key_of(entity) is None and len(type_info.primary_key) > 1:
        key = {name: vars(entity).get(name) for name in type_info.python_primary_key}
        raise EntityKeyError(type_info.name, type_info.primary_key, key)
    rows = [
        change
        for name, value in vars(entity).items()
        if type(value) in MAPPED_CLASSES and name in type_info.attributes
        for change in _row_changes(entity, type_info.attributes[name], value)
    ]
    has_made_key = entity.__ftrack_state__.has_made_key
    reference = Reference(type_info.name, key_of(entity) or ())
    values = creation_values(entity)
    return [CreateChange(reference, label_of(entity), values, has_made_key), *rows]


def creation_values(entity: Entity) -> dict[str, Any]:
    """Return the values that create an entity, by server name.

    Links are sent as their foreign keys, collections as their members' keys. Rows of
    mapped attributes are not included: each is a separate entity.

    Raises:
        DetachedEntityError: a relation leads to a new entity that was not added.
    """
    attributes = type(entity).__ftrack__.attributes
    values: dict[str, Any] = {}
    # Sorted, so that the same change always gives the same request.
    for name in sorted(vars(entity)):
        attribute = attributes.get(name)
        if attribute is None:
            continue
        value = vars(entity)[name]
        match attribute.kind:
            case AttributeKind.SCALAR:
                values[attribute.server_name] = freeze(value)
            case AttributeKind.LINK:
                _add_link(entity, attribute, value, values)
            case AttributeKind.COLLECTION:
                members = _members(entity, attribute, value)
                if members:
                    values[attribute.server_name] = members
            case AttributeKind.MAPPED:
                pass
    return values


def _add_link(
    entity: Entity, attribute: AttributeInfo, value: Any, values: dict[str, Any]
) -> None:
    """Add a link that is held as an object, unless its foreign key is sent.

    Raises:
        DetachedEntityError: the link leads to a new entity that was not added.
    """
    if value is not None and not isinstance(value, Reference):
        value = _reference(entity, attribute, value)
    if not attribute.link_storage.holders:
        values[attribute.server_name] = value


def _members(
    entity: Entity, attribute: AttributeInfo, collection: TrackedList[Any]
) -> tuple[Reference, ...]:
    """Return the members of a many-to-many collection, which its owner's data holds.

    The members of other collections refer to the owner by a foreign key.

    Raises:
        DetachedEntityError: a member is in no session.
    """
    for member in collection.transient_members:
        raise _not_added_error(entity, attribute, member)
    if not isinstance(collection._storage, PairStorage):
        return ()
    return tuple(_reference(entity, attribute, member) for member in collection)


class _EditShape(NamedTuple):
    """The names that all entities of one class with the same edited attributes share.

    Attributes:
        entity_type: the class's entity type.
        key_name: Python name of a key of one value, ``""`` for longer ones.
        fields: Python and server name of each edited attribute, and the attribute
            itself if it is a link; sorted, so that the same change gives the same
            request.
    """

    entity_type: str
    key_name: str
    fields: tuple[tuple[str, str, AttributeInfo | None], ...]


_EditShapes: TypeAlias = dict[tuple[Any, ...], _EditShape]
"""Edit shapes by class and names of the edited attributes."""


def _add_update(
    changes: list[Change], entity: Entity, state: InstanceState, shapes: _EditShapes
) -> None:
    loaded = entity.__dict__
    values: dict[str, Any] = {}
    before: dict[str, Any] = {}
    # Written out, as each function call here would run once per changed entity.
    committed = state.committed or EMPTY
    names = type(entity), *committed
    shape = shapes.get(names)
    if shape is None:
        shape = shapes[names] = _edit_shape(type(entity), *committed)
    entity_type, key_name, fields = shape
    immutable = _IMMUTABLE
    for name, server_name, link in fields:
        value, replaced = loaded.get(name, NOT_LOADED), committed[name]
        if replaced == value or value is NOT_LOADED:
            continue
        if link is not None:
            value = _link_value(entity, link, value)
            replaced = _link_value(entity, link, replaced)
        values[server_name] = value if type(value) in immutable else freeze(value)
        before[server_name] = (
            replaced if type(replaced) in immutable else freeze(replaced)
        )
    rows: list[Change] = []
    if state.has_relation_changes:
        rows.extend(_relation_changes(entity, values, before))
    if values:
        key = loaded.get(key_name)
        label = loaded.get("name")
        changes.append(
            UpdateChange(
                _new_tuple(
                    Reference,
                    (entity_type, (key_of(entity) or ()) if key is None else (key,)),
                ),
                label if type(label) is str else label_of(entity),
                values,
                before,
            )
        )
    if rows:
        changes.extend(rows)


def _edit_shape(entity_class: type[Entity], *names: str) -> _EditShape:
    type_info = entity_class.__ftrack__
    key_name = (
        type_info.python_primary_key[0] if len(type_info.primary_key) == 1 else ""
    )
    attributes = [
        type_info.attributes[name]
        for name in sorted(names)
        if name in type_info.attributes
    ]
    return _EditShape(
        type_info.name,
        key_name,
        tuple(
            (
                attribute.name,
                attribute.server_name,
                attribute if attribute.kind is AttributeKind.LINK else None,
            )
            for attribute in attributes
        ),
    )


def _link_value(entity: Entity, attribute: AttributeInfo, value: Any) -> Any:
    if value is None or value is NOT_LOADED or isinstance(value, Reference):
        return value
    return _reference(entity, attribute, value)


def _relation_changes(
    entity: Entity, values: dict[str, Any], before: dict[str, Any]
) -> Iterator[Change]:
    """Yield the changes of rows; add edited memberships to the owner's values."""
    attributes = type(entity).__ftrack__.attributes
    for name, value in vars(entity).items():
        if name not in attributes:
            continue
        if type(value) in MAPPED_CLASSES:
            if value.edits:
                yield from _row_changes(entity, attributes[name], value)
        elif type(value) is TrackedList:
            _add_members(entity, attributes[name], value, values, before)
        elif hasattr(type(value), "__ftrack__"):
            # A link holds an object only if that was in no session when it was set.
            # Raises unless the object was added since.
            _reference(entity, attributes[name], value)


def _add_members(
    entity: Entity,
    attribute: AttributeInfo,
    collection: TrackedList[Any],
    values: dict[str, Any],
    before: dict[str, Any],
) -> None:
    members = _members(entity, attribute, collection)
    edits = _membership_edits(entity, collection)
    if not any(edit.via is collection for edit in edits):
        return
    # The server replaces the whole membership, so members that left the session by
    # `expunge` are sent too.
    present = {id(member) for member in collection}
    present.update(id(edit.member) for edit in edits)
    expunged = (
        _reference(entity, attribute, member)
        for member in collection.committed_members
        if id(member) not in present
    )
    values[attribute.server_name] = (*members, *expunged)
    before[attribute.server_name] = tuple(
        _reference(entity, attribute, member) for member in collection.committed_members
    )


def _membership_edits(
    entity: Entity, collection: TrackedList[Any]
) -> Iterable[PairEdit]:
    """Return the edited pairs of the owner, at either end; none for other storages."""
    owner = entity.__ftrack_state__.owner
    storage = collection._storage
    if owner is None or not isinstance(storage, PairStorage):
        return ()
    return owner.relations.pair_edits(storage, bare_key(entity))


def _reference(entity: Entity, attribute: AttributeInfo, target: Entity) -> Reference:
    if target.__ftrack_state__.state is EntityState.TRANSIENT:
        raise _not_added_error(entity, attribute, target)
    return target.reference


def _not_added_error(
    entity: Entity, attribute: AttributeInfo, target: Entity
) -> DetachedEntityError:
    action = f"commit {type(entity).__ftrack__.name}.{attribute.name}"
    return DetachedEntityError(repr(target), action)


# -- rows of metadata and custom attributes ----------------------------------------


def _row_changes(
    entity: Entity, attribute: AttributeInfo, rows: MappedValues[Any]
) -> Iterator[Change]:
    """Yield the changes of metadata or custom attribute rows (protocol 3.5)."""
    # Without the update of the owner that the Python client sends: rows written alone
    # are valid, as users of the JavaScript client write them.
    for key, value in sorted(rows.edits.items()):
        if attribute.target == METADATA:
            yield _metadata_change(entity, rows, key, value)
        else:
            yield _custom_change(entity, attribute, rows, key, value)


def _custom_change(
    entity: Entity,
    attribute: AttributeInfo,
    rows: MappedValues[Any],
    key: str,
    value: Any,
) -> Change:
    row_key = (rows.row_keys[key], *entity.reference.key)
    if value is REMOVED:
        # The plain row holds the stored value; without it the default applies again.
        return DeleteChange(Reference("CustomAttributeValue", row_key), key)
    return UpdateChange(
        Reference(str(attribute.target), row_key),
        key,
        {"value": freeze(value)},
        {"value": freeze(rows.rows.get(key, NOT_LOADED))},
    )


def _metadata_change(
    entity: Entity, rows: MappedValues[Any], key: str, value: Any
) -> Change:
    owner = entity.reference
    row = Reference(METADATA, (owner.key[0], key))
    if value is REMOVED:
        return DeleteChange(row, key)
    if key in rows.rows:
        return UpdateChange(row, key, {"value": value}, {"value": rows.rows[key]})
    values = {
        "parent_id": owner.key[0],
        "parent_type": owner.entity_type,
        "key": key,
        "value": value,
    }
    return CreateChange(row, key, values)
