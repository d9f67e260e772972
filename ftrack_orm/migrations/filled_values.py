"""The values that a server fills in for the entities that a run creates.

A run reads them in the request that creates the entities, so that its undo knows which
were edited since. They are in the plan file of the computer that applied the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.migrations.deleted_rows import creatable_names
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import PlannedChange, canonical_json
from ftrack_orm.migrations.verification import Verdict
from ftrack_orm.operations import Query
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.types import JSON, JSONObject, Reference

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient

_FILLED: Final = "filled"
_KEYS_PER_QUERY: Final = 500

_FOLLOWING: Final = ("project_id", "thread_activity")
"""Attributes that a server changes with other entities: the owner, a reply."""

_SECRET: Final = ("passphrase",)
"""Attributes that no plan file holds unless the plan sets them."""


@dataclass(frozen=True, slots=True)
class FilledReads:
    """The queries that read the entities which some units create.

    Attributes:
        queries: the queries, in the order of their results.
    """

    queries: list[Query]
    _types: list[str]
    _sent: Mapping[Reference, Iterable[str]]

    @classmethod
    def of(cls, verdicts: Iterable[Verdict], client: RunClient) -> FilledReads:
        """Return the queries for the attributes that a create may send."""
        sent: dict[Reference, Iterable[str]] = {}
        keys: dict[str, list[str]] = {}
        for change in _creates(verdicts):
            # Rows with a key of several parts are sent whole.
            if len(change.key) == 1 and isinstance(change.after, dict):
                sent[change.reference] = change.after.keys()
                keys.setdefault(change.entity_type, []).append(str(change.key[0]))
        reads = cls([], [], sent)
        for entity_type, found in keys.items():
            try:
                type_info = client.type_info(entity_type)
            except UnknownEntityTypeError:
                continue
            left_out = {"id", *_FOLLOWING, *_SECRET}
            names = [
                name for name in creatable_names(type_info) if name not in left_out
            ]
            projections = tuple(map(ast.PathExpression.of, ("id", *names)))
            for start in range(0, len(found), _KEYS_PER_QUERY):
                part = [(key,) for key in found[start : start + _KEYS_PER_QUERY]]
                query = ast.Query(
                    entity_type, projections, criteria=keyed(("id",), part)
                )
                reads.queries.append(Query(compile_query(query)))
                reads._types.append(entity_type)
        return reads

    def record(self, client: RunClient, results: Sequence[Any]) -> JSONObject:
        """Return a part of a step's record: equal values, and the entities with them.

        Empty if there are no results.
        """
        if not results:
            return {}
        groups: dict[str, tuple[JSONObject, list[JSON]]] = {}
        for query, entity_type, result in zip(
            self.queries, self._types, results, strict=True
        ):
            for row in client.complete(query.expression, result):
                reference = Reference(entity_type, (row["id"],))
                known = {"id", "__entity_type__", *self._sent.get(reference, row)}
                values = {
                    name: value for name, value in row.items() if name not in known
                }
                if values:
                    group = groups.setdefault(canonical_json(values), (values, []))
                    group[1].append([entity_type, row["id"]])
        return {_FILLED: [list(group) for group in groups.values()]} if groups else {}


def filled_values(file: PlanFile, run: str) -> dict[Reference, JSONObject]:
    """Return the values that the server filled in, by the entity that a run created.

    An entity is missing if this computer did not receive the reply that has them.
    """
    return {
        Reference(entity_type, (key,)): values
        for _, record in file.steps(run)
        for values, members in record.get(_FILLED, ())
        for entity_type, key in members
    }


def _creates(verdicts: Iterable[Verdict]) -> Iterator[PlannedChange]:
    for verdict in verdicts:
        if not verdict.conflicts:
            for change in verdict.to_write:
                if change.action == "create":
                    yield change
