"""Keep entities whose delete would take more with it than a plan has counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.migrations.cascades import OWNERS
from ftrack_orm.migrations.deleted_rows import CascadeCounter
from ftrack_orm.migrations.planned_change import PlannedChange
from ftrack_orm.migrations.verification import BELOW, Conflict, Verdict
from ftrack_orm.operations import Query
from ftrack_orm.types import JSON, EntityKey

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient

# Rows of these types follow from edits of entities that were counted.
_FOLLOWING: Final = ("StatusChange", "Feed", "CustomAttributeValue")


def keep_uncounted(verdicts: Sequence[Verdict], client: RunClient) -> None:
    """Turn deletes that would take more entities than was planned into conflicts.

    Somebody has added these since, or the run has left out the change that was to move
    them away. Sends a request for each level of the hierarchy below the entities that
    are deleted with others; none where there are no such deletes.
    """
    while found := _excess(verdicts, client):
        for verdict, change, more in found:
            unit = verdict.unit
            current: JSON = {BELOW: more}
            conflict = Conflict(unit.number, unit.title, change, current)
            verdict.conflicts.append(conflict)


def _excess(
    verdicts: Sequence[Verdict], client: RunClient
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

    def is_moved(attribute: str, key: EntityKey) -> bool:
        return (attribute, key) in moves

    counter = _counter(client, is_moved)
    counts = counter.count([change.reference for _, change in deletes])
    found = []
    for verdict, change in deletes:
        if change.cascade is None:
            continue
        more = _more(counts[change.reference], change.cascade)
        if more:
            found.append((verdict, change, more))
    return found


def _written(verdicts: Sequence[Verdict]) -> Iterator[tuple[Verdict, PlannedChange]]:
    for verdict in verdicts:
        if not verdict.conflicts:
            for change in verdict.to_write:
                yield verdict, change


def _counter(client: RunClient, is_moved: Any) -> CascadeCounter:
    def fetch_rows(expressions: list[str]) -> list[list[dict[str, Any]]]:
        results = client.send([Query(text) for text in expressions])
        return [
            client.complete(text, result)
            for text, result in zip(expressions, results, strict=True)
        ]

    return CascadeCounter(client.type_info, fetch_rows, is_moved=is_moved)


def _more(counted: Mapping[str, int], planned: Mapping[str, int]) -> dict[str, JSON]:
    return {
        name: count - planned.get(name, 0)
        for name, count in sorted(counted.items())
        if count > planned.get(name, 0) and not name.endswith(_FOLLOWING)
    }
