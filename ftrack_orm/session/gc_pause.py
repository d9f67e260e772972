"""Pause the garbage collector while many long-lived objects are created."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the collector inside the block, unless it is off anyway.

    The objects of a page of rows or of a large commit all stay, so that collecting
    meanwhile frees nothing and costs more the more there is: a quarter of the time of
    loading 200,000 entities. Nothing that waits for a network belongs inside. The
    collector is on again after an interruption at any line.
    """
    was_enabled = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_enabled:
            gc.enable()
