from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftrack_codegen.package import write_package
from ftrack_orm.types import JSONObject
from tests.support.golden_cases import CASES
from tests.support.recorded_responses import SCHEMAS, read
from tests.support.studio_golden import EXPECTED, generate_golden


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that takes a `case` once for every golden case."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=repr)


def pytest_configure(config: pytest.Config) -> None:
    """Write the golden packages where `UPDATE_GOLDEN` is 1; review them in git."""
    if os.environ.get("UPDATE_GOLDEN") == "1":
        for case in CASES:
            write_package(case.generate(), case.expected_folder)
        write_package(generate_golden(), EXPECTED)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder on the import path with every golden package in it, as expected."""
    folder = tmp_path_factory.mktemp("golden")
    for case in CASES:
        write_package(case.expected(), folder / case.name)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def recorded() -> list[JSONObject]:
    """The stock server's schema as it was recorded."""
    return read(SCHEMAS)
