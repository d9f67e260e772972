"""Count transferred bytes in any thread, and report them in the caller's thread."""

from __future__ import annotations

import threading

from ftrack_orm.types import OnProgress


class ProgressMeter:
    """Counts the bytes of one transfer for an `on_progress` callback.

    Attributes:
        total: bytes in total, 0 if the server sent no size, ``None`` before its reply.
        raised: the exception that `on_progress` raised, or ``None``; callers raise it
            unchanged, while they convert errors of the transfer.
    """

    def __init__(self, on_progress: OnProgress | None, total: int | None) -> None:
        self.total = total
        self.raised: BaseException | None = None
        self._on_progress = on_progress
        self._count = 0
        self._reported = -1
        self._lock = threading.Lock()

    def count(self, size: int) -> None:
        """Add `size` transferred bytes; a negative number subtracts them again."""
        with self._lock:
            self._count += size

    def reset(self, size: int) -> None:
        """Set the count to `size` bytes; reports continue above the last one."""
        with self._lock:
            self._count = size

    def report(self) -> None:
        """Call `on_progress` if more bytes are transferred than reported last."""
        if self._on_progress is None or self.total is None:
            return
        # A thread left running after a failed attempt may count bytes of a part that is
        # sent a second time.
        size = min(self._count, self.total) if self.total else self._count
        if size <= self._reported:
            return
        self._reported = size
        try:
            self._on_progress(self._reported, self.total)
        except BaseException as error:
            self.raised = error
            raise

    def finish(self) -> None:
        """Report that all bytes are transferred; their count replaces a total of 0."""
        if self.total is None or (not self.total and self._count):
            self.total = self._count
            self._reported = -1
        self.reset(self.total)
        self.report()
