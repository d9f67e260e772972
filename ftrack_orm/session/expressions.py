"""Compile the queries that read whole entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.select.projection import loaded_projections
from ftrack_orm.types import EntityKey

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo


def entity_expression(type_info: TypeInfo, key: EntityKey) -> str:
    """Return the query for one entity: its key and stored scalars."""
    return _compile(type_info, keyed(type_info.primary_key, [key]))


def type_expression(type_info: TypeInfo) -> str:
    """Return the query for every entity of a type: keys and stored scalars."""
    return _compile(type_info, None)


def _compile(type_info: TypeInfo, criteria: ast.Criteria | None) -> str:
    projections = dict.fromkeys(
        (
            *map(ast.PathExpression.of, type_info.primary_key),
            *loaded_projections(type_info, ()),
        )
    )
    return compile_query(
        ast.Query(type_info.name, tuple(projections), criteria=criteria)
    )
