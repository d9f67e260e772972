"""Emulators in processes of their own, which a test may kill."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import requests

from ftrack_orm.emulator import Emulator

# Forked from a process that has run an emulator: starting costs no import.
FORKSERVER = multiprocessing.get_context("forkserver")
FORKSERVER.set_forkserver_preload(
    ["tests.support.emulator_preload", "tests.support.emulator_process"]
)


def serve(database: Path, ready: Connection) -> None:
    """Serve until killed; say where."""
    emulator = Emulator(database=database).start()
    ready.send(dict(emulator.credentials))
    signal.pause()


@contextmanager
def served(database: Path) -> Iterator[tuple[Any, dict[str, str]]]:
    """Run an emulator in a process of its own; yield it and its credentials."""
    ours, theirs = FORKSERVER.Pipe()
    process = FORKSERVER.Process(target=serve, args=(database, theirs))
    process.start()
    try:
        assert ours.poll(30), "the emulator did not start"
        yield process, ours.recv()
    finally:
        process.kill()
        process.join()


def call(credentials: dict[str, str], *operations: dict[str, Any]) -> list[Any]:
    """Return the results of a batch."""
    answer = requests.post(
        f"{credentials['server_url']}/api",
        json=operations,
        headers={
            "ftrack-user": credentials["api_user"],
            "ftrack-api-key": credentials["api_key"],
        },
        timeout=30,
    )
    results = answer.json()
    assert isinstance(results, list), results
    return results
