"""Waiting for an answer only as long as the caller wants it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Final

from ftrack_orm.errors.transport import RequestCancelledError
from ftrack_orm.types import Cancel, Reply

_LOOK: Final = 0.05
"""Seconds between two looks at whether the caller has cancelled."""


def carry_until_cancelled(
    carry: Callable[[], Reply], cancel: Cancel, server_url: str, *, is_writing: bool
) -> Reply:
    """Return what `carry` returns, unless the caller cancels before that.

    The request runs in a thread of its own, which is left to its own end when the
    caller cancels: a socket that waits cannot be interrupted, but nobody has to wait
    for it.

    Raises:
        RequestCancelledError: the caller has cancelled; `may_be_applied` when the
            request was on its way and `is_writing`.
    """
    if cancel.is_set():
        raise RequestCancelledError(server_url, may_be_applied=False)
    answer: Future[Reply] = Future()
    # A daemon, for a program that ends need not wait for an answer nobody wants.
    threading.Thread(
        target=_run, args=(carry, answer), name="ftrack_orm-call", daemon=True
    ).start()
    while not wait((answer,), _LOOK).done:
        if cancel.is_set():
            raise RequestCancelledError(server_url, may_be_applied=is_writing)
    return answer.result()


def _run(carry: Callable[[], Reply], answer: Future[Reply]) -> None:
    try:
        answer.set_result(carry())
    except BaseException as error:  # raised again where the answer is awaited
        answer.set_exception(error)
