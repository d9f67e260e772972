"""An emulator that serves the recorded schema, and the official client on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.official_client import connect
from tests.support.schemas import recorded


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Emulator, bytes]]:
    """A started emulator, made once, and its data as planted."""
    with Emulator(schema=recorded()) as started:
        yield started, started.snapshot()


@pytest.fixture
def emulator(served: tuple[Emulator, bytes]) -> Emulator:
    """The emulator as planted, asked nothing yet."""
    started, snapshot = served
    started.start()
    started.event_hub.disconnect_all()
    started.restore(snapshot)
    started.forget()
    return started


@pytest.fixture
def session(emulator: Emulator, tmp_path: Path) -> Iterator[Any]:
    """A session of the official client."""
    opened = connect(emulator, tmp_path)
    yield opened
    opened.close()
