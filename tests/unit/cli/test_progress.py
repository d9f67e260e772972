"""The progress bar, drawn into a text."""

from __future__ import annotations

import io

from rich.console import Console

from ftrack_orm.cli.progress import progress_bar


def drawn(*steps: tuple[int, int], description: str = "plate.exr") -> str:
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=120, color_system=None)
    with progress_bar(description, console=console) as on_progress:
        for done, total in steps:
            on_progress(done, total)
    return text.getvalue()


def test_it_shows_bytes_done_and_in_all() -> None:
    assert "1.0/2.0 MiB" in drawn((0, 1 << 21), (1 << 20, 1 << 21))


def test_it_ends_with_everything() -> None:
    lines = drawn((0, 1 << 21), (1 << 21, 1 << 21)).splitlines()

    assert "2.0/2.0 MiB" in [line for line in lines if "plate.exr" in line][-1]


def test_it_works_when_nobody_knows_how_much_there_is() -> None:
    assert "1.0/? MiB" in drawn((1 << 20, 0))


def test_it_learns_how_much_there_is_at_the_end() -> None:
    assert "1.0/1.0 MiB" in drawn((1 << 19, 0), (1 << 20, 1 << 20))


def test_an_empty_file_is_shown_too() -> None:
    assert "plate.exr" in drawn((0, 0))


def test_a_name_is_no_markup() -> None:
    assert "[bold]x[/bold].exr" in drawn((0, 1), description="[bold]x[/bold].exr")
