"""Describe the history of a server, and mark revisions by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from ftrack_orm.errors.migration_runs import NotInitializedError, UnknownRunError
from ftrack_orm.migrations.fenced_run import Checkpoint
from ftrack_orm.migrations.history import (
    History,
    now,
    revision_key,
)
from ftrack_orm.migrations.history_store import write_row
from ftrack_orm.migrations.lock import locked_error, read_history
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient

_FORMAT: Final = 1


def describe_history(history: History) -> JSONObject:
    """Return the lock, the runs and the revisions as one JSON document."""
    runs: list[Any] = []
    for run, row in sorted(
        history.runs.items(), key=lambda item: str(item[1].get("at"))
    ):
        fence = history.fence(run)
        progress = Checkpoint.of(row if fence is None else fence.value).to_json()
        state = row.get("state") if fence is None else "interrupted"
        lock = history.lock
        if fence is not None and lock is not None and lock.get("run") == run:
            state = "running"
        names = (
            "title",
            "revision",
            "digest",
            "user",
            "at",
            "units",
            "undo_of",
            "continues",
            "job",
        )
        facts = {name: row.get(name) for name in names}
        runs.append({"run": run, **facts, **progress, "state": state})
    return {
        "format": _FORMAT,
        "server_id": (history.init or {}).get("server_id"),
        "probes": (history.init or {}).get("probes"),
        "lock": history.lock,
        "runs": runs,
        "revisions": [
            {"revision": revision, **row}
            for revision, row in sorted(history.revisions.items())
        ],
    }


def mark_revision(
    client: RunClient, revision: str, state: Literal["applied", "pending"]
) -> None:
    """Record that a revision is applied, or that it is not; no data is changed.

    The record of a run that has applied the revision stays, as long as it is applied.

    Raises:
        NotInitializedError: the server has no history.
        LockedError: a run holds the lock.
        UnknownRunError: a run of the revision was interrupted.
    """
    history = read_history(client)
    if history.init is None:
        raise NotInitializedError(client.server_url)
    if history.lock is not None:
        raise locked_error(history)
    former = history.revision(revision)
    key = revision_key(revision)
    if former is not None and history.fence(str(former.get("run"))) is not None:
        run = str(former["run"])
        raise UnknownRunError(
            run,
            f"it is the run of {revision} and was interrupted, and its end records the "
            f"state. Continue it with `ftrack-orm migrate resume {run}`",
        )
    if state == "pending":
        if former is not None:
            client.send([client.store.delete_row(key)])
        return
    if former is not None and former.get("state") == state:
        return
    # Not the run of a former state: none has applied the revision.
    value = {
        "state": "applied",
        **({} if former is None else {"title": former.get("title", "")}),
        "marked": True,
        "user": client.session.api_user,
        "at": now(),
    }
    client.send([write_row(client.store, key, value, exists=former is not None)])
