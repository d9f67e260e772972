"""Keep entities whose delete would take others with it that no plan has counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.migrations.cascaded_rows import CascadedRows
from ftrack_orm.migrations.cascades import OWNERS
from ftrack_orm.migrations.deleted_rows import CascadeCounter
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import PlannedChange
from ftrack_orm.migrations.planned_values import has_create
from ftrack_orm.migrations.verification import BELOW, Conflict, Verdict
from ftrack_orm.operations import Query
from ftrack_orm.types import JSON, Reference

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient

# Rows of these types follow from edits of entities that were planned.
_FOLLOWING: Final = ("StatusChange", "Feed", "CustomAttributeValue")


def keep_uncounted(
    verdicts: Sequence[Verdict], client: RunClient, file: PlanFile
) -> None:
    """Turn deletes that would take entities that were not planned into conflicts.

    Another user has added these since, or the run has left out the change that was to
    move or delete them. Sends a request for each level of the hierarchy below the
    entities that are deleted with others; none where there are no such deletes.
    """
    while found := _excess(verdicts, client, file):
        for verdict, change, more in found:
            unit = verdict.unit
            current: JSON = {BELOW: more}
            conflict = Conflict(unit.number, unit.title, change, current)
            verdict.conflicts.append(conflict)


def _excess(
    verdicts: Sequence[Verdict], client: RunClient, file: PlanFile
) -> list[tuple[Verdict, PlannedChange, dict[str, JSON]]]:
    """Return the deletes that would take more than was planned, with the numbers."""
    written = list(_written(verdicts))
    deletes = [pair for pair in written if pair[1].action == "delete"]
    if all(change.cascade is None for _, change in deletes):
        return []
    moves = {
        (change.attribute, change.key)
        for _, change in written
        if change.attribute in OWNERS
    }

    def is_gone(attribute: str, row: Reference) -> bool:
        return (attribute, row.key) in moves

    counter = _counter(client, is_gone)
    counter.count([change.reference for _, change in deletes])
    planned = CascadedRows(file)
    more: dict[Reference, Counter[str]] = {}
    for member, origin in counter.members.items():
        name = member.entity_type
        is_planned = name.endswith(_FOLLOWING) or member in planned
        if not is_planned and not has_create(file, member):
            more.setdefault(origin, Counter())[name] += 1
    return [
        (verdict, change, dict(sorted(more[change.reference].items())))
        for verdict, change in deletes
        if change.cascade is not None and change.reference in more
    ]


def _written(verdicts: Sequence[Verdict]) -> Iterator[tuple[Verdict, PlannedChange]]:
    for verdict in verdicts:
        if not verdict.conflicts:
            for change in verdict.to_write:
                yield verdict, change


def _counter(
    client: RunClient, is_gone: Callable[[str, Reference], bool]
) -> CascadeCounter:
    def fetch_rows(expressions: list[str]) -> list[list[dict[str, Any]]]:
        results = client.send([Query(text) for text in expressions])
        return [
            client.complete(text, result)
            for text, result in zip(expressions, results, strict=True)
        ]

    return CascadeCounter(client.type_info, fetch_rows, is_gone=is_gone)
