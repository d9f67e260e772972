"""The page about what a session guarantees: its examples run."""

from __future__ import annotations

import doctest
from pathlib import Path

from ftrack_orm.emulator.server import Emulator

PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"


def test_every_example_runs() -> None:
    with Emulator(seed="demo") as emulator:
        result = doctest.testfile(
            str(PAGE),
            module_relative=False,
            globs={"EMULATOR": emulator},
            encoding="utf-8",
        )

    assert result.attempted > 20
    assert result.failed == 0
