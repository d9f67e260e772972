"""Finding an entity by what identifies it, and making it be as asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.codec import decode_key
from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.errors.entity import IdentificationError, UnknownAttributeError
from ftrack_orm.errors.query import CriterionError, MultipleResultsError
from ftrack_orm.operations import Update
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.criterion import conjunction
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.select.projection import loaded_projections
from ftrack_orm.session.entity_data import create, sendable_data
from ftrack_orm.session.row_comparison import agrees, as_stored, compared_paths
from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.core import SessionCore

_SHOWN_MATCHES: Final = 20
"""How many of too many matches are asked for and listed."""


def ensure(
    core: SessionCore,
    type_info: TypeInfo,
    data: Mapping[str, Any] | Entity,
    identifying_keys: Iterable[str],
) -> Entity:
    """Return the entity that `data` identifies, made or changed where need be.

    Two requests at most: the question, and one create or update.

    Raises:
        IdentificationError: nothing to look for; nothing was sent.
        MultipleResultsError: more than one entity matches; nothing was changed.
    """
    values = sendable_data(type_info, data)
    looked_at = values
    if not isinstance(data, Mapping):
        # A new entity has a key already, which nothing on the server can match.
        looked_at = {
            name: values[name] for name in values if name not in type_info.primary_key
        }
    names = _identifying(type_info, looked_at, _names(type_info, identifying_keys))
    expression = _question(type_info, values, names)
    rows = core.rows_of([expression])[0]
    row = _only(type_info, rows, values, names, expression)
    if row is None:
        created: Entity = create(core, type_info, values).data
        return created
    different = {
        name: value
        for name, value in values.items()
        if name not in type_info.primary_key
        and not agrees(type_info, type_info.by_server_name[name], row, value)
    }
    # Compared first: the entity takes the row's values for its own.
    entity: Entity = core.take([row], LoadGroup())[0]
    if different:
        reference = entity.reference
        core.call([Update(reference.entity_type, reference.key, different)])
    return entity


def _names(type_info: TypeInfo, identifying_keys: Any) -> tuple[str, ...]:
    is_list = isinstance(identifying_keys, Iterable)
    if isinstance(identifying_keys, str) or not is_list:
        raise IdentificationError(
            type_info.name,
            (str(identifying_keys),),
            f"{identifying_keys!r} is no list of names",
        )
    names = tuple(identifying_keys)
    for name in names:
        if not isinstance(name, str):
            raise IdentificationError(
                type_info.name, tuple(map(str, names)), f"{name!r} is no name"
            )
    return names


def _identifying(
    type_info: TypeInfo, values: Mapping[str, Any], given: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the server names to look by: those given, or all that can be."""
    if not given:
        found = tuple(name for name in values if _can_identify(type_info, name))
        if not found:
            raise IdentificationError(
                type_info.name, (), "there is no data to look for"
            )
        return found
    names = []
    for name in given:
        attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
        if attribute is None:
            raise UnknownAttributeError(type_info.name, name, type_info.attributes)
        if attribute.server_name not in values and attribute.foreign_key in values:
            # An entity as data holds its links by their keys.
            attribute = type_info.by_server_name[str(attribute.foreign_key)]
        if attribute.server_name not in values:
            raise IdentificationError(
                type_info.name, given, f"{name} is not in the data"
            )
        if not _can_identify(type_info, attribute.server_name):
            raise IdentificationError(
                type_info.name, given, f"{name} holds many values, not one to look for"
            )
        names.append(attribute.server_name)
    return tuple(names)


def _can_identify(type_info: TypeInfo, name: str) -> bool:
    kind = type_info.by_server_name[name].kind
    return kind in (AttributeKind.SCALAR, AttributeKind.LINK)


# -- the question --------------------------------------------------------------------


def _question(
    type_info: TypeInfo, values: Mapping[str, Any], names: Sequence[str]
) -> str:
    try:
        criteria = conjunction(
            condition
            for name in names
            for condition in _conditions(type_info.by_server_name[name], values[name])
        )
    except CriterionError as error:
        raise IdentificationError(type_info.name, names, str(error)) from error
    projections = [
        *map(ast.PathExpression.of, type_info.primary_key),
        *loaded_projections(type_info, ()),
        *(path for name in values for path in compared_paths(type_info, name)),
    ]
    return compile_query(
        ast.Query(
            type_info.name,
            tuple(dict.fromkeys(projections)),
            criteria=criteria,
            limit=_SHOWN_MATCHES,
        )
    )


def _conditions(attribute: AttributeInfo, value: Any) -> list[ast.Comparison]:
    name = attribute.server_name
    if attribute.kind is AttributeKind.SCALAR:
        return [_is(name, as_stored(value))]
    if attribute.foreign_key is not None:
        return [_is(attribute.foreign_key, None if value is None else value.key[0])]
    if value is None:
        return [_is(name, None)]
    names = attribute.owner.type_named(value.entity_type).primary_key
    return [
        _is(f"{name}.{part}", key) for part, key in zip(names, value.key, strict=True)
    ]


def _is(path: str, value: Any) -> ast.Comparison:
    return ast.Comparison(ast.PathExpression.of(path), "is", encode_literal(value))


# -- the answer ----------------------------------------------------------------------


def _only(
    type_info: TypeInfo,
    rows: list[dict[str, Any]],
    values: Mapping[str, Any],
    names: Sequence[str],
    expression: str,
) -> dict[str, Any] | None:
    """Return the one row that matches.

    Servers compare text without regard to case (protocol 10, row 7): of several
    matches the one that agrees to the letter is meant.
    """
    if len(rows) > 1:
        exact = [
            row
            for row in rows
            if all(
                agrees(type_info, type_info.by_server_name[name], row, values[name])
                for name in names
            )
        ]
        if len(exact) == 1:
            return exact[0]
        found = exact or rows
        keys = [
            str(
                Reference(
                    row["__entity_type__"], decode_key(row, type_info.primary_key)
                )
            )
            for row in found
        ]
        raise MultipleResultsError(expression, keys)
    return rows[0] if rows else None
