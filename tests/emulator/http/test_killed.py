"""An emulator that is killed at any moment holds whole batches only (protocol 1.7)."""

from __future__ import annotations

import random
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from tests.support.emulator_client import VFX, create, ref, update
from tests.support.emulator_process import call, served

KILLS: Final = 50
CHILDREN: Final = 6
WRITERS: Final = 2
LONGEST: Final = 0.12
"""Seconds from the first acknowledged batch to the kill, at most."""


def batch(writer: str, number: int) -> list[dict[str, Any]]:
    """Return operations that leave traces in many rows, new ones and old ones."""
    name = f"{writer}-{number}"
    project = create(
        "Project", id=name, name=name, full_name=name, project_schema_id=VFX
    )
    children = [
        create("Shot", name=f"{name}-{child}", parent=ref("Project", name))
        for child in range(CHILDREN)
    ]
    metadata = create(
        "Metadata", parent_id=name, parent_type="Project", key="n", value=str(number)
    )
    counted = update("User", writer, first_name=str(number))
    return [project, *children, metadata, counted]


class Writer(threading.Thread):
    """Sends batches until the server is gone."""

    def __init__(
        self, name: str, first: int, credentials: dict[str, str], begun: threading.Event
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._credentials = credentials
        self._begun = begun
        self.next = first
        self.acknowledged: list[int] = []

    def run(self) -> None:
        with suppress(requests.RequestException):
            while True:
                call(self._credentials, *batch(self.name, self.next))
                self.acknowledged.append(self.next)
                self.next += 1
                self._begun.set()


def rows(credentials: dict[str, str], expression: str) -> list[dict[str, Any]]:
    [result] = call(credentials, {"action": "query", "expression": expression})
    found: list[dict[str, Any]] = result["data"]
    return found


def stored_batches(credentials: dict[str, str]) -> dict[str, set[int]]:
    """Return the numbers of each writer's batches, all of which must be whole."""
    found: dict[str, set[int]] = {f"writer{n}": set() for n in range(WRITERS)}
    children: dict[str, int] = {}
    for shot in rows(credentials, "select name, project_id from Shot"):
        children[shot["project_id"]] = children.get(shot["project_id"], 0) + 1
    values = {
        row["parent_id"]: row["value"]
        for row in rows(credentials, "select parent_id, value from Metadata")
    }
    for project in rows(credentials, "select name from Project"):
        name = project["name"]
        writer, _, number = name.partition("-")
        assert children.pop(name) == CHILDREN
        assert values.pop(name) == number
        found[writer].add(int(number))
    assert not children
    assert not values
    for user in rows(
        credentials, 'select first_name from User where id like "writer%"'
    ):
        assert int(user["first_name"]) == max(found[user["id"]], default=-1)
    return found


def test_it_holds_whole_batches_only_after_fifty_kills(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    moments = random.Random(seed)
    database = tmp_path / "killed.db"
    sent: dict[str, int] = {f"writer{n}": 0 for n in range(WRITERS)}
    acknowledged: dict[str, set[int]] = {name: set() for name in sent}
    with served(database) as (_, credentials):
        users = (
            create("User", id=name, username=name, first_name="-1") for name in sent
        )
        call(credentials, *users)
    interrupted = 0
    for _ in range(KILLS):
        with served(database) as (process, credentials):
            found = stored_batches(credentials)
            for name, numbers in acknowledged.items():
                assert numbers <= found[name]
                assert found[name] <= set(range(sent[name] + 1))
                sent[name] = max(found[name], default=-1) + 1
            begun = threading.Event()
            writers = [
                Writer(name, first, credentials, begun) for name, first in sent.items()
            ]
            for writer in writers:
                writer.start()
            assert begun.wait(30)
            threading.Event().wait(moments.uniform(0, LONGEST))
            process.kill()
            for writer in writers:
                writer.join(30)
                acknowledged[writer.name].update(writer.acknowledged)
                interrupted += writer.next not in writer.acknowledged
                sent[writer.name] = writer.next
        assert _is_sound(database)
    # Every kill met a batch on its way: writers stop for nothing else.
    assert interrupted == KILLS * WRITERS
    with served(database) as (_, credentials):
        found = stored_batches(credentials)
    assert all(numbers <= found[name] for name, numbers in acknowledged.items())


def _is_sound(database: Path) -> bool:
    connection = sqlite3.connect(database)
    try:
        [(said,)] = connection.execute("PRAGMA integrity_check")
        return bool(said == "ok")
    finally:
        connection.close()


def test_a_half_batch_would_be_noticed(tmp_path: Path) -> None:
    """The check above can fail: a project without its children is no whole batch."""
    with served(tmp_path / "half.db") as (_, credentials):
        operations = batch("writer0", 1)
        operations.pop(2)
        operations.pop()
        call(credentials, *operations)
        with pytest.raises(AssertionError):
            stored_batches(credentials)
