"""A studio of three projects, whose users may see one, two or all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import Client
from tests.support.three_projects import make_studio


@pytest.fixture(scope="package")
def planted() -> Iterator[tuple[Emulator, bytes]]:
    """The studio, made once, and what it held at first."""
    emulator = make_studio()
    yield emulator, emulator.snapshot()
    emulator.close()


@pytest.fixture
def studio(planted: tuple[Emulator, bytes]) -> Emulator:
    """The studio as it was made."""
    emulator, snapshot = planted
    emulator.restore(snapshot)
    return emulator


@pytest.fixture
def admin(studio: Emulator) -> Client:
    return Client(studio)
