"""Names in place of the ids in the samples of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.migrations.plan_summary import ChangeCount, PlanSummary
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.schema.names import python_name
from ftrack_orm.types import JSON

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.core import SessionCore

_LABELS: Final = ("name", "username", "label", "key")
_MOST_KEYS: Final = 200
"""Ids of one type to look up."""


def resolved_names(
    core: SessionCore, summary: PlanSummary, known: Mapping[str, str]
) -> dict[str, JSON]:
    """Return names for the ids in samples; one request for those that are not known."""
    names: dict[str, JSON] = {}
    unknown: dict[str, dict[Any, None]] = {}
    for count in summary.counts.values():
        target = _target_of(core, count)
        for value in _sample_values(count):
            if value in known:
                names[value] = known[value]
            elif target is not None:
                unknown.setdefault(target, {})[value] = None
    queries = list(_queries(core, unknown))
    if queries:
        for rows in core.fetch_rows(queries[:10]):
            for row in rows:
                label = next((row[name] for name in _LABELS if row.get(name)), None)
                if isinstance(label, str):
                    names[str(row["id"])] = label
    return names


def _target_of(core: SessionCore, count: ChangeCount) -> str | None:
    """Return the type that the foreign key of a count leads to, ``None`` if it is none.

    Updates alone: entities that are created or deleted show no values.
    """
    entity_type, _, name = count.subject.partition(".")
    if count.sign != "~" or not name or "." in name:
        return None
    type_info = core.models.type_info(entity_type)
    links = type_info.links_by_foreign_key.get(python_name(name), ())
    return links[0].target_type if links else None


def _sample_values(count: ChangeCount) -> Iterator[str]:
    for _, before, after in count.samples:
        for value in (before, after):
            if isinstance(value, str):
                yield value


def _queries(
    core: SessionCore, unknown: Mapping[str, Mapping[Any, None]]
) -> Iterator[str]:
    for target, keys in unknown.items():
        try:
            type_info: TypeInfo = core.models.type_info(target)
        except UnknownEntityTypeError:
            continue
        labels = [name for name in _LABELS if name in type_info.by_server_name]
        if type_info.primary_key != ("id",) or not labels:
            continue
        projections = tuple(map(ast.PathExpression.of, ("id", *labels)))
        criteria = keyed(("id",), [(key,) for key in list(keys)[:_MOST_KEYS]])
        yield compile_query(ast.Query(target, projections, criteria=criteria))
