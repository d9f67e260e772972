"""A run is ended between two requests, or at once."""

from __future__ import annotations

import signal

import pytest

from ftrack_orm.cli.migrate_progress import interruptible


def test_the_second_interrupt_ends_at_once_and_the_third_is_ignored() -> None:
    former = signal.getsignal(signal.SIGINT)
    with interruptible() as cancel:
        signal.raise_signal(signal.SIGINT)
        assert cancel.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        # The command prints how to continue now.
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is former


def test_a_second_termination_waits_for_the_request() -> None:
    with interruptible() as cancel:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert cancel.is_set()
