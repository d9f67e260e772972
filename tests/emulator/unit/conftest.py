"""Fixtures of the emulator's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.demo_rows import Rows, planted as planted_rows
from tests.support.emulator_client import Client, make_emulator
from tests.support.every_type import Maker


@pytest.fixture(scope="session")
def standard() -> Iterator[tuple[Emulator, bytes]]:
    """A standard emulator, made once, and its data as planted."""
    emulator = make_emulator()
    yield emulator, emulator.snapshot()
    emulator.close()


@pytest.fixture
def client(standard: tuple[Emulator, bytes]) -> Client:
    """A client of the standard emulator as planted, asked nothing yet."""
    emulator, snapshot = standard
    emulator.restore(snapshot)
    emulator.forget()
    return Client(emulator)


@pytest.fixture(
    params=[("demo", "small"), ("demo:7", "small"), ("demo", "medium")],
    ids=["small", "small-7", "medium"],
)
def demo_rows(request: pytest.FixtureRequest) -> Rows:
    """The rows of a demo; the large one is ten times the medium."""
    return planted_rows(*request.param)


@pytest.fixture
def maker(client: Client) -> Maker:
    """Makes entities of every type in an emulator that is as it was planted."""
    return Maker(client)
