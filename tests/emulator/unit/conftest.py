"""Fixtures of the emulator's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm.emulator.server import Emulator
from tests.support.demo_rows import Rows
from tests.support.demo_rows import planted as planted_rows
from tests.support.emulator_client import Client, make_emulator
from tests.support.every_type import Maker


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
    return planted_rows(*request.param)


@pytest.fixture(scope="session")
def planted() -> Iterator[tuple[Emulator, bytes]]:
    """One emulator for the many tests of every type, and what it held at first."""
    emulator = make_emulator()
    yield emulator, emulator.snapshot()
    emulator.close()


@pytest.fixture
def maker(planted: tuple[Emulator, bytes]) -> Maker:
    """Makes entities of every type in an emulator that is as it was at first."""
    emulator, snapshot = planted
    emulator.restore(snapshot)
    return Maker(Client(emulator))
