"""The `Job` that shows the progress of a run in the web interface.

It is for display only. Its operations are added to batches of the run, and a batch that
the server refuses is sent again without them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import uuid5

from ftrack_orm.errors.server import ServerError
from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.history_id import NAMESPACE
from ftrack_orm.operations import AnyOperation, Create, Delete, Query, Update
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient

INTERVAL: Final = 5.0
"""Seconds between two updates of the job."""


def job_id(run: str) -> str:
    """Return the id of the job of a run."""
    return str(uuid5(NAMESPACE, f"job/{run}"))


def job_name(
    run: str, revision: str | None, title: str | None, undo_of: Collection[str]
) -> str:
    """Return the name of a run in its job: the short id of its revision, or its title.

    Args:
        run: the run.
        revision: its revision, ``None`` for a tool.
        title: its title.
        undo_of: the runs that it undoes.
    """
    if revision and not undo_of:
        return revision.rpartition("_")[2]
    return title or run


class RunJob:
    """The job of a run, and whether it is still updated.

    Attributes:
        id: the id of the job; ``None`` for a run without one.
    """

    def __init__(
        self,
        run: str,
        name: str,
        total: int,
        *,
        exists: bool,
        is_on: bool = True,
        user: str | None = None,
        clock: Callable[[], float],
    ) -> None:
        """Store the arguments; nothing is sent.

        Args:
            run: the run.
            name: its name for people.
            total: the number of its units.
            exists: whether the run has a job, or is to have one.
            is_on: whether the job is updated.
            user: the id of the API user; the server's default when not given.
            clock: returns seconds that never go back.
        """
        self.id = job_id(run) if exists else None
        self._run = run
        self._name = name
        self._total = total
        self._is_on = is_on
        self._has_progress = True
        self._user = user
        self._clock = clock
        self._updated: float | None = None

    def creation(self) -> list[AnyOperation]:
        """Return the operation that creates the job, if there is one to create."""
        if self.id is None:
            return []
        data: JSONObject = {
            "id": self.id,
            "type": "api_job",
            "status": "running",
            "data": _data(self._progress_text(0)),
        }
        if self._user is not None:
            data["user_id"] = self._user
        self.record()
        return [Create("Job", data, (self.id,))]

    def cancel(self) -> bool:
        """Run without a job; return whether there was to be one."""
        had_job = self.id is not None
        self.id = None
        return had_job

    def removal(self) -> list[AnyOperation]:
        """Return the operation that deletes the job."""
        return [] if self.id is None else [Delete("Job", (self.id,))]

    def progress(self, upto: int) -> list[AnyOperation]:
        """Return the update to unit `upto`; none within 5 s of the last one."""
        if not self._has_progress or (
            self._updated is not None and self._clock() - self._updated < INTERVAL
        ):
            return []
        return self._update("running", self._progress_text(upto))

    def record(self) -> None:
        """Record that the server has a new state of the job."""
        self._updated = self._clock()

    def end_progress(self) -> None:
        """Send no more progress, as the server refused it."""
        self._has_progress = False

    def stopped(self, upto: int) -> list[AnyOperation]:
        """Return the update of a run that stopped and can be resumed."""
        text = stopped_text(self._run, self._name, upto, self._total)
        return self._update("failed", text)

    def done(self, upto: int, skipped: int) -> list[AnyOperation]:
        """Return the update of a run that has ended."""
        more = f", {skipped:,} left out" if skipped else ""
        return self._update("done", self._progress_text(upto) + more)

    def _progress_text(self, upto: int) -> str:
        return f"{self._name}: {upto:,} of {self._total:,}"

    def _update(
        self, status: Literal["running", "done", "failed"], text: str
    ) -> list[AnyOperation]:
        if self.id is None or not self._is_on:
            return []
        return [Update("Job", (self.id,), {"status": status, "data": _data(text)})]


def stopped_text(run: str, name: str, upto: int, total: int) -> str:
    """Return the text of a job whose run stopped."""
    return (
        f"{name}: stopped at {upto:,} of {total:,}; continue it with "
        f"`ftrack-orm migrate resume {run}`"
    )


def given_up(history: History, run: str, *, is_removed: bool) -> list[AnyOperation]:
    """Return the operation for the job of a run whose lock is removed.

    Args:
        history: the history.
        run: the run.
        is_removed: whether the run is removed too, so that it cannot be resumed.
    """
    row = history.run(run) or {}
    identifier = row.get("job")
    if identifier is None:
        return []
    if is_removed:
        return [Delete("Job", (str(identifier),))]
    fence = history.fence(run)
    upto = 0 if fence is None else int(fence.value.get("upto", 0))
    name = job_name(
        run, row.get("revision"), row.get("title"), row.get("undo_of") or ()
    )
    text = stopped_text(run, name, upto, int(row.get("units", 0)))
    values = {"status": "failed", "data": _data(text)}
    return [Update("Job", (str(identifier),), values)]


def send_with_job(
    client: RunClient,
    operations: Sequence[AnyOperation],
    job: Sequence[AnyOperation],
) -> None:
    """Send a batch with the operations of a job; without them if it is refused.

    Raises:
        ServerError: the server refused the batch without them, too.
    """
    if job:
        try:
            client.send([*operations, *job])
        except ServerError:
            pass
        else:
            return
    client.send(operations)


def user_query(client: RunClient) -> Query:
    """Return the query for the API user."""
    name = encode_literal(client.session.api_user)
    criterion = ast.Comparison(ast.PathExpression.of("username"), "is", name)
    names = (ast.PathExpression.of("id"),)
    return Query(compile_query(ast.Query("User", names, criteria=criterion)))


def take_user(result: Mapping[str, Any]) -> str | None:
    """Return the id in the result of `user_query`.

    ``None`` where the user's role shows no users.
    """
    identifiers = [str(user["id"]) for user in result["data"]]
    return identifiers[0] if identifiers else None


def _data(text: str) -> str:
    """Return the text as the web interface reads it."""
    return json.dumps({"description": text}, ensure_ascii=False)
