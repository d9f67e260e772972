"""What holds for every test."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import settings

# A slow machine is no failure of the code; time is measured in tests/benchmarks. A run
# has the examples of the run before it, so that a change is what makes it fail;
# `make nightly` looks for new ones.
settings.register_profile("project", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "project"))

# Every emulator adds more objects than the rest of a process, so by default each is
# followed by collections of all objects: a tenth of the time of its tests.
gc.set_threshold(700, 10, 100)


def pytest_collection_finish() -> None:
    """Spare the garbage collector the thousands of tests that stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_real_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the server that the developer's shell may name."""
    for name in ("FTRACK_SERVER", "FTRACK_API_USER", "FTRACK_API_KEY"):
        monkeypatch.delenv(name, raising=False)
