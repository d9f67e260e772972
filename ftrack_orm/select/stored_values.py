"""Read the stored custom attributes of a select with its first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ftrack_orm.errors.query import QueryError
from ftrack_orm.query import ast
from ftrack_orm.query.splitting import split_query
from ftrack_orm.schema.attribute_kind import AttributeKind

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.select.executor import PageSource, QueryExecutor


def custom_attributes_of(paths: Sequence[Any]) -> AttributeInfo:
    """Return the attribute among loaded paths that holds the custom attributes.

    Raises:
        QueryError: there is none of the selected type itself.
    """
    for path in paths:
        attribute: AttributeInfo = path._attribute
        is_mapped = attribute.kind is AttributeKind.MAPPED
        if is_mapped and attribute.name != "metadata" and len(path._steps) == 1:
            return attribute
    raise QueryError(
        "stored=True reads which custom attributes have a stored value. Load them too: "
        ".load(Shot.custom_attributes, stored=True)."
    )


def page_source(
    executor: QueryExecutor,
    type_info: TypeInfo,
    query: ast.Query,
    attribute: AttributeInfo | None,
) -> PageSource:
    """Return the source of the pages of a query.

    Args:
        executor: the session.
        type_info: the selected type.
        query: the query.
        attribute: the custom attributes whose stored values are read with the first
            page; ``None`` for none. A query with a limit, or in parts, has no subquery
            with the same entities, so theirs are read later.
    """
    is_whole = query.limit is None and not query.offset
    if attribute is None or not is_whole or len(split_query(query)) > 1:
        return executor
    keys = tuple(map(ast.PathExpression.of, type_info.primary_key))
    all_keys = replace(query, projections=keys, order_by=())
    return executor.with_stored_values(all_keys, attribute)
