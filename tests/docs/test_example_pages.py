"""The pages whose examples run in a Python prompt."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from ftrack_orm.emulator import Emulator

DOCS = Path(__file__).parents[2] / "docs"


PAGES = {
    "consoles": 10,
    "custom-attributes": 30,
    "errors": 9,
    "guarantees": 20,
    "plans": 20,
    "pydantic": 15,
    "queries": 45,
    "testing": 3,
    "unit-of-work": 35,
}
"""The pages that this module runs, each with a lower bound of its examples."""

ELSEWHERE = {"emulator", "session"}
"""Pages that other modules run."""


@pytest.mark.parametrize(("page", "at_least"), PAGES.items())
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


def test_every_page_with_examples_is_run() -> None:
    pages = {path.stem for path in DOCS.rglob("*.md") if ">>> " in path.read_text()}

    assert pages == PAGES.keys() | ELSEWHERE
