"""Find out which custom attributes have a stored value, and which the default."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from ftrack_orm.entity.mapped import MappedValues, is_mapped
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.session.extended_fetch import (
    ExtendedFetch,
    Rows,
    missing_configurations,
)
from ftrack_orm.session.lazy_loader import KEYS_PER_QUERY

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.state import LoadGroup
    from ftrack_orm.session.core import SessionCore
    from ftrack_orm.session.custom_attribute_configurations import Configurations

E = TypeVar("E", bound="Entity")

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
    mappings = _unknown_mappings(entities, attribute)
    keys = tuple(mappings)
    queries = [
        _rows_query(
            keyed(
                ("entity_id",),
                [(key,) for key in keys[start : start + KEYS_PER_QUERY]],
            )
        )
        for start in range(0, len(keys), KEYS_PER_QUERY)
    ]
    extra = missing_configurations(configurations)
    results = source.fetch_rows([*map(compile_query, queries), *extra])
    if extra:
        configurations.store(results.pop())
    _record(mappings, _stored_ids(itertools.chain.from_iterable(results)))


class FetchWithStoredValues(ExtendedFetch):
    """An executor that also reads which custom attributes have a stored value.

    It is the executor of a select with ``load(..., stored=True)``.
    """

    def __init__(
        self, core: SessionCore, query: ast.Query, attribute: AttributeInfo
    ) -> None:
        """Store the arguments; nothing is sent.

        Args:
            core: the session's internals.
            query: the keys of all entities of the select.
            attribute: the custom attributes of the entities.
        """
        super().__init__(core)
        self._query = _rows_query(
            ast.Membership(ast.PathExpression.of("entity_id"), query)
        )
        self._attribute = attribute
        self._stored: Mapping[Any, set[str]] | None = None

    def _extra_expressions(self) -> list[str]:
        if self._stored is not None:
            return []
        extra = missing_configurations(self._core.configurations)
        return [compile_query(self._query), *extra]

    def _store_extra(self, results: list[Rows]) -> None:
        rows, *configurations = results
        if configurations:
            self._core.configurations.store(configurations[0])
        self._stored = _stored_ids(rows)

    def build_entities(
        self, rows: Rows, group: LoadGroup, entity_class: type[E]
    ) -> list[E]:
        """Return the rows as entities that know their stored values."""
        entities = super().build_entities(rows, group, entity_class)
        _record(_unknown_mappings(entities, self._attribute), self._stored or {})
        return entities


def _unknown_mappings(
    entities: Iterable[Entity], attribute: AttributeInfo
) -> dict[Any, MappedValues[Any]]:
    """Return the loaded custom attributes whose stored values are not known, by key."""
    mappings: dict[Any, MappedValues[Any]] = {}
    for entity in entities:
        rows = vars(entity).get(attribute.name)
        if is_mapped(rows) and rows._custom_rows.stored is None:
            mappings[entity.reference.key[0]] = rows
    return mappings


def _record(
    mappings: Mapping[Any, MappedValues[Any]], stored: Mapping[Any, set[str]]
) -> None:
    for key, rows in mappings.items():
        rows._custom_rows.stored = set(stored.get(key, ()))


def _stored_ids(rows: Iterable[Mapping[str, Any]]) -> dict[Any, set[str]]:
    """Return the ids of the configurations with a stored value, by entity."""
    stored: defaultdict[Any, set[str]] = defaultdict(set)
    for row in rows:
        stored[row["entity_id"]].add(row["configuration_id"])
    return stored


def _rows_query(criteria: ast.Criteria) -> ast.Query:
    projections = tuple(map(ast.PathExpression.of, _NAMES))
    return ast.Query("CustomAttributeValue", projections, criteria=criteria)
