"""Work in threads, watched by the thread that asked for it.

A socket that waits cannot be interrupted. So it waits in a thread of its own, and the
caller's thread looks every few hundredths of a second whether the work is done, or
nobody wants it any more.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final, TypeVar

from ftrack_orm.types import Cancel, OnProgress

LOOK: Final = 0.05
"""Seconds between two looks."""

GRACE: Final = 0.3
"""Seconds that threads get to notice that they are to stop."""

ItemT = TypeVar("ItemT")


class CancelledError(Exception):
    """The caller has cancelled."""


class StoppedError(Exception):
    """A thread has noticed that its work is no longer wanted."""


class Deadline:
    """A `Cancel` that sets itself when some seconds have passed."""

    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds

    def is_set(self) -> bool:
        """Return whether the time is over."""
        return monotonic() >= self._ends


class ProgressMeter:
    """Counts bytes in any thread, and tells them in the caller's.

    Attributes:
        total: bytes in all, 0 where nobody knows, ``None`` before it is known.
        raised: what `on_progress` raised, told apart by this from errors of ours.
    """

    def __init__(self, on_progress: OnProgress | None, total: int | None) -> None:
        self.total = total
        self.raised: BaseException | None = None
        self._on_progress = on_progress
        self._done = 0
        self._told = -1
        self._counting = threading.Lock()

    def count(self, moved: int) -> None:
        """Add bytes that moved; take them back with a negative number."""
        with self._counting:
            self._done += moved

    def reset(self, done: int) -> None:
        """Count on from `done` bytes; what was told already is not taken back."""
        with self._counting:
            self._done = done

    def tell(self) -> None:
        """Tell how far it is, when that is farther than what was told last."""
        if self._on_progress is None or self.total is None:
            return
        # A thread that was left behind may count what is sent for a second time.
        done = min(self._done, self.total) if self.total else self._done
        if done <= self._told:
            return
        self._told = done
        try:
            self._on_progress(self._told, self.total)
        except BaseException as error:
            self.raised = error
            raise

    def finish(self) -> None:
        """Tell that all is done; a total that nobody knew is known now."""
        if self.total is None or (not self.total and self._done):
            self.total = self._done
            self._told = -1
        self.reset(self.total)
        self.tell()


class Workers:
    """What the caller's thread looks at while others work.

    Attributes:
        stop: set when the work is to end; threads look at it between blocks.
        meter: how far it is.
    """

    def __init__(self, meter: ProgressMeter, cancel: Cancel | None) -> None:
        self.stop = threading.Event()
        self.meter = meter
        self._cancel = cancel

    def look(self) -> None:
        """Tell how far it is.

        Raises:
            CancelledError: the caller has cancelled.
        """
        if self._cancel is not None and self._cancel.is_set():
            raise CancelledError
        self.meter.tell()

    def require_wanted(self) -> None:
        """Raise `StoppedError` in a thread whose work is no longer wanted."""
        if self.stop.is_set():
            raise StoppedError

    def run(
        self, work: Callable[[ItemT], None], items: Iterable[ItemT], *, threads: int = 1
    ) -> None:
        """Do `work` on every item, several at once; return when all is done.

        What the first of them raises, or `look`, ends the others: they see `stop`,
        and one that is stuck in a socket is left behind.
        """
        waiting = deque(items)
        ended: SimpleQueue[BaseException | None] = SimpleQueue()
        # Daemons, for a program that ends need not wait for a socket nobody wants.
        workers = [
            threading.Thread(
                target=_work,
                args=(work, waiting, self.stop, ended),
                name=f"ftrack_orm-transfer-{number}",
                daemon=True,
            )
            for number in range(min(threads, len(waiting)))
        ]
        try:
            self.look()
            for worker in workers:
                worker.start()
            self._wait(ended, len(workers))
        except BaseException:
            self.stop.set()
            _settle(workers)
            raise
        self.meter.tell()

    def _wait(self, ended: SimpleQueue[BaseException | None], running: int) -> None:
        while running:
            try:
                failed = ended.get(timeout=LOOK)
            except Empty:
                self.look()
                continue
            if failed is not None:
                raise failed
            running -= 1


def _work(
    work: Callable[[ItemT], None],
    waiting: deque[ItemT],
    stop: threading.Event,
    ended: SimpleQueue[BaseException | None],
) -> None:
    failed: BaseException | None = None
    while waiting and not stop.is_set():
        try:
            item = waiting.popleft()
        except IndexError:  # another thread was faster
            break
        try:
            work(item)
        except BaseException as error:  # raised again in the thread that waits
            # Its frames hold addresses that a report with locals would show.
            failed = error.with_traceback(None)
            break
    ended.put(failed)


def _settle(workers: list[threading.Thread]) -> None:
    ends = monotonic() + GRACE
    for worker in workers:
        if worker.ident is not None:
            worker.join(max(0.0, ends - monotonic()))
