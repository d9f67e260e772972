"""A run is ended between two requests, or at once."""

from __future__ import annotations

import signal
import subprocess
import sys

import click
import pytest

from ftrack_orm.cli.migrate_progress import RunDisplay, interruptible


def test_the_second_and_the_third_interrupt_end_at_once() -> None:
    former = signal.getsignal(signal.SIGINT)
    left: list[int] = []
    with interruptible(lambda: left.append(1)) as cancel:
        signal.raise_signal(signal.SIGINT)
        assert cancel.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert left == []
        signal.raise_signal(signal.SIGINT)
    assert left == [1]
    assert signal.getsignal(signal.SIGINT) is former


def test_a_third_interrupt_counts_until_the_command_is_closed() -> None:
    former = signal.getsignal(signal.SIGINT)
    left: list[int] = []
    with click.Context(click.Command("apply")):
        with interruptible(lambda: left.append(1)):
            signal.raise_signal(signal.SIGINT)
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        # The session is closed and the message printed now.
        signal.raise_signal(signal.SIGINT)
    assert left == [1]
    assert signal.getsignal(signal.SIGINT) is former


_THREE_INTERRUPTS = """
import signal
from ftrack_orm.cli.migrate_progress import RunDisplay, interruptible
display = RunDisplay(False)
display.on_event({"event": "schema", "run": "4be29a01c7"})
with interruptible(display.leave):
    signal.raise_signal(signal.SIGINT)
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.raise_signal(signal.SIGINT)
"""


def test_a_third_interrupt_names_the_command_to_continue() -> None:
    result = subprocess.run(
        [sys.executable, "-c", _THREE_INTERRUPTS],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 7
    assert result.stdout == ""
    assert result.stderr.split("\n") == [
        "",
        "Continue with `ftrack-orm migrate resume 4be29a01c7`.",
        "",
    ]


def test_a_second_termination_waits_for_the_request() -> None:
    with interruptible() as cancel:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert cancel.is_set()


def test_a_run_that_does_not_begin_shows_no_bar(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with RunDisplay(False):
        pass
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
