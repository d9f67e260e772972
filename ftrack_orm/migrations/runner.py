"""Apply the units of a plan, one request at a time.

The loop knows nothing of locks or lost replies: `FencedRun` sends each batch once. The
rows of the next chunk are read by the request that writes this one, so a chunk costs
one round trip, and its rows are compared with values that are one round trip old.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ftrack_orm.errors.migration_runs import RunStoppedError
from ftrack_orm.errors.migrations import PlanFileError
from ftrack_orm.errors.server import InvalidCredentialsError, ServerError
from ftrack_orm.errors.transport import TransportError
from ftrack_orm.migrations.change_text import ChangeTexts
from ftrack_orm.migrations.chunk_results import (
    chunk_note,
    chunk_operations,
    fitting,
    is_applied,
    skip_values,
)
from ftrack_orm.migrations.chunks import (
    Chunk,
    ChunkSize,
    cut_chunk,
    load_pause,
)
from ftrack_orm.migrations.dependents import Dependents, keep_owners
from ftrack_orm.migrations.effects import run_effects, units_with_effects
from ftrack_orm.migrations.fenced_run import (
    Checkpoint,
    FencedRun,
    LostReplyError,
    release_lock,
    with_counts,
)
from ftrack_orm.migrations.filled_values import FilledReads
from ftrack_orm.migrations.first_rows import FirstRows
from ftrack_orm.migrations.history import skip_key
from ftrack_orm.migrations.lock import HEARTBEAT
from ftrack_orm.migrations.options import RunOptions
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_slice import plan_slice, unknown_names
from ftrack_orm.migrations.planned_change import PlannedChange, PlannedUnit
from ftrack_orm.migrations.run_job import RunJob
from ftrack_orm.migrations.uncounted import keep_uncounted
from ftrack_orm.migrations.verification import CurrentRows, RowReads, Verdict
from ftrack_orm.operations import AnyOperation, QueryServerInformation
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient

_HASH: QueryServerInformation = QueryServerInformation(("schema_hash",))
_MAX_DETAILS = 100
_PAUSE_STEP = 0.2
_MIN_PACE: Final = 100
"""The fewest operations from which the pace of a server is computed."""


class Runner:
    """Applies the units that are left of a plan.

    Attributes:
        details: descriptions of the first units that were left out.
        operations: the operations that this object has sent.
        seconds: the duration of their requests.
    """

    def __init__(
        self,
        client: RunClient,
        file: PlanFile,
        fenced: FencedRun,
        options: RunOptions,
        *,
        job: RunJob,
        schema_hash: str,
        reads_own_writes: bool = True,
    ) -> None:
        """Store the arguments; nothing is sent.

        Args:
            client: the connection.
            file: the plan.
            fenced: the position of the run.
            options: its options.
            job: the job that shows the progress.
            schema_hash: the server's schema when the run began.
            reads_own_writes: whether a query sees earlier writes of its request.
        """
        self.details: list[str] = []
        self.operations = 0
        self.seconds = 0.0
        self._client = client
        self._file = file
        self._texts = ChangeTexts(file)
        self._fenced = fenced
        self._options = options
        self._job = job
        self._schema_hash = schema_hash
        self._rides = reads_own_writes
        self._is_undo = file.meta("undo_of") is not None
        self._dependents = Dependents(client, file.meta("undone_users") or ())
        self._size = ChunkSize(options.chunk)
        self._total = file.unit_count()
        self._suspect_end = 0
        self._max_units: int | None = None
        self._rode = False
        self._reads_filled = self._rides
        self._plain_retry = False
        self._has_job = False
        self._is_job_suspected = False
        self._attempted: dict[int, tuple[PlannedChange, ...]] = {}

    @property
    def upto(self) -> int:
        """Return the number of the last unit that was processed."""
        return self._fenced.checkpoint.upto

    @property
    def ms_per_operation(self) -> float | None:
        """Return the milliseconds of an operation, ``None`` for a small run.

        The time of a small run is that of the requests, whatever they hold.
        """
        if self.operations < _MIN_PACE:
            return None
        return round(1000 * self.seconds / self.operations, 3)

    def run(self, first: FirstRows | None = None) -> Checkpoint:
        """Apply the remaining units; return the last checkpoint.

        Args:
            first: the first chunk, if its rows are read already.

        Raises:
            RunStoppedError: the run stopped between two requests.
            RunTakenOverError: another process has moved the fence.
        """
        chunk, rows = (
            (first.chunk, first.rows) if first else (self._cut(self.upto), None)
        )
        while chunk is not None:
            if self._is_cancelled:
                self.stop("it was interrupted")
            try:
                if first is not None:
                    information, first = first.information, None
                    self._check_hash(information)
                if rows is None:
                    rows = self._read(chunk)
                chunk, rows = self._apply(chunk, rows)
            except LostReplyError:
                self._size.record_failure()
                chunk, rows = self._cut(self.upto), None
            except (ServerError, TransportError) as error:
                self._leave(str(error), error)
        return self._fenced.checkpoint

    # -- cutting and reading ---------------------------------------------------------

    def _cut(self, upto: int) -> Chunk | None:
        """Return the chunk after unit `upto`, no larger than a search allows."""
        return cut_chunk(
            self._file.units(upto + 1),
            self._size.operations,
            max_units=self._max_units,
        )

    def _read(self, chunk: Chunk) -> CurrentRows:
        reads = RowReads.of(chunk.units, self._client.primary_key)
        try:
            results = self._client.send([*reads.queries, _HASH])
        except ServerError as error:
            self._stop_if_schema_changed()
            self.stop(f"its rows cannot be read ({error.content})", error)
        self._check_hash(results.pop())
        return self._rows_of(reads, results)

    def _rows_of(self, reads: RowReads, results: Sequence[Any]) -> CurrentRows:
        return reads.rows(
            self._client.complete(query.expression, result)
            for query, result in zip(reads.queries, results, strict=True)
        )

    # -- one chunk ---------------------------------------------------------------------

    def _apply(
        self, chunk: Chunk, rows: CurrentRows
    ) -> tuple[Chunk | None, CurrentRows | None]:
        """Send a chunk; return the next one, with its rows if they are read already."""
        verdicts = self._judge(chunk, rows)
        called: set[int] = set()
        while self._run_effects(verdicts, called):
            # The effects took time, so the rows are compared once more.
            verdicts = self._judge(chunk, self._read(chunk))
        self._restore_attempted(verdicts)
        last = verdicts[-1].unit.number
        following = None
        is_plain = bool(self._suspect_end) or self._plain_retry
        if self._rides and not is_plain:
            following = self._cut(last)
        units = () if following is None else following.units
        reads = RowReads.of(units, self._client.primary_key)
        is_filled = self._reads_filled and not is_plain
        filled = FilledReads.of(verdicts if is_filled else (), self._client)
        self._rode = bool(reads.queries or filled.queries)
        operations = list(chunk_operations(verdicts))
        checkpoint = self._checkpoint_after(verdicts)
        skips = self._skip_rows(verdicts)
        job = [] if is_plain else self._job.progress(last)
        self._has_job = bool(job)
        writes: list[AnyOperation] = [*operations, *job]
        then = [*skips, _HASH, *reads.queries, *filled.queries]
        started = self._options.clock()
        try:
            results = self._fenced.send(
                writes, checkpoint, chunk_note(verdicts, self._texts), then=then
            )
        except ServerError as error:
            self._handle_refusal(verdicts, error)
            return self._cut(self.upto), None
        seconds = self._options.clock() - started
        read = [] if results is None else results[len(writes) + len(skips) :]
        more = filled.record(self._client, read[1 + len(reads.queries) :])
        self._after_request(len(operations), seconds, more)
        if results is None or following is None:
            return self._cut(self.upto), None
        self._check_hash(read[0])
        rows = self._rows_of(reads, read[1 : 1 + len(reads.queries)])
        self._pause(seconds)
        return following, rows

    def _judge(self, chunk: Chunk, rows: CurrentRows) -> Sequence[Verdict]:
        """Compare a chunk; end it before a conflict where the run is to stop there."""
        verdicts = list(map(rows.judge, chunk.units))
        if self._is_undo:
            keep_owners(verdicts, self._dependents)
        else:
            keep_uncounted(verdicts, self._client, self._file)
        if self._options.on_conflict == "stop":
            whole = itertools.takewhile(lambda each: not each.conflicts, verdicts)
            verdicts = list(whole) or verdicts[:1]
            if verdicts[0].conflicts:
                self.stop(self._texts.conflict(verdicts[0].conflicts[0]))
        return fitting(verdicts)

    def _restore_attempted(self, verdicts: Sequence[Verdict]) -> None:
        """Count the changes that a refused batch has left as written by this run."""
        for verdict in verdicts:
            attempted = self._attempted.pop(verdict.unit.number, ())
            again = [change for change in verdict.already if change in attempted]
            if again:
                written = [*verdict.to_write, *again]
                verdict.already = [
                    change for change in verdict.already if change not in again
                ]
                verdict.to_write = [
                    change for change in verdict.unit.changes if change in written
                ]

    def _run_effects(self, verdicts: Sequence[Verdict], called: set[int]) -> bool:
        """Run the effects of units that are written; return whether there were any.

        Args:
            verdicts: the comparison of the units.
            called: the numbers of units whose effects were run; others are added.
        """
        units = units_with_effects(verdicts, called)
        beat = self._options.clock() + HEARTBEAT
        for unit in units:
            try:
                run_effects(unit)
            except Exception as error:
                reason = (
                    f"an effect of unit {unit.number} ({unit.title}) failed: {error}"
                )
                self.stop(reason, error)
            if self._options.clock() > beat:
                self._send_empty()
                beat = self._options.clock() + HEARTBEAT
        return bool(units)

    def _send_empty(self) -> None:
        """Move the fence on, so that observers see a living process."""
        self._fenced.send((), self._fenced.checkpoint)

    def _checkpoint_after(self, verdicts: Sequence[Verdict]) -> Checkpoint:
        conflicts = sum(1 for verdict in verdicts if verdict.conflicts)
        applied = sum(map(is_applied, verdicts))
        already = len(verdicts) - conflicts - applied
        more = {"applied": applied, "already": already, "conflicts": conflicts}
        last = verdicts[-1].unit.number
        return with_counts(self._fenced.checkpoint, upto=last - self.upto, **more)

    def _skip_rows(self, verdicts: Sequence[Verdict]) -> list[AnyOperation]:
        """Return the rows with the units that are not written, or not wholly."""
        run, number = self._fenced.run, self._fenced.number + 1
        return [
            self._fenced.store.create_row(skip_key(run, number, part), value)
            for part, value in enumerate(skip_values(verdicts))
        ]

    def _after_request(self, operations: int, seconds: float, more: JSONObject) -> None:
        """Record and report a request that was applied."""
        # Without its queries it was accepted: perhaps the server refuses those.
        self._reads_filled = self._reads_filled and not self._plain_retry
        self._plain_retry = False
        self._record_job()
        self._size.record(seconds)
        self.operations += operations
        self.seconds += seconds
        if self._suspect_end:
            self._narrow()
        fenced, options = self._fenced, self._options
        note = fenced.note
        record = {
            **fenced.checkpoint.to_json(),
            **note,
            **more,
            "operations": operations,
        }
        self._record(record)
        for conflict in note.get("conflict_rows", ()):
            self._add_detail(f"unit {conflict['unit']}: {conflict['text']}")
            options.on_event({"event": "conflict", "run": fenced.run, **conflict})
        options.on_event(
            {
                "event": "chunk",
                "run": fenced.run,
                "number": fenced.number,
                "total": self._total,
                "operations": operations,
                "seconds": round(seconds, 6),
                **fenced.checkpoint.to_json(),
            }
        )

    def _record_job(self) -> None:
        """Record an update of the job; end its progress if it caused a refusal."""
        if self._has_job:
            self._job.record()
        elif self._is_job_suspected:
            self._job.end_progress()
        self._has_job = self._is_job_suspected = False

    def _add_detail(self, text: str) -> None:
        if len(self.details) < _MAX_DETAILS:
            self.details.append(text)

    def _pause(self, seconds: float) -> None:
        """Wait so that the server has time for others; a cancellation ends it."""
        options = self._options
        left = load_pause(seconds, options.load)
        while left > 0 and not self._is_cancelled:
            options.sleep(min(left, _PAUSE_STEP))
            left -= _PAUSE_STEP

    # -- refused units -----------------------------------------------------------------

    def _handle_refusal(self, verdicts: Sequence[Verdict], error: ServerError) -> None:
        """Prepare the next attempt after a refusal, or stop.

        The server does not name the refused operation, so the chunk is halved until
        one unit is left.
        """
        if isinstance(error, InvalidCredentialsError):
            self._leave(str(error), error)
        self._stop_if_schema_changed()
        if not self._fenced.is_atomic:
            self._attempted.update(
                {each.unit.number: tuple(each.to_write) for each in verdicts}
            )
        if self._rode or self._has_job:
            # Perhaps it refused a query of the next chunk, or the job.
            self._plain_retry = True
            self._is_job_suspected = self._has_job
            return
        self._is_job_suspected = False
        if len(verdicts) > 1:
            self._suspect_end = verdicts[-1].unit.number
            self._max_units = max(1, len(verdicts) // 2)
            return
        self._suspect_end, self._max_units = 0, None
        self._refuse(verdicts[0].unit, error)

    def _narrow(self) -> None:
        """Continue a search: the first half was accepted."""
        left = self._suspect_end - self.upto
        if left <= 0:
            # Each half was accepted: the server refused the size of the request.
            self._suspect_end, self._max_units = 0, None
            self._size.record_failure()
        else:
            self._max_units = max(1, left // 2)

    def _refuse(self, unit: PlannedUnit, error: ServerError) -> None:
        """Stop before a refused unit, or leave it out."""
        text = f"unit {unit.number} ({unit.title}) was refused: {error.content}"
        event = {"unit": unit.number, "title": unit.title, "text": error.content}
        self._options.on_event({"event": "error", "run": self._fenced.run, **event})
        if self._options.on_error == "stop":
            text = text.rstrip(".")
            self.stop(f"{text}; `--on-error skip` leaves it out", error)
        more = {"upto": unit.number - self.upto, "refused": 1}
        checkpoint = with_counts(self._fenced.checkpoint, **more)
        number = self._fenced.number + 1
        row = self._fenced.store.create_row(
            skip_key(self._fenced.run, number), {"refused": str(unit.number)}
        )
        note = {"refused_units": [event]}
        while True:
            try:
                self._fenced.send((), checkpoint, note, then=[row])
            except LostReplyError:
                continue
            break
        self._add_detail(text)
        self._record({**self._fenced.checkpoint.to_json(), **self._fenced.note})

    def _record(self, record: JSONObject) -> None:
        """Note a request in the plan file; the server has all that `resume` needs."""
        try:
            self._file.record_step(self._fenced.run, self._fenced.number, record)
        except (PlanFileError, sqlite3.Error) as error:
            reason = error.reason if isinstance(error, PlanFileError) else str(error)
            self.stop(f"the note in the plan file {self._file.path} failed: {reason}")

    # -- the schema --------------------------------------------------------------------

    def _check_hash(self, information: Any) -> None:
        found = str(information.get("schema_hash", self._schema_hash))
        if found != self._schema_hash:
            self._compare_slice(found)

    def _stop_if_schema_changed(self) -> None:
        self._check_hash(self._client.send([_HASH])[0])

    def _compare_slice(self, found: str) -> None:
        """Continue with a changed schema if it has all that the plan names."""
        missing = unknown_names(plan_slice(self._file), self._client.fetch_schema())
        if missing:
            names = ", ".join(missing)
            self.stop(f"the schema has changed and lacks {names}; restore them first")
        self._schema_hash = found
        self._options.on_event(
            {"event": "schema", "run": self._fenced.run, "schema_hash": found}
        )

    # -- stopping ----------------------------------------------------------------------

    @property
    def _is_cancelled(self) -> bool:
        return self._options.cancel is not None and self._options.cancel.is_set()

    def stop(self, reason: str, cause: BaseException | None = None) -> NoReturn:
        """Release the lock and raise an error with the command to continue.

        Raises:
            RunStoppedError: always.
        """
        failure = release_lock(self._fenced, self._job.stopped(self.upto))
        self._leave(f"{reason}{failure}", cause)

    def _leave(self, reason: str, cause: BaseException | None) -> NoReturn:
        raise RunStoppedError(
            self._fenced.run, reason, self.upto, self._total
        ) from cause
