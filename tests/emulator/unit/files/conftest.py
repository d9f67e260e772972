"""Every store of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrack_orm.emulator.blobs import make_store
from ftrack_orm.emulator.blobs.store import BlobStore


@pytest.fixture(params=["in memory", "on disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return make_store(tmp_path / "data" if request.param == "on disk" else None, None)
