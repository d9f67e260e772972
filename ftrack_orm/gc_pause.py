"""Pause the garbage collector while many long-lived objects are created."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final


class _Pauses(threading.local):
    """Whether a pause of this thread has turned the collector off."""

    are_active = False


_pauses = _Pauses()


def _end_pause() -> None:
    gc.enable()
    _pauses.are_active = False


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the collector inside the block, unless it is off already.

    All objects of a page of rows or of a large commit stay, so a collection frees
    nothing and takes longer the more objects there are: a quarter of the time of
    loading 200,000 entities. Blocks may be nested; use `gc_resumed` around a wait for
    the network. After an interruption at any line the collector is on again.
    """
    was_enabled = gc.isenabled()
    # Turned off inside the `try`: an interruption right after `gc.disable()` would
    # leave the collector off otherwise.
    try:
        try:
            if was_enabled:
                _pauses.are_active = True
                gc.disable()
            yield
        finally:
            if was_enabled:
                _end_pause()
    finally:
        # Ctrl-C may interrupt the first attempt, and it comes once.
        if was_enabled:
            _end_pause()


@contextmanager
def gc_resumed() -> Iterator[None]:
    """Let the collector run inside the block, if this thread has paused it.

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


def promote_young_objects(at_least: int = 10_000) -> None:
    """Let the next collection skip the objects that exist now, if they are many.

    They move to the oldest generation without being visited. Ending a pause would
    otherwise visit every object of a large batch, although they hold no cycles and
    are freed as soon as nothing refers to them. Does nothing in a program that uses
    `gc.freeze`, as its frozen objects would become collectable.

    Args:
        at_least: the number of young objects from which they move.
    """
    if gc.get_count()[0] < at_least or gc.get_freeze_count():
        return
    try:
        try:
            gc.freeze()
        finally:
            gc.unfreeze()
    finally:
        # As above: an interruption of the first attempt leaves the second.
        gc.unfreeze()


class _Thresholds:
    """The collector's thresholds while blocks delay full collections.

    Attributes:
        blocks: the blocks in progress, of all threads.
        before: the thresholds before the first of them.
    """

    def __init__(self) -> None:
        self.blocks: set[object] = set()
        self.before = gc.get_threshold()


_thresholds = _Thresholds()

_NEVER: Final = 2**31 - 1
"""The largest threshold that the collector accepts."""


@contextmanager
def full_collections_paused() -> Iterator[None]:
    """Delay full collections inside the block; young objects are still collected.

    Loading page by page adds objects that all stay. Python visits every object of the
    program whenever their number has grown by a quarter, so that each entity would be
    visited some four times. Young objects are visited once or twice, however many old
    ones there are, and the garbage of other threads does not pile up. Blocks may be
    nested and overlap in threads: the last one restores the threshold, unless the
    program has set another one since.
    """
    block = object()
    try:
        try:
            thresholds = gc.get_threshold()
            if thresholds[2] != _NEVER:
                _thresholds.before = thresholds
            _thresholds.blocks.add(block)
            gc.set_threshold(*_thresholds.before[:2], _NEVER)
            yield
        finally:
            _end_block(block)
    finally:
        # As above: an interruption of the first attempt leaves the second.
        _end_block(block)


def _end_block(block: object) -> None:
    # There is no lock: an interruption could leave it held. Two threads at this point
    # at most let a full collection run, or put the same thresholds back twice.
    _thresholds.blocks.discard(block)
    if not _thresholds.blocks and gc.get_threshold()[2] == _NEVER:
        gc.set_threshold(*_thresholds.before)
