"""The studio's package that the example programs import."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.jobs_studio import write_jobs_package


@pytest.fixture(scope="session")
def jobs_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the package, which is generated once."""
    folder = tmp_path_factory.mktemp("jobs_package")
    write_jobs_package(folder)
    return folder
