"""The garbage collector is off inside the block alone."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from ftrack_orm.gc_pause import gc_paused


@pytest.fixture(autouse=True)
def enabled_again() -> Iterator[None]:
    yield
    gc.enable()


def test_the_collector_is_off_inside_and_on_afterwards() -> None:
    with gc_paused():
        assert not gc.isenabled()

    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with gc_paused():
        assert not gc.isenabled()

    assert not gc.isenabled()


def test_blocks_may_be_nested() -> None:
    with gc_paused():
        with gc_paused():
            pass
        assert not gc.isenabled()

    assert gc.isenabled()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_the_collector_is_on_after_an_error(error: type[BaseException]) -> None:
    with pytest.raises(error), gc_paused():
        raise error

    assert gc.isenabled()
