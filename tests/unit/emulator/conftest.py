"""Fixtures of the emulator's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.emulator.demo_rows import Rows, planted
from tests.unit.emulator.driving import Client, make_emulator


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a fresh standard emulator."""
    emulator = make_emulator()
    yield Client(emulator)
    emulator.close()


@pytest.fixture(
    params=[("demo", "small"), ("demo:7", "small"), ("demo", "medium")],
    ids=["small", "small-7", "medium"],
)
def demo_rows(request: pytest.FixtureRequest) -> Rows:
    """The rows of a demo; the large one is ten times the medium."""
    return planted(*request.param)
