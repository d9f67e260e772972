"""Packages of the same name, of which each test imports its own."""

from __future__ import annotations

import importlib
import sys


def forget_packages(*names: str) -> None:
    """Let the next import of these modules and packages read their files again."""
    for name in list(sys.modules):
        if name.partition(".")[0] in names:
            del sys.modules[name]
    importlib.invalidate_caches()
