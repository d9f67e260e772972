"""A progress bar in the terminal for uploads and downloads."""

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
    """Show a bar with bytes, speed and remaining time while the block runs.

    ::

        with progress_bar("plate.exr") as on_progress:
            session.create_component("plate.exr", on_progress=on_progress)

    While the total is unknown, the bar is animated without a percentage.

    Args:
        description: text before the bar.
        console: the console; by default standard error, so that the bar does not mix
            with the output of the program.

    Yields:
        A callback for `on_progress`, with the bytes done and the total.
    """
    progress = Progress(
        # Brackets in a file's name must not be read as markup.
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
            # A total of 0 means unknown, except for an empty file, done at once.
            progress.update(task, completed=done, total=total or None)

        yield on_progress
