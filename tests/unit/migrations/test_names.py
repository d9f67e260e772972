"""The public names of migrations stand in the stub, and each is imported when used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from ftrack_orm import migrations

STUB = Path(str(migrations.__file__)).with_name("__init__.pyi")
NAMES = [
    alias.name
    for node in ast.parse(STUB.read_text("utf-8")).body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
]


@pytest.mark.parametrize("name", NAMES)
def test_a_listed_name_can_be_imported(name: str) -> None:
    assert getattr(migrations, name) is not None
    assert name in vars(migrations)["__all__"]


def test_the_package_imports_nothing_by_itself() -> None:
    code = (
        "import sys, ftrack_orm.migrations; "
        "print(sorted(m for m in sys.modules if m.startswith('ftrack_orm.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "['ftrack_orm._lazy', 'ftrack_orm.migrations']\n"


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(migrations, "no_such_name")  # noqa: B009 a checker refuses the dot
