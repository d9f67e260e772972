"""Repeated and delayed requests, several processes, and people who edit meanwhile."""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ftrack_orm.emulator import Emulator, FixedClock
from ftrack_orm.errors.migration_runs import RunError, RunStoppedError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.lock import unlock
from ftrack_orm.migrations.planned_change import PlannedChange
from ftrack_orm.migrations.runs import apply, interrupted_runs, resume
from ftrack_orm.types import Reply, Transport
from tests.support.migration_plans import (
    connect,
    content,
    fast_options,
    history_of,
    make_file,
    ready,
    update,
)
from tests.support.mixed_plan import mixed_changes
from tests.support.repeating_transport import RepeatingTransport
from tests.support.transports import PassingTransport

RACES: Final = int(os.environ.get("MIGRATION_RACES", "10"))
"""Races, and runs on a bad network; `make nightly` has 200."""

CHUNK: Final = 4


class Server:
    """A server with a history, whose rows go back to the beginning."""

    def __init__(self) -> None:
        self.emulator = Emulator(seed="demo", clock=FixedClock("2024-05-06"))
        session = ready(self.emulator)
        self.groups: list[list[PlannedChange]] = mixed_changes(session, 3)
        self._snapshot = self.emulator.snapshot()
        with make_file(self.groups) as plan:
            apply(session, plan, options=fast_options(chunk=CHUNK))
        self.after = content(self.emulator)

    def reset(self) -> None:
        """Restore the rows and forget the calls."""
        self.emulator.restore(self._snapshot)
        self.emulator.forget()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.emulator.close()


# -- a bad network ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(RACES))
def test_no_request_is_applied_twice(server: Server, tmp_path: Path, seed: int) -> None:
    server.reset()
    transport = RepeatingTransport(server.emulator.transport(), seed)
    session = connect(server.emulator, transport)
    options = fast_options(chunk=CHUNK)
    with make_file(server.groups, tmp_path / "a.plan") as plan:
        try:
            apply(session, plan, options=options)
        except RunStoppedError:
            # Several accidents in a row, more than a request is sent.
            resume(connect(server.emulator), folder=tmp_path, options=options)
    transport.deliver()
    assert set(transport.applied.values()) == {1}
    assert content(server.emulator) == server.after
    assert history_of(connect(server.emulator)).lock is None


# -- several processes -----------------------------------------------------------------


def runner_of(server: Server, folder: Path, name: str) -> Callable[[], object]:
    """Return a function that applies the plan of revision ``r1`` in its thread."""

    def run() -> object:
        with make_file(server.groups, folder / f"{name}.plan", revision="r1") as plan:
            options = fast_options(chunk=CHUNK)
            return apply(connect(server.emulator), plan, options=options)

    return run


def resumer_of(server: Server, folder: Path) -> Callable[[], object]:
    """Return a function that takes the run over."""

    def run() -> object:
        options = fast_options(chunk=CHUNK)
        return resume(
            connect(server.emulator), folder=folder, by_force=True, options=options
        )

    return run


def unlocker_of(server: Server) -> Callable[[], object]:
    """Return a function that removes the lock."""
    return lambda: unlock(RunClient(connect(server.emulator)))


def race(*functions: Callable[[], object]) -> list[object]:
    """Run functions in threads; return the result or the `RunError` of each."""
    results: list[object] = [None] * len(functions)
    barrier = threading.Barrier(len(functions))

    def run(index: int) -> None:
        barrier.wait()
        try:
            results[index] = functions[index]()
        except RunError as error:
            results[index] = error

    threads = [
        threading.Thread(target=run, args=(index,)) for index in range(len(functions))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("number", range(RACES))
def test_one_of_two_runners_writes(server: Server, tmp_path: Path, number: int) -> None:
    server.reset()
    functions = [runner_of(server, tmp_path, "a"), runner_of(server, tmp_path, "b")]
    kind = number % 4
    if kind == 1:
        functions = [functions[0], resumer_of(server, tmp_path)]
    elif kind == 2:
        functions = [
            functions[0],
            resumer_of(server, tmp_path),
            resumer_of(server, tmp_path),
        ]
    elif kind == 3:
        functions = [functions[0], unlocker_of(server), resumer_of(server, tmp_path)]
    results = race(*functions)
    errors = [result for result in results if isinstance(result, RunError)]
    assert {error.exit_code for error in errors} <= {1, 5, 6, 7}, errors
    if kind == 0:
        assert len(errors) == 1, results
    session = connect(server.emulator)
    history = history_of(session)
    if interrupted_runs(history):
        resumer_of(server, tmp_path)()
    elif not history.runs:
        runner_of(server, tmp_path, "c")()
    assert content(server.emulator) == server.after
    assert history_of(session).lock is None


# -- people who edit meanwhile ---------------------------------------------------------


class EditingTransport(PassingTransport):
    """Edits a planned row before some of the requests.

    Attributes:
        edits: the request before which each row was edited.
        writes: the request that wrote each row.
        reads: the last request before it that read each row.
    """

    def __init__(
        self, inner: Transport, editor: Any, ids: list[str], seed: int
    ) -> None:
        super().__init__(inner)
        self.edits: dict[str, int] = {}
        self.writes: dict[str, int] = {}
        self.reads: dict[str, int] = {}
        self._editor = editor
        self._ids = ids
        self._random = random.Random(seed)
        self._count = 0

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        """Perhaps edit a row; then return the reply."""
        self._count += 1
        if self._count > 4 and self._random.random() < 0.5:
            self._edit()
        text = body.decode()
        for task in self._ids:
            if f'"entity_key":["{task}"]' in text and "create" in text:
                self.writes[task] = self._count
            elif task in text and task not in self.writes:
                self.reads[task] = self._count
        return send()

    def _edit(self) -> None:
        left = [task for task in self._ids if task not in self.edits]
        if left:
            task = self._random.choice(left)
            self.edits[task] = self._count
            self._editor.update("Task", task, {"description": f"edited {self._count}"})


@pytest.mark.parametrize("seed", range(RACES))
def test_edits_before_the_comparison_are_kept(server: Server, seed: int) -> None:
    server.reset()
    client = RunClient(connect(server.emulator))
    tasks = client.rows("select id, description from Task order by id")[:100]
    ids = [task["id"] for task in tasks]
    editor = connect(server.emulator)
    transport = EditingTransport(server.emulator.transport(), editor, ids, seed)
    groups = [
        [update("Task", task["id"], "description", task["description"], "planned")]
        for task in tasks
    ]
    with make_file(groups) as plan:
        options = fast_options(chunk=CHUNK, conflict_limit=1.0)
        outcome = apply(connect(server.emulator, transport), plan, options=options)
    rows = client.rows("select id, description from Task")
    names = {row["id"]: row["description"] for row in rows}
    counts: Counter[str] = Counter()
    for task in ids:
        edit, write = transport.edits.get(task), transport.writes.get(task)
        if edit is None:
            assert names[task] == "planned"
        elif write is None:
            counts["conflicts"] += 1
            assert names[task] == f"edited {edit}"
        elif edit > write:
            counts["later"] += 1
            assert names[task] == f"edited {edit}"
        else:
            # Only an edit between the comparison and the write may be lost.
            counts["lost in the window"] += 1
            assert edit > transport.reads[task]
    assert outcome.conflicts == counts["conflicts"]
    assert sum(counts.values()) == len(transport.edits)
    print(dict(counts))
