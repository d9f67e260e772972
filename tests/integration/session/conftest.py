"""A demo production in process, put back to its beginning before every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm import NO_RETRIES, Session
from ftrack_orm.emulator import Emulator


@pytest.fixture(scope="session")
def seeded() -> Iterator[tuple[Emulator, bytes]]:
    """One emulator for all tests, and its data as seeded."""
    emulator = Emulator(seed="demo")
    yield emulator, emulator.snapshot()
    emulator.close()


@pytest.fixture
def emulator(seeded: tuple[Emulator, bytes]) -> Emulator:
    """The emulator with the data of the demo seed, nothing asked of it yet."""
    emulator, snapshot = seeded
    emulator.restore(snapshot)
    emulator.faults.clear()
    emulator.call_log.clear()
    return emulator


@pytest.fixture
def session(emulator: Emulator) -> Iterator[Session]:
    """A session on the emulator that does not ask about the schema."""
    with Session(
        transport=emulator.transport(), check_schema="ignore", retry=NO_RETRIES
    ) as session:
        yield session


@pytest.fixture
def other(emulator: Emulator) -> Iterator[Session]:
    """A second session, for another user's view of the server."""
    with Session(
        transport=emulator.transport(), check_schema="ignore", retry=NO_RETRIES
    ) as session:
        yield session


@pytest.fixture
def over_http(emulator: Emulator) -> Iterator[Session]:
    """A session on the emulator through sockets, that does not repeat anything."""
    with Session(
        **emulator.start().credentials, check_schema="ignore", retry=NO_RETRIES
    ) as session:
        yield session
