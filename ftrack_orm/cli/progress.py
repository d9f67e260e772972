"""A progress bar in the terminal, for uploads and downloads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from ftrack_orm.types import OnProgress


@contextmanager
def progress_bar(
    description: str, *, console: Console | None = None
) -> Iterator[OnProgress]:
    """Show a bar with bytes, speed and time left while the block runs.

    ::

        with progress_bar("plate.exr") as on_progress:
            session.create_component("plate.exr", on_progress=on_progress)

    While nobody knows how much there is, the bar moves without filling.

    Args:
        description: what stands before the bar.
        console: where to; standard error when not given, so that what a program
            prints stays apart.
    """
    progress = Progress(
        # A file's name is no markup, whatever brackets it has.
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console or Console(stderr=True),
    )
    with progress:
        task: TaskID = progress.add_task(description, total=None)

        def on_progress(done: int, total: int) -> None:
            # An empty file is done at once; any other 0 means that nobody knows.
            progress.update(task, completed=done, total=total or None)

        yield on_progress
