"""Apply a small plan in one request, so that all of it is applied or nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ftrack_orm.errors.migration_runs import PlanRefusedError, StalePlanError
from ftrack_orm.errors.migrations import PlanFileError
from ftrack_orm.errors.server import ServerError
from ftrack_orm.errors.transport import TransportError
from ftrack_orm.migrations.change_text import ChangeTexts
from ftrack_orm.migrations.chunk_results import (
    chunk_operations,
    is_applied,
    skip_values,
)
from ftrack_orm.migrations.chunks import MAX_SINGLE
from ftrack_orm.migrations.dependents import Dependents, keep_owners
from ftrack_orm.migrations.effects import run_effects, units_with_effects
from ftrack_orm.migrations.fenced_run import Checkpoint
from ftrack_orm.migrations.filled_values import FilledReads
from ftrack_orm.migrations.history import (
    LOCK,
    History,
    run_key,
    skip_key,
)
from ftrack_orm.migrations.lock import (
    lock_row,
    locked_error,
    new_owner,
    read_history,
)
from ftrack_orm.migrations.options import Outcome, RunOptions
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.run_start import RunRecord, revision_operations
from ftrack_orm.migrations.uncounted import keep_uncounted
from ftrack_orm.migrations.verification import RowReads, Verdict
from ftrack_orm.operations import AnyOperation

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient
    from ftrack_orm.migrations.history_store import HistoryStore


def apply_at_once(
    client: RunClient,
    file: PlanFile,
    record: RunRecord,
    history: History,
    options: RunOptions,
) -> Outcome:
    """Send the whole plan as one batch.

    The batch creates and deletes the lock, so it is refused while a run holds it.

    Raises:
        PlanRefusedError: the plan is too large, or an effect failed.
        StalePlanError: a row has changed, or the server refused; nothing was applied.
        LockedError: a run holds the lock.
    """
    if history.lock is not None:
        raise locked_error(history)
    _check_size(file)
    verdicts = _verdicts(client, file)
    called: set[int] = set()
    while _run_effects(verdicts, called):
        # The effects took time, so the rows are compared once more.
        verdicts = _verdicts(client, file)
    applied = sum(map(is_applied, verdicts))
    checkpoint = Checkpoint(record.units, applied, len(verdicts) - applied)
    owner = new_owner()
    batch = _batch(client.store, record, history, verdicts, checkpoint, owner)
    _send(client, batch, record, owner, options)
    file.record_end(record.run)
    with suppress(PlanFileError, ServerError, TransportError):
        filled = FilledReads.of(verdicts, client)
        results = client.send(filled.queries) if filled.queries else ()
        more = filled.record(client, results)
        file.record_step(record.run, 0, {**checkpoint.to_json(), **more})
    options.on_event({"event": "end", "run": record.run, **checkpoint.to_json()})
    return Outcome(record.run, checkpoint.applied, checkpoint.already)


def _run_effects(verdicts: list[Verdict], called: set[int]) -> bool:
    """Run the effects of units that are written; return whether there were any.

    Raises:
        PlanRefusedError: one failed.
    """
    units = units_with_effects(verdicts, called)
    for unit in units:
        try:
            run_effects(unit)
        # The function is a user's: it can raise any exception.
        except Exception as error:
            raise PlanRefusedError(
                f"an effect of unit {unit.number} ({unit.title}) failed: {error}",
                "Nothing was written. Correct the cause, and apply the plan again.",
            ) from error
    return bool(units)


def _check_size(file: PlanFile) -> None:
    count = 0
    for unit in file.units():
        count += sum(1 for _ in unit.operations())
        if count > MAX_SINGLE:
            raise PlanRefusedError(
                f"it has more than {MAX_SINGLE} operations, too many for one request",
                "Apply it without --single-request.",
            )


def _verdicts(client: RunClient, file: PlanFile) -> list[Verdict]:
    units = tuple(file.units())
    reads = RowReads.of(units, client.primary_key)
    results = client.send(reads.queries)
    rows = reads.rows(
        client.complete(query.expression, result)
        for query, result in zip(reads.queries, results, strict=True)
    )
    verdicts = [rows.judge(unit) for unit in units]
    is_undo = file.meta("undo_of") is not None
    if is_undo:
        users = file.meta("undone_users") or ()
        keep_owners(verdicts, Dependents(client, users))
    else:
        keep_uncounted(verdicts, client, file)
    conflicts = (conflict for verdict in verdicts for conflict in verdict.conflicts)
    first = next(conflicts, None)
    if first is None:
        return verdicts
    reason = ChangeTexts(file).conflict(first)
    if not is_undo:
        raise StalePlanError(reason)
    raise StalePlanError(
        reason, "Apply the undo without --single-request, which leaves such rows out."
    )


def _batch(
    store: HistoryStore,
    record: RunRecord,
    history: History,
    verdicts: list[Verdict],
    checkpoint: Checkpoint,
    owner: str,
) -> list[AnyOperation]:
    ended = {**checkpoint.to_json(), "ended_by": owner}
    batch: list[AnyOperation] = [
        store.create_row(LOCK, lock_row(record.run, record.user, owner)),
        store.create_row(run_key(record.run), record.row("applied", **ended)),
        *chunk_operations(verdicts),
        store.delete_row(LOCK),
    ]
    for part, value in enumerate(skip_values(verdicts)):
        batch.append(store.create_row(skip_key(record.run, 0, part), value))
    return [*batch, *revision_operations(store, record, checkpoint, history)]


def _send(
    client: RunClient,
    batch: list[AnyOperation],
    record: RunRecord,
    owner: str,
    options: RunOptions,
) -> None:
    """Send the batch until it is applied or refused; a second copy is refused."""
    failures = 0
    while True:
        try:
            client.send(batch)
        except (ServerError, TransportError) as error:
            history = read_history(client)
            row = history.run(record.run)
            if row is not None and row.get("ended_by") == owner:
                return
            if history.lock is not None:
                raise locked_error(history) from error
            if isinstance(error, ServerError):
                raise StalePlanError(f"the server refused: {error.content}") from error
            failures += 1
            if failures >= options.retry.attempts:
                raise
            options.sleep(options.retry.wait(failures))
        else:
            return
