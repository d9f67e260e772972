"""The lock of a server: one run at a time, without trust in clocks.

The lock is a row of the history, so a second create is refused. A process that was
killed leaves it behind. The process that finds it observes the fence of its run: a
fence that does not change for a whole lease belongs to a dead process. Taking over
moves the fence on, which makes the server refuse every later request of the former
process. So a wrong guess costs the former process its run, and never data.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ftrack_orm.errors.migration_runs import LockedError, RunTakenOverError
from ftrack_orm.errors.server import ServerError
from ftrack_orm.migrations.history import (
    LOCK,
    History,
    fence_key,
    now,
    plan_component_id,
    run_key,
)
from ftrack_orm.migrations.run_job import given_up, send_with_job
from ftrack_orm.operations import AnyOperation, Delete
from ftrack_orm.types import Cancel, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient
    from ftrack_orm.migrations.history_store import HistoryStore

LEASE: Final = 120.0
"""Seconds without a new fence after which a process counts as dead; twice the timeout
of a request."""

HEARTBEAT: Final = 30.0
"""Seconds after which a pause is interrupted by an empty chunk."""

_INTERVAL: Final = 5.0


def new_owner() -> str:
    """Return a text that identifies this attempt of this process."""
    return secrets.token_hex(6)


def lock_row(run: str, user: str, owner: str) -> JSONObject:
    """Return the value of the lock for a run of this process."""
    return {
        "run": run,
        "user": user,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "owner": owner,
        "at": now(),
    }


def read_history(client: RunClient) -> History:
    """Return the history, read in one request."""
    return client.read_history()


def locked_error(history: History) -> LockedError:
    """Return the error for the lock in `history`, which exists."""
    lock = history.lock or {}
    run = str(lock.get("run", ""))
    fence = history.fence(run)
    since = str(lock.get("at", "an unknown time"))
    heartbeat = since if fence is None else str(fence.value.get("at", since))
    return LockedError(
        run, str(lock.get("user", "")), str(lock.get("host", "")), since, heartbeat
    )


def is_process_gone(lock: JSONObject) -> bool:
    """Return whether the lock's process ran on this computer and has ended."""
    pid = lock.get("pid")
    if lock.get("host") != socket.gethostname() or not isinstance(pid, int):
        return False
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def is_fence_still(
    client: RunClient,
    run: str,
    *,
    lease: float = LEASE,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    cancel: Cancel | None = None,
) -> bool:
    """Observe a run; return whether its fence stays the same for a whole lease.

    Args:
        client: the connection.
        run: the run.
        lease: seconds to observe, by this process's monotonic clock.
        clock: returns seconds that never go back.
        sleep: waits.
        cancel: ends the observation when it is set.
    """
    first = _fence_number(client, run)
    end = clock() + lease
    while (remaining := end - clock()) > 0:
        if cancel is not None and cancel.is_set():
            return False
        sleep(min(_INTERVAL, remaining))
        if _fence_number(client, run) != first:
            return False
    return True


def _fence_number(client: RunClient, run: str) -> int | None:
    fence = read_history(client).fence(run)
    return None if fence is None else fence.number


def take_over_operations(
    store: HistoryStore,
    history: History,
    run: str,
    lock: JSONObject | None,
    value: JSONObject,
) -> list[AnyOperation]:
    """Return the operations that move a run's fence on, and its lock to this process.

    Each is refused when another process was faster.

    Args:
        store: the store of the history.
        history: the history.
        run: the run.
        lock: the new lock; ``None`` removes it.
        value: the new value of the fence.
    """
    operations: list[AnyOperation] = []
    if history.lock is not None:
        operations.append(store.delete_row(LOCK))
    if lock is not None:
        operations.append(store.create_row(LOCK, lock))
    fence = history.fence(run)
    if fence is not None:
        operations.append(store.delete_row(fence_key(run, fence.number)))
        operations.append(store.create_row(fence_key(run, fence.number + 1), value))
    return operations


def unlock(client: RunClient) -> str | None:
    """Remove the lock; return its run, or ``None`` if no run held it.

    The process of the run, should it live, writes no more. The run can still be
    resumed; one that has begun and whose plan was not stored yet is removed.

    Raises:
        RunTakenOverError: the run made progress meanwhile; the lock is unchanged.
    """
    history = read_history(client)
    if history.lock is None:
        return None
    run = str(history.lock.get("run", ""))
    fence = history.fence(run)
    is_removed = fence is not None and fence.number == 0
    if is_removed:
        operations = _removal(client, run)
    else:
        value = {} if fence is None else fence.value
        stopped = {**value, "owner": new_owner(), "at": now()}
        operations = take_over_operations(client.store, history, run, None, stopped)
    try:
        job = given_up(history, run, is_removed=is_removed)
        send_with_job(client, operations, job)
    except ServerError as error:
        raise RunTakenOverError(run) from error
    return run


def _removal(client: RunClient, run: str) -> list[AnyOperation]:
    """Return the operations that remove a run that has written nothing."""
    keys = (LOCK, fence_key(run, 0), run_key(run))
    operations: list[AnyOperation] = [client.store.delete_row(key) for key in keys]
    identifier = plan_component_id(run)
    condition = f'id is "{identifier}"'
    query = f"select id from FileComponent where {condition}"  # noqa: S608 # a UUID
    if client.rows(query):
        operations.append(Delete("FileComponent", (identifier,)))
    return operations
