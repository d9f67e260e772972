"""The page about pydantic: its examples run."""

from __future__ import annotations

import doctest
from pathlib import Path

from ftrack_orm.emulator.server import Emulator

PAGE = Path(__file__).parents[2] / "docs" / "pydantic.md"


def test_every_example_runs() -> None:
    with Emulator(seed="demo") as emulator:
        credentials = emulator.credentials
        result = doctest.testfile(
            str(PAGE),
            module_relative=False,
            globs={
                "SERVER_URL": credentials["server_url"],
                "API_USER": credentials["api_user"],
                "API_KEY": credentials["api_key"],
            },
            encoding="utf-8",
        )

    assert result.attempted > 15
    assert result.failed == 0
