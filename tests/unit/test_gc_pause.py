from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import FrameType
from typing import Any

import pytest

from ftrack_orm import gc_pause
from ftrack_orm.gc_pause import (
    full_collections_paused,
    gc_paused,
    gc_resumed,
    promote_young_objects,
)


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.enable()
    yield
    gc.enable()
    gc.set_threshold(*thresholds)


def test_the_collector_is_off_inside_a_pause_and_on_after_an_error() -> None:
    were_enabled: list[bool] = []

    def fail() -> None:
        were_enabled.append(gc.isenabled())
        raise KeyError

    with pytest.raises(KeyError), gc_paused():
        fail()
    assert were_enabled == [False]
    assert gc.isenabled()


def test_an_inner_pause_does_not_end_the_outer_one() -> None:
    with gc_paused():
        with gc_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_runs_during_a_wait_inside_pauses() -> None:
    with gc_paused(), gc_paused():
        with gc_resumed():
            assert gc.isenabled()
            with gc_paused():
                assert not gc.isenabled()
            assert gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_failed_wait_leaves_the_pause_as_it_was() -> None:
    with gc_paused():
        with pytest.raises(KeyError), gc_resumed():
            raise KeyError
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_the_program_turned_off_stays_off() -> None:
    gc.disable()
    with gc_paused(), gc_resumed():
        assert not gc.isenabled()
    with gc_resumed():
        assert not gc.isenabled()
    assert not gc.isenabled()


def test_full_collections_are_put_off_until_the_last_block_ends() -> None:
    gc.set_threshold(700, 10, 7)
    first, second = full_collections_paused(), full_collections_paused()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[:2] == (700, 10)
    assert gc.get_threshold()[2] > 1_000_000
    second.__exit__(None, None, None)
    assert gc.get_threshold() == (700, 10, 7)


def test_full_collections_are_back_after_an_error() -> None:
    gc.set_threshold(700, 10, 7)
    with pytest.raises(KeyError), full_collections_paused():
        raise KeyError
    assert gc.get_threshold() == (700, 10, 7)


def test_a_threshold_that_is_set_meanwhile_stays() -> None:
    gc.set_threshold(700, 10, 7)
    with full_collections_paused():
        gc.set_threshold(500, 5, 5)
    assert gc.get_threshold() == (500, 5, 5)


class _Interrupter:
    """Raise `KeyboardInterrupt` at one executed line of the module."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.lines = 0

    def trace(self, frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename != gc_pause.__file__:
            return None
        if event == "line":
            self.lines += 1
            if self.lines == self.at:
                raise KeyboardInterrupt
        return self.trace


@pytest.mark.parametrize("pause", [gc_paused, full_collections_paused])
def test_an_interruption_at_any_line_leaves_the_collector_as_it_was(
    pause: Callable[[], AbstractContextManager[None]],
) -> None:
    thresholds = gc.get_threshold()
    line, is_over = 0, False
    while not is_over:
        line += 1
        interrupter = _Interrupter(line)
        outer = sys.gettrace()
        sys.settrace(interrupter.trace)
        try:
            with pause():
                pass
            is_over = True
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(outer)
        assert gc.isenabled(), line
        assert gc.get_threshold() == thresholds, line
    assert line > 10


@pytest.fixture
def _nothing_frozen() -> Iterator[None]:
    """Unfreeze the objects that the suite freezes, and freeze them again."""
    had_frozen = gc.get_freeze_count() > 0
    gc.unfreeze()
    yield
    if had_frozen:
        gc.freeze()


@pytest.mark.usefixtures("_nothing_frozen")
def test_many_young_objects_become_old_without_a_collection() -> None:
    with gc_paused():
        young: list[list[int]] = [[] for _ in range(20_000)]
        collections = gc.get_stats()[0]["collections"]

        promote_young_objects()

        old = {id(one) for one in gc.get_objects(generation=2)}
        assert all(id(one) in old for one in young)
        assert gc.get_freeze_count() == 0
        assert gc.get_stats()[0]["collections"] == collections


@pytest.mark.usefixtures("_nothing_frozen")
def test_few_young_objects_stay_young() -> None:
    with gc_paused():
        gc.collect()
        young: list[list[int]] = [[] for _ in range(100)]

        promote_young_objects()

        ids = {id(one) for one in gc.get_objects(generation=0)}
        assert all(id(one) in ids for one in young)


@pytest.mark.usefixtures("_nothing_frozen")
def test_objects_that_a_program_froze_stay_frozen() -> None:
    gc.freeze()
    with gc_paused():
        young: list[list[int]] = [[] for _ in range(20_000)]

        promote_young_objects()

        ids = {id(one) for one in gc.get_objects(generation=0)}
        assert all(id(one) in ids for one in young)
        assert gc.get_freeze_count() > 0
    gc.unfreeze()
