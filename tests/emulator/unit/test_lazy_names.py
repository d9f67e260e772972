"""The names of the emulator's package, when a library or a module is missing."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

from ftrack_orm import _lazy, emulator

EMULATOR: Final = emulator.__name__


def test_a_package_without_a_distribution_has_no_version() -> None:
    load, _, _ = _lazy.public_names(EMULATOR)

    with pytest.raises(AttributeError, match="__version__"):
        load("__version__")


def test_a_missing_library_is_named_with_its_extra() -> None:
    code = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "from ftrack_orm.emulator import Emulator"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert done.stderr.endswith(
        "ModuleNotFoundError: sqlalchemy is not installed, which "
        "ftrack_orm.emulator.emulator needs. Install it with: "
        "pip install 'ftrack-orm[emulator]'\n"
    )


def test_a_missing_module_of_the_package_is_no_missing_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ftrack_orm.emulator.faults", None)
    load, _, _ = _lazy.public_names(EMULATOR, extra="emulator")

    with pytest.raises(ModuleNotFoundError, match=r"ftrack_orm.emulator.faults"):
        load("Faults")
