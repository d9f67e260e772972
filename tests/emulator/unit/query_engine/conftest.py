"""A storage with the rows that `sample_storage` draws."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm.emulator.storage.storage import Storage
from tests.support.sample_storage import make_storage
from tests.support.schemas import recorded


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    """The storage; no test may change it."""
    made = make_storage(recorded())
    yield made
    made.close()
