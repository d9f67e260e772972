"""Find many entities by identifying attributes; update those, and add the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.relations import check_rows
from ftrack_orm.entity.tracking import is_new
from ftrack_orm.query import ast
from ftrack_orm.query.criterion import Criterion, conjunction
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.select.executor import QueryExecutor
from ftrack_orm.select.select import Select
from ftrack_orm.session.attachment import add
from ftrack_orm.session.extended_fetch import FetchWithConfigurations
from ftrack_orm.session.identified_rows import (
    IdentifiedRow,
    identified_rows,
    identifying_attributes,
)
from ftrack_orm.session.lazy_loader import Request
from ftrack_orm.session.reference_data import REFERENCE_TYPES
from ftrack_orm.session.row_candidates import (
    Candidates,
    LoadedMembers,
    known_members,
)
from ftrack_orm.session.row_comparison import as_stored

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.core import SessionCore


def find_or_add(
    core: SessionCore,
    entity_class: type[Entity],
    rows: Iterable[Any],
    by: Any,
) -> list[Any]:
    """Return the entity of each row: found and updated, or new and pending.

    Raises:
        IdentificationError: a row lacks an identifying value; nothing was changed.
        MultipleResultsError: several entities match a row; nothing was changed.
        UnknownAttributeError, AttributeValueError: a row is wrong.
    """
    type_info = entity_class.__ftrack__
    names = identifying_attributes(type_info, by)
    read = identified_rows(type_info, rows, names)
    candidates = Candidates(names, _session_candidates(core, type_info))
    candidates.extend(_read(core, entity_class, names, read))
    matches = [candidates.match(type_info, row) for row in read]
    _load_compared(core, type_info, read, matches)
    # All rows are checked before the first change, so that an error changes nothing.
    new_entities = [
        _checked(core, entity_class, row, match)
        for row, match in zip(read, matches, strict=True)
    ]
    entities = []
    for row, match, new_entity in zip(read, matches, new_entities, strict=True):
        # A row of an entity that an earlier row has added matches that one.
        entity = match if match is not None else candidates.match(type_info, row)
        if entity is None:
            entity = new_entity
            add(core, entity)
            candidates.extend([entity])
        else:
            _update(entity, row, names)
        entities.append(entity)
    return entities


# -- reading ---------------------------------------------------------------------------


def _session_candidates(core: SessionCore, type_info: TypeInfo) -> list[Entity]:
    """Return the entities with changes, whose values the server does not have."""
    return [
        entity
        for entity in core.work
        if type(entity).__ftrack__.is_kind_of(type_info.name)
    ]


def _read(
    core: SessionCore,
    entity_class: type[Entity],
    names: Sequence[AttributeInfo],
    rows: Sequence[IdentifiedRow],
) -> list[Any]:
    """Return the entities that may match; those in loaded collections first.

    The server is queried only for rows that the session cannot answer.
    """
    if entity_class.__ftrack__.name in REFERENCE_TYPES:
        return core.look_ups.reference.entities_of(entity_class)
    members: dict[int, Any] = {}
    unanswered: list[IdentifiedRow] = []
    collections: LoadedMembers = {}
    for row in rows:
        known = known_members(entity_class.__ftrack__, names, row, collections)
        if known is None:
            unanswered.append(row)
            continue
        members.update((id(member), member) for member in known)
    _load_identifying(core, entity_class.__ftrack__, names, list(members.values()))
    if unanswered:
        read = _query(core, entity_class, names, unanswered)
        members.update((id(entity), entity) for entity in read)
    return list(members.values())


def _load_identifying(
    core: SessionCore,
    type_info: TypeInfo,
    names: Sequence[AttributeInfo],
    members: Sequence[Entity],
) -> None:
    """Load the identifying values that members of loaded collections lack."""
    scalars = [
        type_info.attributes[name]
        for attribute in names
        for name in _holders(attribute)
    ]
    requests = [
        Request(scalar, [each for each in members if scalar.name not in vars(each)])
        for scalar in scalars
    ]
    core.lazy.load_requests(requests)


def _holders(attribute: AttributeInfo) -> tuple[str, ...]:
    """Return the names of the scalars that hold an identifying value."""
    if attribute.kind is AttributeKind.LINK:
        return attribute.link_storage.holders
    return (attribute.name,)


def _query(
    core: SessionCore,
    entity_class: type[Entity],
    names: Sequence[AttributeInfo],
    rows: Sequence[IdentifiedRow],
) -> list[Any]:
    """Return the server's entities that may match rows."""
    loaded = _loaded_names(entity_class.__ftrack__, rows)
    executor: QueryExecutor = core
    if "custom_attributes" in loaded and not core.configurations.is_loaded:
        # Rows without a match become new entities, which need the configurations.
        executor = FetchWithConfigurations(core)
    criterion = _criterion(entity_class.__ftrack__, names, rows)
    # In the same request: an update compares with the rows of a mapping.
    paths = [getattr(entity_class, name) for name in loaded]
    return Select._of(executor, entity_class).where(criterion).load(*paths).all()


def _criterion(
    type_info: TypeInfo, names: Sequence[AttributeInfo], rows: Sequence[IdentifiedRow]
) -> Criterion:
    """Return a condition that all entities of the rows meet, and few others."""
    nodes = []
    for index, attribute in enumerate(names):
        values = dict.fromkeys(row.identity[index] for row in rows)
        nodes.append(_one_of(_key_path(attribute), values))
    return Criterion._of(type_info, conjunction(nodes))


def _one_of(path: str, values: Iterable[Any]) -> ast.Criteria:
    """Return the condition that a path has one of the values, ``None`` included."""
    expression = ast.PathExpression.of(path)
    literals = dict.fromkeys(encode_literal(as_stored(value)) for value in values)
    if ast.NULL not in literals:
        return ast.Membership(expression, tuple(literals))
    # The lists of the language hold no null.
    is_null = ast.Comparison(expression, "is", ast.NULL)
    others = tuple(literal for literal in literals if literal != ast.NULL)
    if not others:
        return is_null
    return ast.Or((is_null, ast.Membership(expression, others)))


def _key_path(attribute: AttributeInfo) -> str:
    if attribute.kind is AttributeKind.SCALAR:
        return attribute.server_name
    if attribute.foreign_key is not None:
        return attribute.foreign_key
    target = attribute.owner.type_named(attribute.target_type)
    return f"{attribute.server_name}.{target.primary_key[0]}"


# -- changes ---------------------------------------------------------------------------


def _loaded_names(type_info: TypeInfo, rows: Iterable[IdentifiedRow]) -> list[str]:
    """Return the mappings and collections in rows, which a query has to load."""
    names = {name: None for row in rows for name, value in row.values.items() if value}
    kinds = (AttributeKind.MAPPED, AttributeKind.COLLECTION)
    return [name for name in names if type_info.attributes[name].kind in kinds]


def _load_compared(
    core: SessionCore,
    type_info: TypeInfo,
    rows: Sequence[IdentifiedRow],
    matches: Sequence[Any],
) -> None:
    """Load the mappings and collections of rows, for the matches that lack them."""
    requests = []
    for name in _loaded_names(type_info, rows):
        attribute = type_info.attributes[name]
        entities = [
            match
            for row, match in zip(rows, matches, strict=True)
            if match is not None and not is_new(match) and row.values.get(name)
        ]
        if entities:
            requests.append(Request(attribute, entities))
    core.lazy.load_requests(requests)


def _checked(
    core: SessionCore, entity_class: type[Entity], row: IdentifiedRow, match: Any
) -> Any:
    """Check a row; return the new entity of one without a match, else `match`.

    Raises:
        AttributeValueError: a custom attribute is not configured, or has a value of
            another type.
    """
    if match is not None:
        for name, value in row.values.items():
            attribute = type(match).__ftrack__.attributes[name]
            if attribute.kind is AttributeKind.MAPPED and value:
                check_rows(match, attribute, getattr(match, name), value)
        return match
    entity = row.entity if row.entity is not None else entity_class(**row.values)
    core.configurations.configure([entity])
    return entity


def _update(entity: Any, row: IdentifiedRow, names: Sequence[AttributeInfo]) -> None:
    """Set the values of a row that do not identify it."""
    type_info = type(entity).__ftrack__
    identifying = {name.name for name in names}
    for attribute in names:
        if attribute.kind is AttributeKind.LINK:
            identifying.update(attribute.link_storage.holders)
    for name, value in row.values.items():
        attribute = type_info.attributes[name]
        if name in identifying or attribute.server_name in type_info.primary_key:
            continue
        if attribute.kind is AttributeKind.MAPPED:
            getattr(entity, name).update(value)
        else:
            setattr(entity, name, value)
