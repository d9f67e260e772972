"""Fixtures of the emulator's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.emulator.driving import Client, make_emulator


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a fresh standard emulator."""
    emulator = make_emulator()
    yield Client(emulator)
    emulator.close()
