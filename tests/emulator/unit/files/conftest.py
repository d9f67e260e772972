"""Every store of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrack_orm.emulator.files import make_store
from ftrack_orm.emulator.files.store import FileStore


@pytest.fixture(params=["in memory", "on disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    return make_store(tmp_path / "data" if request.param == "on disk" else None, None)
