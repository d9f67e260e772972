"""The demo production in process, put back to its beginning before every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from tests.support.planning import session_on


@pytest.fixture(scope="module")
def seeded() -> Iterator[tuple[Emulator, bytes]]:
    emulator = Emulator(seed="demo")
    yield emulator, emulator.snapshot()
    emulator.close()


@pytest.fixture
def emulator(seeded: tuple[Emulator, bytes]) -> Emulator:
    emulator, snapshot = seeded
    emulator.restore(snapshot)
    emulator.call_log.clear()
    return emulator


@pytest.fixture
def session(emulator: Emulator) -> Iterator[Session]:
    with session_on(emulator) as session:
        yield session
