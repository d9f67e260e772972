"""Run blocking transfers in worker threads; the caller polls for cancellation.

A thread that waits in a socket cannot be interrupted. So the sockets are used in worker
threads, and the caller's thread checks every few hundredths of a second whether they
have ended or the caller has cancelled.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, Final, TypeVar

from ftrack_orm.transfer.progress import ProgressMeter
from ftrack_orm.types import Cancel

POLL_INTERVAL: Final = 0.05
"""Seconds between two checks for cancellation."""

STOP_TIMEOUT: Final = 0.3
"""Seconds to wait for stopped threads to end."""

ItemT = TypeVar("ItemT")


class CancelledError(Exception):
    """The caller has cancelled."""


class StoppedError(Exception):
    """The work of a thread was stopped by a failure of another, or by the caller."""


class Deadline:
    """A `Cancel` that is set after some seconds."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def is_set(self) -> bool:
        """Return whether the time has passed."""
        return monotonic() >= self._end


class Workers:
    """Worker threads, observed by the caller's thread.

    Attributes:
        stop: set when the threads must end; they check it between blocks.
        meter: the progress of the transfer.
    """

    def __init__(self, meter: ProgressMeter, cancel: Cancel | None) -> None:
        self.stop = threading.Event()
        self.meter = meter
        self._cancel = cancel

    def poll(self) -> None:
        """Report the progress, in the caller's thread.

        Raises:
            CancelledError: the caller has cancelled.
        """
        if self._cancel is not None and self._cancel.is_set():
            raise CancelledError
        self.meter.report()

    def check_stopped(self) -> None:
        """Raise `StoppedError` if `stop` is set."""
        if self.stop.is_set():
            raise StoppedError

    def run(
        self, work: Callable[[ItemT], None], items: Iterable[ItemT], *, threads: int = 1
    ) -> None:
        """Call `work` with each item, in several threads; return when all are done.

        The first exception of a thread or of `poll` sets `stop` and is raised. Threads
        that do not end in time, because they wait in a socket, are left running.
        """
        pending = deque(items)
        results: SimpleQueue[BaseException | None] = SimpleQueue()
        count = min(threads, len(pending))
        workers = _make_threads(count, (work, pending, self.stop, results))
        try:
            self.poll()
            for worker in workers:
                worker.start()
            self._wait(results, len(workers))
        except BaseException:
            self.stop.set()
            _join(workers)
            raise
        self.meter.report()

    def _wait(self, results: SimpleQueue[BaseException | None], running: int) -> None:
        while running:
            try:
                error = results.get(timeout=POLL_INTERVAL)
            except Empty:
                self.poll()
                continue
            if error is not None:
                raise error
            running -= 1


def _make_threads(count: int, arguments: tuple[Any, ...]) -> list[threading.Thread]:
    """Return threads that call `_work` with the arguments; none is started."""
    # Daemons: the interpreter must not wait at exit for a thread left in a socket.
    return [
        threading.Thread(
            target=_work,
            args=arguments,
            name=f"ftrack_orm-transfer-{number}",
            daemon=True,
        )
        for number in range(count)
    ]


def _work(
    work: Callable[[ItemT], None],
    pending: deque[ItemT],
    stop: threading.Event,
    results: SimpleQueue[BaseException | None],
) -> None:
    failure: BaseException | None = None
    while pending and not stop.is_set():
        try:
            item = pending.popleft()
        except IndexError:  # another thread took the last item
            break
        try:
            work(item)
        except BaseException as error:  # raised again in the caller's thread
            # The frames hold addresses, which a traceback with locals would show.
            failure = error.with_traceback(None)
            break
    results.put(failure)


def _join(workers: list[threading.Thread]) -> None:
    """Wait for the started threads, `STOP_TIMEOUT` seconds in total."""
    end = monotonic() + STOP_TIMEOUT
    for worker in workers:
        if worker.ident is not None:
            worker.join(max(0.0, end - monotonic()))
