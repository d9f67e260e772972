"""Show the events of a run, and end it between two requests."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Final, Self

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from ftrack_orm.cli.migrate_session import write_json
from ftrack_orm.errors.migration_runs import RunStoppedError

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class _InterruptedError(click.ClickException):
    exit_code = RunStoppedError.exit_code


class RunDisplay:
    """A progress bar on standard error, or JSON lines on standard output."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._progress = Progress(
            # Brackets in a title must not be read as markup.
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=as_json,
        )
        self._task: TaskID | None = None
        self._run: str | None = None
        self._upto = self._total = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Show an event of a run."""
        self._run = str(event["run"])
        self._upto = int(event.get("upto", self._upto))
        self._total = int(event.get("total", self._total))
        if self._as_json:
            write_json(event)
        elif event["event"] == "begin":
            title = str(event.get("title") or event["run"])
            self._task = self._progress.add_task(
                title, total=event["total"], completed=event["upto"]
            )
        elif event["event"] == "chunk" and self._task is not None:
            self._progress.update(self._task, completed=event["upto"])

    def interrupted(self) -> Exception:
        """Return the error of a run that a second Ctrl-C ended within a request."""
        if self._run is None:
            return _InterruptedError(
                "It was interrupted while it began. `ftrack-orm migrate resume` "
                "continues the run if `ftrack-orm migrate status` lists it."
            )
        reason = "it was interrupted twice, and the last request may be applied too"
        return RunStoppedError(self._run, reason, self._upto, self._total)

    def failed(self, error: Exception) -> None:
        """Write the last line of JSON; the message follows on standard error."""
        if self._as_json:
            code = int(getattr(error, "exit_code", 1))
            run = getattr(error, "run", None)
            write_json(
                {"event": "error", "run": run, "exit_code": code, "text": str(error)}
            )


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C and SIGTERM set; a second Ctrl-C ends at once.

    Further ones are ignored until the end, which prints how to continue.
    """
    cancel = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        if cancel.is_set() and number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            raise KeyboardInterrupt
        cancel.set()

    former = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield cancel
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
