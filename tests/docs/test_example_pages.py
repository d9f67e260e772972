"""The pages whose examples run in a Python prompt."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from ftrack_orm.emulator import Emulator

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("page", "at_least"),
    [("guarantees", 20), ("plans", 20), ("pydantic", 15), ("consoles", 10)],
)
def test_every_example_runs(page: str, at_least: int) -> None:
    with Emulator(seed="demo") as emulator:
        credentials = emulator.credentials
        result = doctest.testfile(
            str(DOCS / f"{page}.md"),
            module_relative=False,
            globs={
                "EMULATOR": emulator,
                "SERVER_URL": credentials["server_url"],
                "API_USER": credentials["api_user"],
                "API_KEY": credentials["api_key"],
            },
            encoding="utf-8",
        )

    assert result.attempted > at_least
    assert result.failed == 0
