"""Send the batches of a run so that each is applied once, by one process.

Request number k deletes the fence of request k-1 and creates its own. A copy that
arrives late, a request of a process whose run was taken over, or the same request from
two processes is refused whole. On a server whose batches are not atomic the fence comes
after the changes, so that it moves only when all of them were accepted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ftrack_orm.errors.migration_runs import RunTakenOverError
from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.server import InvalidCredentialsError, ServerError
from ftrack_orm.errors.transport import (
    ConnectionFailedError,
    ServerUnavailableError,
    TransportError,
)
from ftrack_orm.migrations.history import (
    LOCK,
    Fence,
    History,
    fence_key,
    now,
    run_key,
)
from ftrack_orm.operations import AnyOperation
from ftrack_orm.transport.retry import RetryPolicy, is_temporary
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient
    from ftrack_orm.migrations.history_store import HistoryStore

logger = logging.getLogger("ftrack_orm.migrations")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The progress of a run, as its fence stores it.

    Attributes:
        upto: the number of the last unit that was processed.
        applied: units that were written, at least in part.
        already: units whose after-values the server had.
        conflicts: units that were left out because a row had changed.
        refused: units that the server refused.
    """

    upto: int = 0
    applied: int = 0
    already: int = 0
    conflicts: int = 0
    refused: int = 0

    @classmethod
    def of(cls, value: JSONObject) -> Checkpoint:
        """Return the checkpoint in the value of a fence."""
        return cls(**{name: int(value.get(name, 0)) for name in cls.__slots__})

    def to_json(self) -> JSONObject:
        """Return the checkpoint as a JSON object."""
        return asdict(self)

    @property
    def skipped(self) -> int:
        """Return the number of units that were left out."""
        return self.conflicts + self.refused


class LostReplyError(Exception):
    """A batch was not applied so far, and its reply is lost: compare, then send again.

    Attributes:
        cause: the error of the exchange.
    """

    def __init__(self, cause: TransportError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class FencedRun:
    """The position of a run on the server, and the sender of its batches.

    Attributes:
        run: the run.
        number: the number of the last request that was applied.
        checkpoint: its checkpoint.
        note: the caller's note about that request.
        owner: identifies this process in the fence.
        is_atomic: whether a refused batch leaves nothing.
    """

    def __init__(
        self,
        client: RunClient,
        run: str,
        owner: str,
        *,
        is_atomic: bool = True,
        retry: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Store the arguments; nothing is sent.

        Args:
            client: the connection.
            run: the run.
            owner: identifies this process in the fence.
            is_atomic: whether a refused batch leaves nothing.
            retry: how often a batch is sent.
            sleep: waits.
        """
        self.run = run
        self.number = -1
        self.checkpoint = Checkpoint()
        self.note: JSONObject = {}
        self._client = client
        self.owner = owner
        self.is_atomic = is_atomic
        self._retry = retry or RetryPolicy(deadline=float("inf"))
        self._sleep = sleep
        self._failures = 0
        self._attempt = 0
        self._sent: dict[str, tuple[Checkpoint, JSONObject]] = {}

    @property
    def store(self) -> HistoryStore:
        """Return the store of the history."""
        return self._client.store

    def fence_value(
        self, checkpoint: Checkpoint, note: JSONObject | None = None
    ) -> JSONObject:
        """Return the value of a fence with a checkpoint of this process."""
        self._attempt += 1
        attempt = f"{self.owner}.{self._attempt}"
        self._sent[attempt] = checkpoint, note or {}
        return {**checkpoint.to_json(), "owner": attempt, "at": now()}

    def owns(self, fence: Fence) -> bool:
        """Return whether a request of this object created `fence`."""
        return str(fence.value.get("owner", "")).startswith(f"{self.owner}.")

    def enter(
        self, number: int, checkpoint: Checkpoint, note: JSONObject | None = None
    ) -> None:
        """Continue after request `number`, whose fence this process has created."""
        self.number, self.checkpoint, self.note = number, checkpoint, note or {}
        self._failures = 0
        self._sent.clear()

    def send(
        self,
        operations: Sequence[AnyOperation],
        checkpoint: Checkpoint,
        note: JSONObject | None = None,
        *,
        then: Sequence[AnyOperation] = (),
    ) -> list[Any] | None:
        """Send the next batch; return the results of `operations` and `then`.

        Afterwards the attributes `checkpoint` and `note` are those of the batch that
        was applied: an earlier attempt of this process if its copy arrived first.

        Args:
            operations: the changes; the server may refuse them.
            checkpoint: the checkpoint once they are applied.
            note: the caller's note about them.
            then: operations that belong to the fence, and reads.

        Returns:
            The raw results; ``None`` where the batch was applied and its reply is
            lost, or an earlier attempt was applied.

        Raises:
            LostReplyError: nothing was applied; an attempt may still arrive, and is
                then found by the next one.
            ServerError: the server refused the operations; nothing was applied.
            RunTakenOverError: another process has moved the fence.
            TransportError: the server cannot be reached.
        """
        fence: list[AnyOperation] = [
            self.store.delete_row(fence_key(self.run, self.number)),
            self.store.create_row(
                fence_key(self.run, self.number + 1),
                self.fence_value(checkpoint, note),
            ),
        ]
        first, last = (
            (fence, [*operations]) if self.is_atomic else ([*operations], fence)
        )
        try:
            results = self._client.send([*first, *last, *then])
        except (TransportError, ServerError) as error:
            self._resolve(error)
            return None
        self.enter(self.number + 1, checkpoint, note)
        start = 0 if self.is_atomic else len(operations)
        return results[:start] + results[start + len(fence) :]

    def _resolve(self, error: TransportError | ServerError) -> None:
        """Find out by the fence whether a batch was applied; raise if it was not."""
        if isinstance(error, InvalidCredentialsError):
            raise error
        if isinstance(error, TransportError):
            self._wait_after(error)
        fence = self._read_fence()
        if fence is not None and fence.number == self.number + 1:
            attempt = str(fence.value.get("owner"))
            if attempt in self._sent:
                self.enter(fence.number, *self._sent[attempt])
                return
        if fence is None or fence.number != self.number:
            raise RunTakenOverError(self.run) from error
        if isinstance(error, ServerError):
            self._failures = 0
            raise error
        raise LostReplyError(error) from error

    def _wait_after(self, error: TransportError) -> None:
        """Wait before the next request; raise `error` when no attempt is left."""
        self._failures += 1
        is_last = self._failures >= self._retry.attempts
        if is_last or (
            isinstance(error, ConnectionFailedError) and not is_temporary(error)
        ):
            raise error
        retry_after = getattr(error, "retry_after", None)
        seconds = self._retry.wait(self._failures, retry_after)
        logger.info("request %d failed: %s", self.number + 1, error)
        if isinstance(error, ServerUnavailableError | ConnectionFailedError):
            self._sleep(seconds)

    def finish(self, operations: Sequence[AnyOperation]) -> None:
        """Send the last batch, which removes the fence.

        Raises:
            ServerError: the server refused the operations; nothing was applied.
            RunTakenOverError: another process has moved the fence.
            TransportError: the server cannot be reached.
        """
        removal = self.store.delete_row(fence_key(self.run, self.number))
        batch = [removal, *operations] if self.is_atomic else [*operations, removal]
        while True:
            try:
                self._client.send(batch)
            except (TransportError, ServerError) as error:
                if isinstance(error, TransportError):
                    self._wait_after(error)
                state = self.read_state()
                fence, row = state.fence(self.run), state.run(self.run) or {}
                if fence is None and row.get("ended_by") == self.owner:
                    return
                if fence is None or fence.number != self.number:
                    raise RunTakenOverError(self.run) from error
                if isinstance(error, ServerError):
                    raise
            else:
                return

    def _read_fence(self) -> Fence | None:
        return self.read_state().fence(self.run)

    def read_state(self) -> History:
        """Return the rows of this run: its state and its fence."""
        return self._client.read_history(run_key(self.run))


def with_counts(checkpoint: Checkpoint, **more: int) -> Checkpoint:
    """Return a checkpoint whose counts are higher by `more`."""
    return replace(
        checkpoint,
        **{name: getattr(checkpoint, name) + value for name, value in more.items()},
    )


def release_lock(fenced: FencedRun, job: Sequence[AnyOperation] = ()) -> str:
    """Remove the lock, and return ``""`` or the reason why it stays.

    `resume` recognises the lock of a process that has ended.

    Args:
        fenced: the run.
        job: operations for its job, left out if the server refuses them.
    """
    while True:
        try:
            rows = [fenced.store.delete_row(LOCK), *job]
            fenced.send((), fenced.checkpoint, then=rows)
        except LostReplyError:
            continue
        except ServerError as error:
            if job and not isinstance(error, InvalidCredentialsError):
                job = ()
                continue
            return f" (the lock could not be released: {error})"
        except FtrackError as error:
            return f" (the lock could not be released: {error})"
        return ""
