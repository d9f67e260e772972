"""Begin a run, or continue one that was interrupted: the lock and the first fence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ftrack_orm.errors.migration_runs import (
    RunTakenOverError,
    StalePlanError,
    UnknownRunError,
)
from ftrack_orm.errors.server import ServerError
from ftrack_orm.errors.transport import TransportError
from ftrack_orm.migrations.fenced_run import Checkpoint, FencedRun, LostReplyError
from ftrack_orm.migrations.first_rows import ChunkRead, FirstRows
from ftrack_orm.migrations.history import (
    LOCK,
    History,
    fence_key,
    now,
    revision_key,
    run_key,
)
from ftrack_orm.migrations.history_store import HistoryStore, write_row
from ftrack_orm.migrations.lock import (
    LEASE,
    is_fence_still,
    is_process_gone,
    lock_row,
    locked_error,
    new_owner,
    read_history,
    take_over_operations,
)
from ftrack_orm.migrations.options import RunOptions
from ftrack_orm.migrations.preparation import PlanFacts, newer_run
from ftrack_orm.migrations.probes import Guarantees
from ftrack_orm.migrations.run_job import RunJob, send_with_job
from ftrack_orm.migrations.undo_states import UndoStates
from ftrack_orm.operations import AnyOperation
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The rows of a run and its revision.

    Attributes:
        run: the run.
        facts: the facts of its plan.
        user: the API user.
        units: number of units.
        schema_hash: the server's schema at the start.
        component: the component with the plan, or ``None``.
        job: the job that shows the progress.
    """

    run: str
    facts: PlanFacts
    user: str
    units: int
    schema_hash: str
    component: str | None
    job: RunJob

    def row(self, state: str, **more: Any) -> JSONObject:
        """Return the value of the run's row."""
        return {
            "state": state,
            "title": self.facts.title,
            "revision": self.facts.revision,
            "digest": self.facts.digest,
            "code_digest": self.facts.code_digest,
            "undo_of": list(self.facts.undo_of),
            "continues": self.facts.continues,
            "kept": self.facts.kept,
            "user": self.user,
            "units": self.units,
            "schema_hash": self.schema_hash,
            "component": self.component,
            "job": self.job.id,
            "at": now(),
            **more,
        }

    def revision_row(self, state: str, **more: Any) -> JSONObject:
        """Return the value of the revision's row."""
        needs = {"needs": list(self.facts.needs)} if self.facts.needs else {}
        return {
            "state": state,
            "title": self.facts.title,
            "code_digest": self.facts.code_digest,
            "plan_digest": self.facts.digest,
            "run": self.run,
            "user": self.user,
            "at": now(),
            **needs,
            **more,
        }

    @property
    def state_names(self) -> tuple[str, str]:
        """Return the states of the revision while the run writes, and afterwards."""
        return ("undoing", "undone") if self.facts.undo_of else ("applying", "applied")

    @classmethod
    def of(
        cls, run: str, row: JSONObject, facts: PlanFacts, user: str, job: RunJob
    ) -> RunRecord:
        """Return the record of a run that has begun."""
        return cls(
            run,
            facts,
            user,
            int(row.get("units", 0)),
            str(row.get("schema_hash", "")),
            row.get("component"),
            job,
        )


def begin(
    client: RunClient, record: RunRecord, history: History, options: RunOptions
) -> FencedRun:
    """Take the lock and create the run, in one request; return its position.

    Raises:
        LockedError: another run holds the lock.
        StalePlanError: the server has the run already.
    """
    if history.lock is not None:
        raise locked_error(history)
    owner = new_owner()
    fenced = _fenced(client, record.run, owner, history, options)
    ended = _superseded(fenced.store, record, history)
    _send_first(client, record, fenced, options, ended)
    fenced.enter(0, Checkpoint())
    return fenced


def _superseded(
    store: HistoryStore, record: RunRecord, history: History
) -> list[AnyOperation]:
    """Return the operations that end interrupted runs that this one replaces.

    They are those of the same title where no other may have run since the plan.
    """
    operations: list[AnyOperation] = []
    former = record.facts.former_runs
    for run in () if former is None else former:
        fence, row = history.fence(run), history.run(run) or {}
        if fence is not None and row.get("title") == record.facts.title:
            checkpoint = Checkpoint.of(fence.value).to_json()
            ended = {**row, **checkpoint, "state": "superseded"}
            operations.append(store.delete_row(fence_key(run, fence.number)))
            operations.append(store.update_row(run_key(run), ended))
    return operations


def _fenced(
    client: RunClient, run: str, owner: str, history: History, options: RunOptions
) -> FencedRun:
    return FencedRun(
        client,
        run,
        owner,
        is_atomic=Guarantees.of(history.init or {}).batch_atomic,
        retry=options.retry,
        sleep=options.sleep,
    )


def _first_operations(record: RunRecord, fenced: FencedRun) -> list[AnyOperation]:
    return [
        fenced.store.create_row(LOCK, lock_row(record.run, record.user, fenced.owner)),
        fenced.store.create_row(run_key(record.run), record.row("applying")),
        fenced.store.create_row(
            fence_key(record.run, 0), fenced.fence_value(Checkpoint())
        ),
        *record.job.creation(),
    ]


def _send_first(
    client: RunClient,
    record: RunRecord,
    fenced: FencedRun,
    options: RunOptions,
    ended: Sequence[AnyOperation],
) -> None:
    """Send the first batch until it is applied or refused.

    A server that refuses the job gets the batch without it.
    """
    run = record.run
    failures = 0
    operations = [*_first_operations(record, fenced), *ended]
    while True:
        try:
            client.send(operations)
        except (ServerError, TransportError) as error:
            history = read_history(client)
            fence = history.fence(run)
            if fence is not None and fenced.owns(fence):
                return
            if history.lock is not None:
                raise locked_error(history) from error
            if isinstance(error, ServerError):
                if history.run(run) is not None:
                    raise StalePlanError(f"it was applied by run {run}") from error
                if not record.job.cancel():
                    raise
                operations = [*_first_operations(record, fenced), *ended]
                continue
            failures += 1
            if failures >= options.retry.attempts:
                raise
            options.sleep(options.retry.wait(failures))
        else:
            return


def check_unchanged(
    client: RunClient, record: RunRecord, former: History, history: History
) -> None:
    """Compare the history with the one before the lock was taken.

    Args:
        client: the connection.
        record: the run.
        former: the history before the lock was taken.
        history: the history since the lock is held, as only then it cannot change. A
            request of its own has read it: the snapshot of the transaction that took
            the lock may be older than the lock.

    Raises:
        StalePlanError: another run wrote in between; this run was removed again.
    """
    facts = record.facts
    is_same = facts.revision is None or history.revision(
        facts.revision
    ) == former.revision(facts.revision)
    is_same = is_same and all(
        history.run(run) == former.run(run) for run in facts.undo_of
    )
    is_same = is_same and newer_run(history, facts, besides=record.run) is None
    if is_same:
        return
    own = (LOCK, fence_key(record.run, 0), run_key(record.run))
    send_with_job(
        client, [client.store.delete_row(key) for key in own], record.job.removal()
    )
    raise StalePlanError("another run has changed the history meanwhile")


def confirm(
    client: RunClient,
    fenced: FencedRun,
    record: RunRecord,
    history: History,
    read: ChunkRead,
) -> FirstRows | None:
    """Record the revision, and the component that has the plan, as request number 1.

    Returns:
        The rows of the first chunk, which the same request reads; ``None`` where its
        reply is lost, or where the server refuses to read them.
    """
    row = record.row("applying")
    writes: list[AnyOperation] = [
        write_row(fenced.store, run_key(record.run), row, exists=True)
    ]
    revision = record.facts.revision
    if revision is not None:
        value = record.revision_row(record.state_names[0])
        exists = history.revision(revision) is not None
        writes.append(
            write_row(fenced.store, revision_key(revision), value, exists=exists)
        )
    reads = read.operations
    while True:
        try:
            results = fenced.send(writes, Checkpoint(), then=reads)
        except LostReplyError:
            continue
        except ServerError:
            if not reads:
                raise
            # The runner reads them again, and explains the refusal.
            reads = []
            continue
        if results is None or not reads:
            return None
        return read.rows(client, results[len(writes) :])


def take_over(
    client: RunClient,
    run: str,
    history: History,
    options: RunOptions,
    *,
    by_force: bool = False,
    lease: float = LEASE,
    on_wait: Callable[[float], object] = lambda seconds: None,
) -> FencedRun:
    """Continue a run: move its fence and its lock to this process.

    Args:
        client: the connection.
        run: the run.
        history: the history.
        options: the options of the run.
        by_force: take the lock from another process without observing it.
        lease: seconds to observe the other process.
        on_wait: called with the lease before an observation begins.

    Raises:
        LockedError: another run, or a living process of this run, holds the lock; or
            another run took it meanwhile.
        RunTakenOverError: another process was faster.
        UnknownRunError: the run has ended.
    """
    if history.fence(run) is None:
        raise UnknownRunError(run, "it has ended or never began")
    lock = history.lock
    if lock is not None:
        if lock.get("run") != run:
            raise locked_error(history)
        if not by_force and not is_process_gone(lock):
            on_wait(lease)
            if not is_fence_still(
                client,
                run,
                lease=lease,
                clock=options.clock,
                sleep=options.sleep,
                cancel=options.cancel,
            ):
                raise locked_error(read_history(client))
            history = read_history(client)
    return _move(client, run, history, options)


def _move(
    client: RunClient, run: str, history: History, options: RunOptions
) -> FencedRun:
    fence = history.fence(run)
    if fence is None:
        raise RunTakenOverError(run)
    owner = new_owner()
    fenced = _fenced(client, run, owner, history, options)
    checkpoint = Checkpoint.of(fence.value)
    lock = lock_row(run, client.session.api_user, owner)
    batch = take_over_operations(
        client.store, history, run, lock, fenced.fence_value(checkpoint)
    )
    failures = 0
    while True:
        try:
            client.send(batch)
        except (ServerError, TransportError) as error:
            now_there = read_history(client)
            found = now_there.fence(run)
            if found is not None and fenced.owns(found):
                break
            if (now_there.lock or {}).get("run", run) != run:
                raise locked_error(now_there) from error
            if isinstance(error, ServerError):
                raise RunTakenOverError(run) from error
            failures += 1
            if failures >= options.retry.attempts:
                raise
            options.sleep(options.retry.wait(failures))
        else:
            break
    fenced.enter(fence.number + 1, checkpoint)
    return fenced


def end_operations(
    store: HistoryStore,
    record: RunRecord,
    checkpoint: Checkpoint,
    owner: str,
    pace: float | None,
) -> list[AnyOperation]:
    """Return the operations of the last batch, without the removal of the fence.

    Args:
        store: the store of the history.
        record: the run.
        checkpoint: its last checkpoint.
        owner: identifies this process.
        pace: the milliseconds that an operation took.
    """
    ended = {
        **checkpoint.to_json(),
        "ms_per_operation": pace,
        "ended_by": owner,
        "ended": now(),
    }
    row = record.row("applied", **ended)
    return [
        write_row(store, run_key(record.run), row, exists=True),
        store.delete_row(LOCK),
    ]


def revision_operations(
    store: HistoryStore,
    record: RunRecord,
    checkpoint: Checkpoint,
    history: History | None,
) -> list[AnyOperation]:
    """Return the operations that record the end of a run elsewhere than in its row.

    They store the new state of its revision, and of the runs that it undoes. A
    revision whose last run alone is undone is applied by the run before it. One whose
    undo is undone is applied again.

    Args:
        store: the store of the history.
        record: the run.
        checkpoint: its last checkpoint.
        history: the history; ``None`` for a run that has begun, and is no undo.
    """
    rows = History({}) if history is None else history
    after = None
    changed: list[AnyOperation] = []
    if record.facts.undo_of:
        after = UndoStates.after(rows, record.facts.undo_of)
        changed = [
            store.update_row(
                run_key(run),
                {
                    **(rows.run(run) or {}),
                    "state": state,
                    "undone_by": record.run if state == "undone" else None,
                },
            )
            for run, state in after.states.items()
        ]
    revision = record.facts.revision
    if revision is None:
        return changed
    value = record.revision_row(record.state_names[1], **checkpoint.to_json())
    if after is not None:
        last = (
            after.origin[0]
            if after.is_applied
            else (rows.run(after.origin[-1]) or {}).get("continues")
        )
        value = _applied_row(rows, last) or value
        if record.facts.needs:
            value["needs"] = list(record.facts.needs)
    # A run that has begun has stored the row.
    exists = history is None or history.revision(revision) is not None
    return [write_row(store, revision_key(revision), value, exists=exists), *changed]


def _applied_row(history: History, run: str | None) -> JSONObject | None:
    """Return the row of a revision that `run` has applied, or ``None`` without it."""
    row = None if run is None else history.run(run)
    if row is None:
        return None
    names = ("title", "code_digest", "user", "at")
    return {
        "state": "applied",
        "plan_digest": row.get("digest"),
        "run": run,
        **{name: row.get(name) for name in names},
        **Checkpoint.of(row).to_json(),
    }
