"""Find an entity by its identifying values; update or create it."""

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
from ftrack_orm.query.mapped_paths import MappedItemPath
from ftrack_orm.query.path import PathBase
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.select.projection import loaded_projections
from ftrack_orm.session.conditions import conditions_of
from ftrack_orm.session.entity_data import create, sendable_data
from ftrack_orm.session.row_comparison import agrees, compared_paths
from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.core import SessionCore

_MATCH_LIMIT: Final = 20
"""The most matches that are requested; the error for several lists them."""


def ensure(
    core: SessionCore,
    type_info: TypeInfo,
    data: Mapping[str, Any] | Entity,
    identifying_keys: Iterable[Any],
) -> Entity:
    """Return the entity that `data` identifies; create it or update it to match.

    Two requests at most: the query, and one create or update.

    Raises:
        IdentificationError: there is no value to search by; nothing was sent.
        MultipleResultsError: more than one entity matches; nothing was changed.
    """
    values = sendable_data(type_info, data)
    # A new entity has a generated key, which no entity on the server can match.
    is_entity = not isinstance(data, Mapping)
    candidates = _without_key(type_info, values) if is_entity else values
    keys = _require_names(type_info, identifying_keys)
    names = _identifying_names(type_info, candidates, keys)
    row = _find_row(core, type_info, values, names)
    if row is not None:
        return _update_to_match(core, type_info, row, values)
    created: Entity = create(core, type_info, values).data
    return created


def _find_row(
    core: SessionCore,
    type_info: TypeInfo,
    values: Mapping[str, Any],
    names: Sequence[str],
) -> dict[str, Any] | None:
    """Return the server's row that has the values of these names, if any."""
    expression = _expression(type_info, values, names)
    rows = core.fetch_rows([expression])[0]
    return _single_match(type_info, rows, values, names, expression)


def _without_key(type_info: TypeInfo, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in values.items()
        if name not in type_info.primary_key
    }


def _update_to_match(
    core: SessionCore,
    type_info: TypeInfo,
    row: dict[str, Any],
    values: Mapping[str, Any],
) -> Entity:
    """Return the entity of a row, updated where the row differs from `values`."""
    different = {
        name: value
        for name, value in _without_key(type_info, values).items()
        if not agrees(type_info, type_info.by_server_name[name], row, value)
    }
    # After the comparison: building makes the row the entity's `__dict__`, with
    # decoded values.
    entity: Entity = core.build([row], LoadGroup())[0]
    if different:
        reference = entity.reference
        core.call([Update(reference.entity_type, reference.key, different)])
    return entity


def _require_names(type_info: TypeInfo, identifying_keys: Any) -> tuple[str, ...]:
    is_list = isinstance(identifying_keys, Iterable)
    if isinstance(identifying_keys, str) or not is_list:
        raise IdentificationError(
            type_info.name,
            (str(identifying_keys),),
            f"{identifying_keys!r} is not a list of names",
        )
    keys = tuple(identifying_keys)
    names = tuple(_name_of(type_info, key) for key in keys)
    for key, name in zip(keys, names, strict=True):
        if name is None:
            raise IdentificationError(
                type_info.name,
                tuple(map(str, keys)),
                f"{key!r} is not a name or an attribute of {type_info.name}",
            )
    return tuple(name for name in names if name is not None)


def _name_of(type_info: TypeInfo, key: Any) -> str | None:
    """Return the name of an identifying key, ``None`` if it names no attribute."""
    if isinstance(key, str):
        return key
    is_own = (
        isinstance(key, PathBase)
        and not isinstance(key, MappedItemPath)
        and len(key._steps) == 1
        and type_info.is_kind_of(key._root.name)
    )
    return key._attribute.server_name if is_own else None


def _identifying_names(
    type_info: TypeInfo, values: Mapping[str, Any], identifying_keys: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the server names to search by; all possible ones by default.

    Raises:
        UnknownAttributeError: the type has no attribute of that name.
        IdentificationError: a name is not in the data or holds several values, or
            there is no name to search by.
    """
    if not identifying_keys:
        return _default_names(type_info, values)
    names = []
    for name in identifying_keys:
        server_name = _server_name_in(values, type_info, name)
        if server_name not in values:
            reason = f"{name} is not in the data"
            raise IdentificationError(type_info.name, identifying_keys, reason)
        if not _can_identify(type_info, server_name):
            reason = f"{name} holds many values, not one to look for"
            raise IdentificationError(type_info.name, identifying_keys, reason)
        names.append(server_name)
    return tuple(names)


def _default_names(type_info: TypeInfo, values: Mapping[str, Any]) -> tuple[str, ...]:
    names = tuple(name for name in values if _can_identify(type_info, name))
    if not names:
        raise IdentificationError(type_info.name, (), "there is no data to look for")
    return names


def _server_name_in(values: Mapping[str, Any], type_info: TypeInfo, name: str) -> str:
    """Return the server name under which the data has an attribute, if it has it."""
    attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
    if attribute is None:
        raise UnknownAttributeError(type_info.name, name, type_info.attributes)
    if attribute.server_name in values:
        return attribute.server_name
    if attribute.foreign_key in values:
        # An entity passed as data has its links as foreign keys.
        return str(attribute.foreign_key)
    for link in type_info.links_by_foreign_key.get(attribute.name, ()):
        if link.server_name in values:
            return link.server_name
    return attribute.server_name


def _can_identify(type_info: TypeInfo, name: str) -> bool:
    kind = type_info.by_server_name[name].kind
    return kind in (AttributeKind.SCALAR, AttributeKind.LINK)


# -- the query -----------------------------------------------------------------------


def _expression(
    type_info: TypeInfo, values: Mapping[str, Any], names: Sequence[str]
) -> str:
    try:
        criteria = conjunction(
            condition
            for name in names
            for condition in conditions_of(type_info.by_server_name[name], values[name])
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
            limit=_MATCH_LIMIT,
        )
    )


# -- the response --------------------------------------------------------------------


def _single_match(
    type_info: TypeInfo,
    rows: list[dict[str, Any]],
    values: Mapping[str, Any],
    names: Sequence[str],
    expression: str,
) -> dict[str, Any] | None:
    """Return the row that matches, ``None`` when there is none.

    Servers compare text without regard to case (protocol 10, row 7). Among several
    matches, the one with the same case is returned.

    Raises:
        MultipleResultsError: several rows match equally well.
    """
    if len(rows) > 1:
        exact = [row for row in rows if _agrees(type_info, row, values, names)]
        if len(exact) == 1:
            return exact[0]
        keys = [str(_reference(type_info, row)) for row in exact or rows]
        raise MultipleResultsError(expression, keys)
    return rows[0] if rows else None


def _agrees(
    type_info: TypeInfo,
    row: Mapping[str, Any],
    values: Mapping[str, Any],
    names: Sequence[str],
) -> bool:
    return all(
        agrees(type_info, type_info.by_server_name[name], row, values[name])
        for name in names
    )


def _reference(type_info: TypeInfo, row: Mapping[str, Any]) -> Reference:
    return Reference(row["__entity_type__"], decode_key(row, type_info.primary_key))
