"""An emulator that keeps its files in memory, and one that keeps them on disk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.schemas import recorded


@pytest.fixture(scope="session", params=["in memory", "on disk"])
def planted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Emulator, bytes]]:
    """A started emulator and its data as planted."""
    data = tmp_path_factory.mktemp("data") if request.param == "on disk" else None
    with Emulator(schema=recorded(), data=data) as started:
        yield started, started.snapshot()


@pytest.fixture
def emulator(planted: tuple[Emulator, bytes]) -> Emulator:
    """The emulator as planted, asked nothing yet."""
    started, snapshot = planted
    started.restore(snapshot)
    started.forget()
    return started
