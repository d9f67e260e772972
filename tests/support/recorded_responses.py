"""The responses recorded from a real server, which stand beside the project.

They are not part of it. Without them, tests that need any stock schema take the one
that the generated models hold without loss, and tests that hold us to what a real
server said are skipped. In CI they are there: a missing file fails.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "recorded"
SCHEMAS = "query_schemas.json"


def is_missing() -> bool:
    """Whether there are no recorded responses, on a machine where none need be."""
    return not FOLDER.is_dir() and not os.environ.get("CI")


def path_of(name: str) -> Path:
    """Return a recorded file, or skip the test that asks."""
    if is_missing():
        pytest.skip(f"no recorded responses stand beside the project ({name})")
    return FOLDER / name


def read(name: str) -> list[dict[str, Any]]:
    """Return the content of a recorded file, or skip the test that asks."""
    content: list[dict[str, Any]] = json.loads(path_of(name).read_bytes())
    return content


def stock_schema() -> list[dict[str, Any]]:
    """Return what a stock server serves, recorded or as the models hold it."""
    if is_missing():
        from ftrack_models import registry

        return registry.schema().to_json()
    return read(SCHEMAS)
