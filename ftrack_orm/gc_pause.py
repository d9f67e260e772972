"""Pause the garbage collector while many long-lived objects are created."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Pauses(threading.local):
    """Whether a pause of this thread has turned the collector off."""

    are_active = False


_pauses = _Pauses()


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the collector inside the block, unless it is off anyway.

    The objects of a page of rows or of a large commit all stay, so that collecting
    meanwhile frees nothing and costs more the more there is: a quarter of the time of
    loading 200,000 entities. Blocks may be nested; `gc_resumed` belongs around a wait
    for a network. The collector is on again after an interruption at any line.
    """
    was_enabled = gc.isenabled()
    try:
        if was_enabled:
            _pauses.are_active = True
            gc.disable()
        yield
    finally:
        if was_enabled:
            gc.enable()
            _pauses.are_active = False


@contextmanager
def gc_resumed() -> Iterator[None]:
    """Let the collector run inside the block, if a pause of this thread is around it.

    A collector that the program has turned off stays off.
    """
    was_active = _pauses.are_active
    try:
        if was_active:
            _pauses.are_active = False
            gc.enable()
        yield
    finally:
        if was_active:
            gc.disable()
            _pauses.are_active = True
