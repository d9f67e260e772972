"""Python's garbage collector, made to wait while much is made that stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_waiting() -> Iterator[None]:
    """Let the collector wait inside the block, unless it is off anyway.

    What a page of rows or a large commit makes all stays, so collecting meanwhile
    finds nothing and costs more the more there is: a quarter of the time of loading
    200,000 entities. Nothing that waits for a network belongs inside.
    """
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_collecting:
            gc.enable()
