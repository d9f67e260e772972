"""Show the events of a run, and end it between two requests."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Final, NoReturn, Self, TypeVar

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

from ftrack_orm.cli.exit_codes import exit_code_of
from ftrack_orm.cli.migrate_session import write_json
from ftrack_orm.errors.migration_runs import RunStoppedError
from ftrack_orm.errors.root import FtrackError

_T = TypeVar("_T")
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
        # The bar starts with the run: a refused one would leave an empty line.
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._progress.stop()

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Show an event of a run."""
        self._run = str(event["run"])
        self._upto = int(event.get("upto", self._upto))
        self._total = int(event.get("total", self._total))
        if self._as_json:
            write_json(event)
        elif event["event"] == "begin":
            self._progress.start()
            title = str(event.get("title") or event["run"])
            self._task = self._progress.add_task(
                title, total=event["total"], completed=event["upto"]
            )
        elif event["event"] == "chunk" and self._task is not None:
            self._progress.update(self._task, completed=event["upto"])

    def completed(self, run: Callable[[], _T]) -> _T:
        """Return the result of a function that applies runs.

        Raises:
            RunStoppedError, ClickException: a second Ctrl-C ended it within a request.
        """
        try:
            return run()
        except KeyboardInterrupt as interrupt:
            error = self.interrupted()
            self.failed(error)
            raise error from interrupt
        except Exception as error:
            self.failed(error)
            raise

    def interrupted(self) -> Exception:
        """Return the error of a run that a second Ctrl-C ended within a request."""
        if self._run is None:
            return _InterruptedError(
                "It was interrupted while it began. `ftrack-orm migrate resume` "
                "continues the run if `ftrack-orm migrate status` lists it."
            )
        reason = (
            "it was interrupted twice, and the last request may be applied too. Its "
            "job is shown as running until then, or until `ftrack-orm migrate unlock`"
        )
        return RunStoppedError(self._run, reason, self._upto, self._total)

    def leave(self) -> NoReturn:
        """End the process at once with the exit code of a run that can be resumed."""
        leave(self._run)

    def failed(self, error: Exception) -> None:
        """Write the last line of JSON; the message follows on standard error."""
        if self._as_json:
            code = (
                exit_code_of(error)
                if isinstance(error, FtrackError)
                else int(getattr(error, "exit_code", 1))
            )
            run = getattr(error, "run", None)
            write_json(
                {"event": "error", "run": run, "exit_code": code, "text": str(error)}
            )


@contextmanager
def immediate_interrupts() -> Iterator[None]:
    """Let Ctrl-C end a question at once: no request is under way."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def leave(run: str | None = None) -> NoReturn:
    """Print how to continue, and end the process at once with exit code 7.

    Only calls of the operating system are made: the signal may have interrupted a write
    to the same streams.
    """
    name = "" if run is None else f" {run}"
    cursor = "\x1b[?25h" if sys.stderr.isatty() else ""
    text = f"{cursor}\nContinue with `ftrack-orm migrate resume{name}`.\n"
    os.write(2, text.encode())
    os._exit(RunStoppedError.exit_code)


@contextmanager
def interruptible(
    on_third: Callable[[], object] = leave,
) -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C and SIGTERM set; a second Ctrl-C ends at once.

    Args:
        on_third: called by a further Ctrl-C, until the command has printed how to
            continue and closed its session.
    """
    cancel = threading.Event()

    def third(number: int, frame: FrameType | None) -> None:
        del number, frame
        on_third()

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        if cancel.is_set() and number == signal.SIGINT:
            signal.signal(signal.SIGINT, third)
            raise KeyboardInterrupt
        cancel.set()

    former = {number: signal.signal(number, stop) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in former.items():
            signal.signal(number, handler)

    try:
        yield cancel
    finally:
        context = click.get_current_context(silent=True)
        if context is None or signal.getsignal(signal.SIGINT) is not third:
            restore()
        else:
            context.find_root().call_on_close(restore)
