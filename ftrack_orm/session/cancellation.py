"""Wait for a reply until the caller cancels."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Final

from ftrack_orm.errors.transport import RequestCancelledError
from ftrack_orm.types import Cancel, Reply

_POLL_INTERVAL: Final = 0.05
"""Seconds between two checks of `cancel`."""


def call_until_cancelled(
    call: Callable[[], Reply], cancel: Cancel, server_url: str, *, is_writing: bool
) -> Reply:
    """Return the reply of `call`, unless the caller cancels before it arrives.

    The request runs in a separate thread, because a waiting socket cannot be
    interrupted. After a cancellation the thread ends with its request.

    Raises:
        RequestCancelledError: the caller has cancelled; `may_be_applied` is true when
            a request that `is_writing` was on its way.
    """
    if cancel.is_set():
        raise RequestCancelledError(server_url, may_be_applied=False)
    reply: Future[Reply] = Future()
    # A daemon thread, so that the end of a program does not wait for its reply.
    threading.Thread(
        target=_run, args=(call, reply), name="ftrack_orm-call", daemon=True
    ).start()
    while not wait((reply,), _POLL_INTERVAL).done:
        if cancel.is_set():
            raise RequestCancelledError(server_url, may_be_applied=is_writing)
    return reply.result()


def _run(call: Callable[[], Reply], reply: Future[Reply]) -> None:
    try:
        reply.set_result(call())
    except BaseException as error:  # raised again by `reply.result()`
        reply.set_exception(error)
