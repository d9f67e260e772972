"""Find out which custom attributes have a stored value, and which the default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from ftrack_orm.entity.mapped import MappedValues, is_mapped
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.session.lazy_loader import KEYS_PER_QUERY

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.custom_attribute_configurations import Configurations

_NAMES: Final = ("configuration_id", "entity_id")


class RowSource(Protocol):
    """Sends queries; implemented by the session's core."""

    def fetch_rows(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return the rows of each expression, all requested together."""
        ...


def record_stored_values(
    source: RowSource,
    configurations: Configurations,
    entities: Sequence[Entity],
    attribute: AttributeInfo,
) -> None:
    """Record in the mappings of entities which values are stored, with one request.

    The request also reads the configurations if they are not loaded, because a program
    that copies or clears stored values needs them in its commit.

    The rows of entities include defaults; plain ``CustomAttributeValue`` rows exist
    only for stored values (protocol 3.5).
    """
    mappings: dict[Any, MappedValues[Any]] = {}
    for entity in entities:
        rows = vars(entity).get(attribute.name)
        if is_mapped(rows) and rows._custom_rows.stored is None:
            mappings[entity.reference.key[0]] = rows
    stored: dict[Any, set[str]] = {key: set() for key in mappings}
    expressions = _expressions(tuple(mappings))
    if configurations.is_loaded:
        results = source.fetch_rows(expressions)
    else:
        *results, rows_of_configurations = source.fetch_rows(
            [*expressions, configurations.expression]
        )
        configurations.store(rows_of_configurations)
    for query_rows in results:
        for row in query_rows:
            stored[row["entity_id"]].add(row["configuration_id"])
    for key, rows in mappings.items():
        rows._custom_rows.stored = stored[key]


def _expressions(keys: Sequence[Any]) -> list[str]:
    projections = tuple(ast.PathExpression.of(name) for name in _NAMES)
    return [
        compile_query(
            ast.Query(
                "CustomAttributeValue",
                projections,
                criteria=keyed(
                    ("entity_id",),
                    [(key,) for key in keys[start : start + KEYS_PER_QUERY]],
                ),
            )
        )
        for start in range(0, len(keys), KEYS_PER_QUERY)
    ]
