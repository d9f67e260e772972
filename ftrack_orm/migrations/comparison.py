"""Compare the values that a run wrote with those that the server has now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ftrack_orm.migrations.change_text import ChangeTexts
from ftrack_orm.migrations.chunks import MAX_OPERATIONS, Chunk, cut_chunk
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.lock import read_history
from ftrack_orm.migrations.plan_store import PLAN_FOLDER, find_plan
from ftrack_orm.migrations.planned_change import (
    PlannedChange,
    PlannedUnit,
)
from ftrack_orm.migrations.undo import applied_runs
from ftrack_orm.migrations.verification import (
    Conflict,
    RowReads,
    current_value,
    is_same_state,
    stored_reference,
)
from ftrack_orm.migrations.written_units import WrittenUnits
from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

_MAX_EXAMPLES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of `verify`.

    Attributes:
        run: the run; of a revision, its last one.
        changes: the number of changes that were compared.
        different: the number of values that differ now.
        examples: the first of them; the `before` of a change is the value that the run
            replaced.
        texts: the examples in words.
    """

    run: str
    changes: int
    different: int
    examples: tuple[Conflict, ...]
    texts: tuple[str, ...]


def verify(session: Session, run: str, *, folder: Path = PLAN_FOLDER) -> Verification:
    """Read again the values that a run wrote; return those that differ now.

    Args:
        session: the connection.
        run: the run, or the revision whose runs are verified.
        folder: the folder with plans.

    Raises:
        UnknownRunError: there is no such run, or it is not applied.
        PlanNotFoundError: neither this computer nor the server has its plan.
    """
    client = RunClient(session)
    history = read_history(client)
    runs = applied_runs(history, run)
    count = different = 0
    examples: list[Conflict] = []
    texts: list[str] = []
    for each in runs:
        with find_plan(client, each, history.run(each) or {}, folder) as file:
            written = WrittenUnits(file, history, each)
            last_writers = _LastWriters(written)
            for chunk in _chunks(written):
                for conflict, is_same in _compared(client, chunk, last_writers):
                    count += 1
                    if not is_same:
                        different += 1
                        examples.append(conflict)
                del examples[_MAX_EXAMPLES:]
            describe = ChangeTexts(file).conflict_now
            texts += map(describe, examples[len(texts) :])
    return Verification(runs[0], count, different, tuple(examples), tuple(texts))


def _chunks(written: WrittenUnits) -> Iterator[Chunk]:
    upto = 0
    while chunk := cut_chunk(written.units(upto + 1), MAX_OPERATIONS):
        yield chunk
        upto = chunk.last


def _compared(
    client: RunClient, chunk: Chunk, last_writers: _LastWriters
) -> Iterator[tuple[Conflict, bool]]:
    reads = RowReads.of(chunk.units, client.primary_key)
    results = client.send(reads.queries)
    rows = reads.rows(
        client.complete(query.expression, result)
        for query, result in zip(reads.queries, results, strict=True)
    )
    for unit in chunk.units:
        for change in unit.changes:
            current = current_value(
                change, rows.rows.get(stored_reference(change.reference))
            )
            is_same = is_same_state(
                change, current, change.after
            ) or not last_writers.is_last(unit, change)
            yield Conflict(unit.number, unit.title, change, current), is_same


class _LastWriters:
    """The units that wrote an attribute last; read when a value differs.

    A plan may write an attribute twice, and only the last value stays.
    """

    def __init__(self, written: WrittenUnits) -> None:
        self._written = written
        self._units: dict[tuple[Reference, str | None], int] | None = None

    def is_last(self, unit: PlannedUnit, change: PlannedChange) -> bool:
        """Return whether no later unit writes the attribute, or the entity."""
        if self._units is None:
            self._units = dict(_writes(self._written.units()))
        names = {change.attribute, None}
        if change.attribute is None:
            return self._is_last_of_entity(unit, change)
        return all(
            self._units.get((stored_reference(change.reference), name), 0)
            <= unit.number
            for name in names
        )

    def _is_last_of_entity(self, unit: PlannedUnit, change: PlannedChange) -> bool:
        units = self._units or {}
        reference = stored_reference(change.reference)
        values = change.after if isinstance(change.after, dict) else {}
        return all(
            units.get((reference, name), 0) <= unit.number for name in (None, *values)
        )


def _writes(
    units: Iterable[PlannedUnit],
) -> Iterator[tuple[tuple[Reference, str | None], int]]:
    for unit in units:
        for change in unit.changes:
            yield (stored_reference(change.reference), change.attribute), unit.number
