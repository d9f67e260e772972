"""Where files are kept: in a directory, beside the database, or in memory."""

from __future__ import annotations

from pathlib import Path

from ftrack_orm.emulator import Emulator
from tests.support.file_requests import CONTENT, ask, uploaded
from tests.support.schemas import recorded


def test_files_in_a_directory_of_ones_own_outlive_the_emulator(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Emulator(schema=recorded(), data=data) as first:
        uploaded(first)
    with Emulator(schema=recorded(), data=data) as second:
        assert ask(second).content == CONTENT


def test_files_are_beside_the_database_unless_it_is_said_where(tmp_path: Path) -> None:
    database = tmp_path / "studio.db"
    with Emulator(schema=recorded(), database=database) as first:
        uploaded(first)
    assert (tmp_path / "studio.db.files").is_dir()
    with Emulator(schema=recorded(), database=database) as second:
        assert ask(second).content == CONTENT


def test_files_in_memory_go_with_the_emulator() -> None:
    with Emulator(schema=recorded()) as first:
        uploaded(first)
    with Emulator(schema=recorded()) as second:
        assert ask(second).status_code == 404
