"""Pending changes of entities, collected as frozen records.

Collecting reads its arguments only: the same entities give the same changes each
time, so a plan can be shown, compared and thrown away. The records own their values:
a list that is edited afterwards changes no plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import METADATA, REMOVED, MappedValues
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
    from ftrack_orm.entity.state import InstanceState


@lazy_dataclass(frozen=True, slots=True)
class CreateChange:
    """A new entity; `values` by server name.

    `has_made_key` tells whether this client made the key, so that an entity with
    that key on the server can come from this change alone.
    """

    reference: Reference
    label: str
    values: Mapping[str, Any]
    has_made_key: bool = field(default=False, compare=False)


@lazy_dataclass(frozen=True, slots=True)
class UpdateChange:
    """New values of an existing entity by server name, and those they replace.

    A value of `before` is `NOT_LOADED` where it is not known.
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
    # Attributes of an enumeration are slow to read.
    persistent, pending = EntityState.PERSISTENT, EntityState.PENDING
    for entity in entities:
        state = entity.__ftrack_state__
        if state.state is persistent:
            _add_update(changes, entity, state, shapes)
        elif state.state is pending:
            changes.extend(_creation(entity))
        elif state.state is EntityState.DELETED:
            changes.append(DeleteChange(entity.reference, label_of(entity)))
    return changes


def label_of(entity: Entity) -> str:
    """Return the name that a person would use for the entity, or nothing."""
    values = vars(entity)
    for attribute in ("name", "username", "label", "key"):
        label = values.get(attribute)
        if isinstance(label, str):
            return label
    return ""


class FrozenMapping(Mapping[str, Any]):
    """A mapping that cannot change, and can be copied and pickled."""

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


def frozen(value: Any) -> Any:
    """Return a value that no edit of an entity can change."""
    if type(value) in _IMMUTABLE:  # nearly every value of a large commit
        return value
    if isinstance(value, list):
        return tuple(frozen(part) for part in value)
    if isinstance(value, dict):
        return FrozenMapping({key: frozen(part) for key, part in value.items()})
    return value


def _creation(entity: Entity) -> list[Change]:
    type_info = type(entity).__ftrack__
    if key_of(entity) is None and len(type_info.primary_key) > 1:
        given = {name: vars(entity).get(name) for name in type_info.python_primary_key}
        raise EntityKeyError(type_info.name, type_info.primary_key, given)
    rows = [
        change
        for name, value in vars(entity).items()
        if type(value) is MappedValues and name in type_info.attributes
        for change in _row_changes(entity, type_info.attributes[name], value)
    ]
    made_key = entity.__ftrack_state__.has_made_key
    reference = Reference(type_info.name, key_of(entity) or ())
    values = creation_values(entity)
    return [CreateChange(reference, label_of(entity), values, made_key), *rows]


def creation_values(entity: Entity) -> dict[str, Any]:
    """Return the values that create an entity, by server name.

    Links are sent as their foreign keys, collections as their members' keys; rows of
    mapped attributes are entities of their own.

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
                values[attribute.server_name] = frozen(value)
            case AttributeKind.LINK:
                _put_link(entity, attribute, value, values)
            case AttributeKind.COLLECTION:
                members = _members(entity, attribute, value)
                if members:
                    values[attribute.server_name] = members
            case AttributeKind.MAPPED:
                pass
    return values


def _put_link(
    entity: Entity, attribute: AttributeInfo, value: Any, values: dict[str, Any]
) -> None:
    """Add a held link to the values, unless its foreign key is sent.

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
    """Return the members that are sent with the owner: those joined by pairs.

    Raises:
        DetachedEntityError: a member is in no session.
    """
    for guest in collection.transient_members:
        raise _not_added(entity, attribute, guest)
    if not isinstance(collection._storage, PairStorage):
        return ()
    return tuple(_reference(entity, attribute, member) for member in collection)


class _EditShape(NamedTuple):
    """The facts of all entities of one class with edits of the same attributes.

    Attributes:
        entity_type: the class's entity type.
        key_name: Python name of a key of one value, ``""`` for longer ones.
        fields: Python and server name of each edited attribute, and whether it is a
            link; sorted, so that the same change gives the same request.
    """

    entity_type: str
    key_name: str
    fields: tuple[tuple[str, str, bool], ...]


_EditShapes: TypeAlias = dict[tuple[type["Entity"], tuple[str, ...]], _EditShape]
"""By class and names of edits."""


def _add_update(
    changes: list[Change], entity: Entity, state: InstanceState, shapes: _EditShapes
) -> None:
    entity_class = type(entity)
    loaded = entity.__dict__
    values: dict[str, Any] = {}
    before: dict[str, Any] = {}
    # Written out, as every call here counts per entity of a commit.
    committed = state.committed or EMPTY
    names = entity_class, tuple(committed)
    shape = shapes.get(names)
    if shape is None:
        shape = shapes[names] = _edit_shape(*names)
    entity_type, key_name, fields = shape
    immutable = _IMMUTABLE
    for name, served, is_link in fields:
        value, replaced = loaded.get(name, NOT_LOADED), committed[name]
        if replaced == value or value is NOT_LOADED:
            continue
        if is_link:
            attribute = entity_class.__ftrack__.attributes[name]
            value = _sent_link(entity, attribute, value)
            replaced = _sent_link(entity, attribute, replaced)
        values[served] = value if type(value) in immutable else frozen(value)
        before[served] = replaced if type(replaced) in immutable else frozen(replaced)
    rows: list[Change] = []
    if state.has_relation_changes:
        rows.extend(_relation_changes(entity, values, before))
    if values:
        key = loaded.get(key_name)
        entity_key = (key_of(entity) or ()) if key is None else (key,)
        label = loaded.get("name")
        if type(label) is not str:
            label = label_of(entity)
        reference = _new_tuple(Reference, (entity_type, entity_key))
        changes.append(UpdateChange(reference, label, values, before))
    if rows:
        changes.extend(rows)


def _edit_shape(entity_class: type[Entity], names: tuple[str, ...]) -> _EditShape:
    type_info = entity_class.__ftrack__
    key_name = (
        type_info.python_primary_key[0] if len(type_info.primary_key) == 1 else ""
    )
    edited = [
        type_info.attributes[name]
        for name in sorted(names)
        if name in type_info.attributes
    ]
    return _EditShape(
        type_info.name,
        key_name,
        tuple(
            (one.name, one.server_name, one.kind is AttributeKind.LINK)
            for one in edited
        ),
    )


def _sent_link(entity: Entity, attribute: AttributeInfo, value: Any) -> Any:
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
        if type(value) is MappedValues:
            if value.edits:
                yield from _row_changes(entity, attributes[name], value)
        elif type(value) is TrackedList:
            _put_members(entity, attributes[name], value, values, before)
        elif hasattr(type(value), "__ftrack__"):
            # Held, because no session has it: it must have been added.
            _reference(entity, attributes[name], value)


def _put_members(
    entity: Entity,
    attribute: AttributeInfo,
    collection: TrackedList[Any],
    values: dict[str, Any],
    before: dict[str, Any],
) -> None:
    members = _members(entity, attribute, collection)
    owner = entity.__ftrack_state__.owner
    storage = collection._storage
    if owner is None or not isinstance(storage, PairStorage):
        return
    edits = owner.relations.pair_edits(storage, bare_key(entity))
    if not any(edit.via is collection for edit in edits):
        return
    # The server takes the whole membership: members that were expunged stay in it.
    known = {id(member) for member in collection}
    known.update(id(edit.member) for edit in edits)
    expunged = [one for one in collection.committed_members if id(one) not in known]
    values[attribute.server_name] = (
        *members,
        *(_reference(entity, attribute, member) for member in expunged),
    )
    before[attribute.server_name] = tuple(
        _reference(entity, attribute, member) for member in collection.committed_members
    )


def _reference(entity: Entity, attribute: AttributeInfo, target: Entity) -> Reference:
    if target.__ftrack_state__.state is EntityState.TRANSIENT:
        raise _not_added(entity, attribute, target)
    return target.reference


def _not_added(
    entity: Entity, attribute: AttributeInfo, target: Entity
) -> DetachedEntityError:
    action = f"commit {type(entity).__ftrack__.name}.{attribute.name}"
    return DetachedEntityError(repr(target), action)


# -- rows of metadata and custom attributes ----------------------------------------


def _row_changes(
    entity: Entity, attribute: AttributeInfo, rows: MappedValues[Any]
) -> Iterator[Change]:
    """Yield the changes of metadata or custom attribute rows (protocol 3.5).

    Rows are written directly, as users of the JavaScript client do: the owner need
    not be updated.
    """
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
        # The plain row holds the stored value; without it the default is back.
        return DeleteChange(Reference("CustomAttributeValue", row_key), key)
    return UpdateChange(
        Reference(str(attribute.target), row_key),
        key,
        {"value": frozen(value)},
        {"value": frozen(rows.rows.get(key, NOT_LOADED))},
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
