"""Packages of the same name, of which each test imports its own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType


def forget_packages(*names: str) -> None:
    """Let the next import of these modules and packages read their files again."""
    for name in list(sys.modules):
        if name.partition(".")[0] in names:
            del sys.modules[name]
    importlib.invalidate_caches()


@contextmanager
def imported_package(name: str, folder: Path) -> Iterator[ModuleType]:
    """Import a package below a folder; it is forgotten before and afterwards."""
    sys.path.insert(0, str(folder))
    forget_packages(name)
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
        forget_packages(name)
