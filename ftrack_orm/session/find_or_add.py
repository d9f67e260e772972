"""Find many entities by identifying attributes; update those, and add the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.relation_storage import ReverseStorage
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.targets import target_of
from ftrack_orm.entity.tracking import is_new, link_key
from ftrack_orm.errors.entity import IdentificationError, UnknownAttributeError
from ftrack_orm.errors.query import CriterionError, MultipleResultsError
from ftrack_orm.errors.root import shortened
from ftrack_orm.errors.session import InvalidArgumentError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.query import ast
from ftrack_orm.query.criterion import Criterion, conjunction, require_about
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.select.select import Select
from ftrack_orm.session.attachment import add
from ftrack_orm.session.row_comparison import as_stored
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.core import SessionCore

Identity: TypeAlias = tuple[Any, ...]
"""The values of the identifying attributes; a link as the bare key of its target."""


@lazy_dataclass(frozen=True, slots=True)
class _Row:
    """One row of the caller.

    Attributes:
        values: all values by Python name.
        identity: the identifying values.
        targets: the entities of identifying links; ``None`` for a scalar and for a
            reference.
        entity: the row itself, if it is a new entity.
    """

    values: Mapping[str, Any]
    identity: Identity
    targets: tuple[Any, ...]
    entity: Any


def find_or_add(
    core: SessionCore,
    entity_class: type[Entity],
    rows: Iterable[Any],
    by: Iterable[Any],
) -> list[Any]:
    """Return the entity of each row: found and updated, or new and pending.

    Raises:
        IdentificationError: a row lacks an identifying value; nothing was changed.
        MultipleResultsError: several entities match a row; nothing was changed.
        UnknownAttributeError, AttributeValueError: a row is wrong.
    """
    type_info = entity_class.__ftrack__
    names = _identifying(type_info, by)
    read = _rows_of(type_info, rows, names)
    candidates = _Candidates(names, _session_candidates(core, type_info))
    candidates.extend(_read(core, entity_class, names, read))
    # All rows are matched before the first change, so that an error changes nothing.
    matches = [candidates.match(type_info, row) for row in read]
    _load_mapped(core, type_info, read, matches)
    entities = []
    for row, match in zip(read, matches, strict=True):
        # A row of an entity that an earlier row has added matches that one.
        entity = match if match is not None else candidates.match(type_info, row)
        if entity is None:
            entity = row.entity
            if entity is None:
                entity = entity_class(**row.values)
            add(core, entity)
            candidates.extend([entity])
        else:
            _update(entity, row, names)
        entities.append(entity)
    return entities


# -- arguments -------------------------------------------------------------------------


def _identifying(type_info: TypeInfo, by: Any) -> list[AttributeInfo]:
    """Return the identifying attributes.

    Raises:
        CriterionError: one is no scalar or link of the type itself.
        IdentificationError: there is none.
    """
    paths = [by] if hasattr(by, "_attribute") or isinstance(by, str) else list(by)
    attributes = [_identifying_attribute(type_info, path) for path in paths]
    if not attributes:
        raise IdentificationError(type_info.name, (), "by= names no attribute")
    return attributes


def _identifying_attribute(type_info: TypeInfo, path: Any) -> AttributeInfo:
    name = path
    if not isinstance(path, str):
        steps = getattr(path, "_steps", ())
        if len(steps) != 1:
            raise CriterionError(
                f"{shortened(path)} cannot identify a {type_info.name}. Pass its own "
                f"scalars and links, read on the class, as in {type_info.name}.name."
            )
        require_about(type_info, path._root)
        name = path._attribute.name
    attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
    if attribute is None:
        raise UnknownAttributeError(type_info.name, name, type_info.attributes)
    if attribute.kind not in (AttributeKind.SCALAR, AttributeKind.LINK):
        raise CriterionError(
            f"{type_info.name}.{name} holds several values and cannot identify an "
            "entity. Pass scalars and links."
        )
    return attribute


def _rows_of(
    type_info: TypeInfo, rows: Any, names: Sequence[AttributeInfo]
) -> list[_Row]:
    if isinstance(rows, Mapping | str) or not isinstance(rows, Iterable):
        raise InvalidArgumentError("find_or_add()", rows, "a list of rows")
    return [_row(type_info, row, names) for row in rows]


def _row(type_info: TypeInfo, row: Any, names: Sequence[AttributeInfo]) -> _Row:
    entity = None
    if isinstance(row, Mapping):
        values = dict(_checked_values(type_info, row))
    elif hasattr(type(row), "__ftrack__") and is_new(row):
        if not type(row).__ftrack__.is_kind_of(type_info.name):
            raise InvalidArgumentError(
                "find_or_add()", row, f"rows of {type_info.name}"
            )
        entity, values = row, dict(_values_of(row))
    else:
        raise InvalidArgumentError(
            "find_or_add()", row, f"mappings or new entities of {type_info.name}"
        )
    parts = [_identifying_value(type_info, name, values, entity) for name in names]
    identity = tuple(value for value, _ in parts)
    return _Row(values, identity, tuple(target for _, target in parts), entity)


def _checked_values(
    type_info: TypeInfo, row: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
        if attribute is None:
            raise UnknownAttributeError(type_info.name, name, type_info.attributes)
        if attribute.kind is AttributeKind.SCALAR:
            value = attribute.validate(value)
            # A value with fractions of a second never equals the stored one, so that
            # each run would send it again (protocol 3.1).
            value = as_stored(value) if attribute.format == "date-time" else value
        elif attribute.kind is AttributeKind.LINK and value is not None:
            target_of(attribute, value)
        yield attribute.name, value


def _values_of(entity: Entity) -> Iterator[tuple[str, Any]]:
    """Yield the values that were set on a new entity, its key excluded."""
    type_info = type(entity).__ftrack__
    for name, value in vars(entity).items():
        attribute = type_info.attributes.get(name)
        if attribute is None or attribute.server_name in type_info.primary_key:
            continue
        if isinstance(value, MappedValues):
            yield name, dict(value.edits)
        elif not isinstance(value, TrackedList) or value:
            yield name, value


def _identifying_value(
    type_info: TypeInfo, attribute: AttributeInfo, values: Mapping[str, Any], row: Any
) -> tuple[Any, Any]:
    """Return the identifying value of a row, and the target of a link.

    Raises:
        IdentificationError: the row has no such value.
    """
    value = values.get(attribute.name)
    if attribute.kind is AttributeKind.SCALAR:
        if value is not None:
            return value, None
    elif value is not None:
        target = target_of(attribute, value)
        if target.reference is not None and len(target.reference.key) == 1:
            return target.reference.key[0], target.entity
    else:
        holders = attribute.link_storage.holders
        key = values.get(holders[0]) if len(holders) == 1 else None
        if key is not None:
            return key, None if row is None else _target_in(row, attribute)
    raise IdentificationError(
        type_info.name,
        (attribute.name,),
        f"a row has no {attribute.name}, or one without a single key",
    )


def _target_in(row: Any, link: AttributeInfo) -> Any:
    target = vars(row).get(link.name)
    return target if hasattr(type(target), "__ftrack__") else None


# -- candidates ------------------------------------------------------------------------


class _Candidates:
    """Entities by their identifying values in memory, edits included."""

    def __init__(
        self, names: Sequence[AttributeInfo], entities: Iterable[Entity]
    ) -> None:
        self._names = names
        self._exact: dict[Identity, list[Any]] = {}
        self._folded: dict[Identity, list[Any]] = {}
        self.extend(entities)

    def extend(self, entities: Iterable[Entity]) -> None:
        """Add entities; one that was added before is not added again."""
        for entity in entities:
            if entity.__ftrack_state__.state is EntityState.DELETED:
                continue
            identity = tuple(_memory_value(entity, name) for name in self._names)
            exact = self._exact.setdefault(identity, [])
            if not any(entity is other for other in exact):
                exact.append(entity)
                self._folded.setdefault(_folded(identity), []).append(entity)

    def match(self, type_info: TypeInfo, row: _Row) -> Any:
        """Return the entity of a row, ``None`` if there is none.

        Servers compare text without regard to case (protocol 10, row 7). Among
        several matches, the one with the same case is returned.

        Raises:
            MultipleResultsError: several match equally well.
        """
        matches = self._exact.get(row.identity) or self._folded.get(
            _folded(row.identity), []
        )
        if len(matches) > 1:
            pairs = zip(self._names, row.identity, strict=True)
            text = ", ".join(f"{name.name}={value!r}" for name, value in pairs)
            raise MultipleResultsError(
                f"{type_info.name} with {text}",
                [str(match.reference) for match in matches],
                remedy="Add an attribute to by=, or correct the server's data.",
            )
        return matches[0] if matches else None


def _folded(identity: Identity) -> Identity:
    return tuple(
        value.casefold() if isinstance(value, str) else value for value in identity
    )


def _memory_value(entity: Entity, attribute: AttributeInfo) -> Any:
    if attribute.kind is AttributeKind.LINK:
        return link_key(entity, attribute)
    value = vars(entity).get(attribute.name, NOT_LOADED)
    return tuple(value) if isinstance(value, list) else value


def _session_candidates(core: SessionCore, type_info: TypeInfo) -> list[Entity]:
    """Return the entities with changes, whose values the server does not have."""
    return [
        entity
        for entity in core.work
        if type(entity).__ftrack__.is_kind_of(type_info.name)
    ]


# -- reading ---------------------------------------------------------------------------


def _read(
    core: SessionCore,
    entity_class: type[Entity],
    names: Sequence[AttributeInfo],
    rows: Sequence[_Row],
) -> list[Any]:
    """Return the entities that may match; those in loaded collections first.

    The server is queried only for rows that the session cannot answer.
    """
    members: dict[int, Any] = {}
    unanswered: list[_Row] = []
    collections: dict[tuple[int, str], list[Any] | None] = {}
    for row in rows:
        known = _known_members(entity_class.__ftrack__, names, row, collections)
        if known is None:
            unanswered.append(row)
            continue
        members.update((id(member), member) for member in known)
    if unanswered:
        select = Select._of(core, entity_class).where(
            _criterion(entity_class.__ftrack__, names, unanswered)
        )
        # In the same request: an update of a mapping needs its rows.
        paths = [getattr(entity_class, name) for name in _mapped_names(rows)]
        members.update((id(row), row) for row in select.load(*paths).all())
    return list(members.values())


def _known_members(
    type_info: TypeInfo,
    names: Sequence[AttributeInfo],
    row: _Row,
    collections: dict[tuple[int, str], list[Any] | None],
) -> list[Any] | None:
    """Return the entities that a row may match, ``None`` if only a query can tell."""
    for attribute, target in zip(names, row.targets, strict=True):
        if target is None:
            continue
        if is_new(target):
            return []  # the server has nothing below it; the session's come extra
        place = id(target), attribute.name
        if place not in collections:
            collections[place] = _loaded_members(type_info, attribute, target)
        known = collections[place]
        if known is not None:
            return known
    return None


def _loaded_members(
    type_info: TypeInfo, link: AttributeInfo, target: Any
) -> list[Any] | None:
    """Return the entities whose link leads to a target, if a loaded list has all."""
    holders = link.link_storage.holders
    for value in vars(target).values():
        if type(value) is not TrackedList or not value.is_loaded:
            continue
        storage = value._storage
        if not isinstance(storage, ReverseStorage) or storage.filters:
            continue
        if (storage.remote,) == holders and type_info.is_kind_of(storage.target):
            return [
                member
                for member in value
                if type(member).__ftrack__.is_kind_of(type_info.name)
            ]
    return None


def _criterion(
    type_info: TypeInfo, names: Sequence[AttributeInfo], rows: Sequence[_Row]
) -> Criterion:
    """Return a condition that all entities of the rows meet, and few others."""
    nodes = []
    for index, attribute in enumerate(names):
        values = dict.fromkeys(row.identity[index] for row in rows)
        path = ast.PathExpression.of(_key_path(attribute))
        literals = tuple(encode_literal(as_stored(value)) for value in values)
        nodes.append(ast.Membership(path, literals))
    return Criterion._of(type_info, conjunction(nodes))


def _key_path(attribute: AttributeInfo) -> str:
    if attribute.kind is AttributeKind.SCALAR:
        return attribute.server_name
    if attribute.foreign_key is not None:
        return attribute.foreign_key
    target = attribute.owner.type_named(attribute.target_type)
    return f"{attribute.server_name}.{target.primary_key[0]}"


# -- changes ---------------------------------------------------------------------------


def _mapped_names(rows: Iterable[_Row]) -> list[str]:
    names = ("custom_attributes", "metadata")
    return [name for name in names if any(row.values.get(name) for row in rows)]


def _load_mapped(
    core: SessionCore,
    type_info: TypeInfo,
    rows: Sequence[_Row],
    matches: Sequence[Any],
) -> None:
    """Load the mappings that rows update, for the matches that lack them."""
    from ftrack_orm.session.lazy_loader import Request

    requests = []
    for name in _mapped_names(rows):
        attribute = type_info.attributes[name]
        entities = [
            match
            for row, match in zip(rows, matches, strict=True)
            if match is not None and not is_new(match) and row.values.get(name)
        ]
        if entities:
            requests.append(Request(attribute, entities))
    core.lazy.load_requests(requests)


def _update(entity: Any, row: _Row, names: Sequence[AttributeInfo]) -> None:
    """Set the values of a row that do not identify it."""
    type_info = type(entity).__ftrack__
    identifying = {name.name for name in names}
    for name in names:
        if name.kind is AttributeKind.LINK:
            identifying.update(name.link_storage.holders)
    for name, value in row.values.items():
        attribute = type_info.attributes[name]
        if name in identifying or attribute.server_name in type_info.primary_key:
            continue
        if attribute.kind is AttributeKind.MAPPED:
            getattr(entity, name).update(value)
        else:
            setattr(entity, name, value)
