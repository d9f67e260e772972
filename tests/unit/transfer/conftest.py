"""A server and a storage in memory, and a file of six parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrack_orm.transfer import chunks
from tests.support.fake_file_server import Server, Storage
from tests.support.uploads import (
    CHUNK,
    CONTENT,
)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNKS", ((1_000_000, CHUNK),))


@pytest.fixture
def storage() -> Storage:
    return Storage()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plate.exr"
    path.write_bytes(CONTENT)
    return path
