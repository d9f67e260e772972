"""Apply a plan, and continue a run that was interrupted."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ftrack_orm.errors.component import ComponentError
from ftrack_orm.errors.migration_runs import RunStoppedError, UnknownRunError
from ftrack_orm.errors.migrations import PlanFileError
from ftrack_orm.errors.server import ServerError
from ftrack_orm.errors.transport import TransportError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.effects import import_effects
from ftrack_orm.migrations.fenced_run import Checkpoint, FencedRun, release_lock
from ftrack_orm.migrations.first_rows import (
    FirstReply,
    FirstRows,
    first_chunk,
    read_first,
)
from ftrack_orm.migrations.history import History, plan_component_id
from ftrack_orm.migrations.lock import LEASE, locked_error, read_history
from ftrack_orm.migrations.lost_plan import lost_plan_remedy
from ftrack_orm.migrations.options import Outcome, RunOptions
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_store import (
    PLAN_FOLDER,
    can_upload,
    component_query,
    find_plan,
    upload_plan,
)
from ftrack_orm.migrations.preparation import (
    PlanFacts,
    check_conditions,
    check_first_rows,
    check_newest,
    check_revision,
    check_server,
)
from ftrack_orm.migrations.probes import Guarantees
from ftrack_orm.migrations.run_job import RunJob, job_name
from ftrack_orm.migrations.run_start import (
    RunRecord,
    begin,
    check_unchanged,
    confirm,
    end_operations,
    revision_operations,
    take_over,
)
from ftrack_orm.migrations.runner import Runner
from ftrack_orm.migrations.single_request import apply_at_once
from ftrack_orm.migrations.visibility import require_sight
from ftrack_orm.operations import AnyOperation

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session


class HasPlanFile(Protocol):
    """A plan with its file, such as the result of `make_plan`."""

    @property
    def file(self) -> PlanFile:
        """Return the file of the plan."""
        ...


def apply(
    session: Session,
    plan: HasPlanFile | PlanFile,
    *,
    push_token: str | None = None,
    chunk: int | None = None,
    options: RunOptions | None = None,
) -> Outcome:
    """Write a plan to the server, and return the outcome.

    Nothing of the session is committed. Entities in its memory keep their values until
    they are refreshed.

    Args:
        session: the connection.
        plan: the plan, or its file.
        push_token: repeated in the events that the requests cause.
        chunk: the most operations of a request, 500 when not given.
        options: further options.

    Raises:
        PlanFileError, StalePlanError, OtherServerError, PlanRefusedError,
        NotInitializedError, UnsafeServerError, LockedError: nothing was written.
        RunStoppedError: the run stopped between two requests; `resume` continues it.
        RunTakenOverError: another process continues the run.
    """
    file = plan if isinstance(plan, PlanFile) else plan.file
    options = options or RunOptions()
    options = replace(
        options,
        push_token=push_token or options.push_token,
        chunk=chunk or options.chunk,
    )
    facts = PlanFacts.of(file)
    run = _run_of(file)
    client = _client(session, run, options)
    before = client.requests
    first, guarantees = _checked(client, file, facts, run, options)
    schema_hash = check_first_rows(client, file, facts, first, options)
    history, units = first.history, file.unit_count()
    if units == 0 and facts.revision is None:
        return Outcome(requests=client.requests - before)
    # Without the guarantees a refused job leaves the batch half applied.
    has_job = options.job and not guarantees.missing_for_exactly_once()
    job = _job(run, facts, units, options, exists=has_job, user=first.user)
    record = RunRecord(run, facts, session.api_user, units, schema_hash, None, job)
    file.record_run(run, "new")
    if options.single_request or units == 0:
        # A revision without changes is recorded as applied.
        job.cancel()
        outcome = apply_at_once(client, file, record, history, options)
        return replace(outcome, requests=client.requests - before)
    fenced = begin(client, record, history, options)
    record, rows = _store(client, file, fenced, record, history, options)
    options.on_event(_begin_event(record, Checkpoint()))
    outcome = _finish(client, file, fenced, record, options, guarantees, rows)
    return replace(outcome, requests=client.requests - before)


def _checked(
    client: RunClient, file: PlanFile, facts: PlanFacts, run: str, options: RunOptions
) -> tuple[FirstReply, Guarantees]:
    """Check a plan against the history; return the first reply and the guarantees.

    Raises:
        RunError: the plan cannot be applied; nothing was written.
    """
    first = read_first(client, file)
    history = first.history
    _, guarantees = check_server(client, file, history)
    if history.lock is not None:
        raise locked_error(history)
    check_revision(history, facts, run)
    check_conditions(file, facts, options, guarantees)
    require_sight(client, file, history, run)
    import_effects(file)
    return first, guarantees


def _run_of(file: PlanFile) -> str:
    """Return the run of a plan: one that was interrupted before it began, or a new one.

    A plan is applied once: the server refuses a run that it has already.
    """
    runs = list(file.runs())
    return runs[0] if runs else secrets.token_hex(5)


def _client(session: Session, run: str, options: RunOptions) -> RunClient:
    token = options.push_token or f"ftrack-orm:{run}"
    return RunClient(session, push_token=token, timeout=options.timeout)


def _job(
    run: str,
    facts: PlanFacts,
    units: int,
    options: RunOptions,
    *,
    exists: bool,
    user: str | None = None,
) -> RunJob:
    return RunJob(
        run,
        job_name(run, facts.revision, facts.title, facts.undo_of),
        units,
        exists=exists,
        is_on=options.job,
        user=user,
        clock=options.clock,
    )


def _store(
    client: RunClient,
    file: PlanFile,
    fenced: FencedRun,
    record: RunRecord,
    former: History | None,
    options: RunOptions,
) -> tuple[RunRecord, FirstRows | None]:
    """Store the plan on the server.

    Args:
        client: the connection.
        file: the plan.
        fenced: the position of the run.
        record: the run.
        former: the history before the lock was taken; ``None`` for a run that is
            resumed.
        options: the options of the run.

    Returns:
        The record with its component, and the rows of the first chunk if they were
        read.

    Raises:
        StalePlanError: another run wrote since `former` was read.
        RunStoppedError: the plan could not be stored.
    """
    try:
        file.record_run(record.run, "applying")
        query = component_query(record.run)
        history, (components,) = client.read_with_history([query])
        if former is not None:
            check_unchanged(client, record, former, history)
        if options.upload and can_upload(client):
            is_there = bool(components["data"])
            upload_plan(client, record.run, file, is_there=is_there)
            record = replace(record, component=plan_component_id(record.run))
        read = first_chunk(client, file, options.chunk)
        rows = confirm(client, fenced, record, history, read)
    except (ComponentError, PlanFileError, ServerError, TransportError) as error:
        failure = release_lock(fenced, record.job.stopped(0))
        reason = f"the run could not be prepared on the server ({error}){failure}"
        raise RunStoppedError(record.run, reason, 0, record.units) from error
    return record, rows


def _finish(
    client: RunClient,
    file: PlanFile,
    fenced: FencedRun,
    record: RunRecord,
    options: RunOptions,
    guarantees: Guarantees,
    first: FirstRows | None = None,
) -> Outcome:
    """Apply the remaining units and end the run."""
    started = options.clock()
    runner = Runner(
        client,
        file,
        fenced,
        options,
        job=record.job,
        schema_hash=record.schema_hash,
        reads_own_writes=guarantees.read_sees_write,
    )
    checkpoint = runner.run(first)
    seconds = options.clock() - started
    pace = runner.ms_per_operation
    operations = end_operations(client.store, record, checkpoint, fenced.owner, pace)
    # Only an undo needs the rows of other runs.
    history = read_history(client) if record.facts.undo_of else None
    operations += revision_operations(client.store, record, checkpoint, history)
    try:
        _end(fenced, operations, record.job.done(checkpoint.upto, checkpoint.skipped))
    except (ServerError, TransportError) as error:
        raise RunStoppedError(
            record.run, str(error), checkpoint.upto, record.units
        ) from error
    file.record_end(record.run)
    options.on_event(
        {
            "event": "end",
            "run": record.run,
            "requests": client.requests,
            "seconds": round(seconds, 3),
            **checkpoint.to_json(),
        }
    )
    return Outcome(
        record.run,
        checkpoint.applied,
        checkpoint.already,
        checkpoint.conflicts,
        checkpoint.refused,
        details=tuple(runner.details),
        revision=None if record.facts.undo_of else record.facts.revision,
    )


def _end(
    fenced: FencedRun, operations: list[AnyOperation], job: list[AnyOperation]
) -> None:
    """Send the last batch; without the operations of the job if it is refused."""
    if job:
        try:
            fenced.finish([*operations, *job])
        except ServerError:
            pass
        else:
            return
    fenced.finish(operations)


def _begin_event(record: RunRecord, checkpoint: Checkpoint) -> dict[str, object]:
    return {
        "event": "begin",
        "run": record.run,
        "title": record.facts.title,
        "revision": record.facts.revision,
        "digest": record.facts.digest,
        "total": record.units,
        "upto": checkpoint.upto,
    }


def resume(
    session: Session,
    run: str | None = None,
    *,
    folder: Path = PLAN_FOLDER,
    by_force: bool = False,
    lease: float = LEASE,
    on_wait: Callable[[float], object] = lambda seconds: None,
    options: RunOptions | None = None,
) -> Outcome:
    """Continue a run that was interrupted, on this computer or another one.

    Args:
        session: the connection.
        run: the run; the only one that was interrupted when not given.
        folder: the folder with plans; one that is missing there is downloaded.
        by_force: take the lock from another process at once.
        lease: seconds to observe the lock of another process.
        on_wait: called with the lease before an observation begins.
        options: the options of the run.

    Raises:
        UnknownRunError: there is no such run, or it has ended.
        PlanNotFoundError: neither this computer nor the server has the plan.
        StalePlanError: a later run has applied the configuration of the studio.
        PlanRefusedError: the user may not see all rows of the plan.
        LockedError: a process that is alive holds the lock.
        RunStoppedError: the run stopped again.
        RunTakenOverError: another process was faster.
    """
    options = options or RunOptions()
    history = read_history(_client(session, run or "", options))
    run = run or only_interrupted(history)
    client = _client(session, run, options)
    before = client.requests
    row = history.run(run)
    if row is None:
        raise UnknownRunError(run, "it never began")
    if history.fence(run) is None:
        raise UnknownRunError(run, f"it has ended; its state is {row.get('state')}")
    remedy = lost_plan_remedy(history, run)
    with find_plan(client, run, row, folder, remedy=remedy) as file:
        facts = PlanFacts.of(file)
        check_newest(history, facts, run)
        _, guarantees = check_server(client, file, history)
        require_sight(client, file, history, run)
        import_effects(file)
        fenced = take_over(
            client,
            run,
            history,
            options,
            by_force=by_force,
            lease=lease,
            on_wait=on_wait,
        )
        has_job = row.get("job") is not None
        job = _job(run, facts, int(row.get("units", 0)), options, exists=has_job)
        record = RunRecord.of(run, row, facts, session.api_user, job)
        rows = None
        if fenced.checkpoint.upto == 0 and record.component is None:
            record, rows = _store(client, file, fenced, record, None, options)
        options.on_event(_begin_event(record, fenced.checkpoint))
        outcome = _finish(client, file, fenced, record, options, guarantees, rows)
        return replace(outcome, requests=client.requests - before)


def only_interrupted(history: History) -> str:
    """Return the only run that can be resumed.

    Raises:
        UnknownRunError: there is none, or more than one.
    """
    runs = interrupted_runs(history)
    if len(runs) != 1:
        names = ", ".join(runs)
        reason = f"name one of {names}" if runs else "no run was interrupted"
        raise UnknownRunError(None, reason)
    return runs[0]


def interrupted_runs(history: History) -> list[str]:
    """Return the runs that began and have not ended."""
    return sorted(run for run in history.runs if history.fence(run) is not None)
