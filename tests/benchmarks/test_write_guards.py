"""What a write may cost the database, counted: statements, compilations, steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.demo import build_demo
from tests.benchmarks.task_page import counted, give_tasks_attributes
from tests.benchmarks.writes import (
    KINDS,
    Kind,
    Targets,
    bodies,
    operations,
    targets_of,
)

TASKS: Final = 40

PER_OPERATION: Final[dict[Kind, int]] = {
    # The row, and its update.
    "update": 2,
    # The owner, the stored value, and its update.
    "value": 3,
    # The new key, the siblings of the name, and the insert.
    "create": 3,
}

PER_REQUEST: Final[dict[Kind, int]] = {
    # Begin, the user, the user's roles, commit.
    "update": 4,
    # The configuration, its type, and whether it applies.
    "value": 7,
    # The parent, the project, its schema, the object type, the first status and type.
    "create": 10,
}


class Subject:
    """An emulator with a production, and the targets of writes to it."""

    def __init__(self, shots: int) -> None:
        self.emulator = Emulator()
        build_demo(self.emulator.storage, 1, shots=shots, tasks_per_shot=20)
        give_tasks_attributes(self.emulator)
        self.targets: Targets = targets_of(self.emulator, TASKS)
        self._first = 0

    def write(self, kind: Kind, count: int) -> None:
        """Send one request of `count` operations."""
        # All values of a request are those of one attribute, which every task has.
        self._first += 2 * TASKS
        sent = operations(kind, self.targets, count, self._first)
        [body] = bodies(sent, count)
        reply = self.emulator.transport().call(body)
        assert reply.body.startswith(b"["), reply.body

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Collect the statements that SQLite runs."""
        found: list[str] = []

        def note(statement: str) -> None:
            # The triggers that log changes are traced as the statement once more.
            if found[-1:] != [statement]:
                found.append(statement)

        driver = self.emulator.storage._driver
        driver.set_trace_callback(note)
        try:
            yield found
        finally:
            driver.set_trace_callback(None)


@pytest.fixture(scope="module")
def sizes() -> Iterator[tuple[Subject, Subject]]:
    """A production, and one of four times its size."""
    made = Subject(30), Subject(120)
    yield made
    for subject in made:
        subject.emulator.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_takes_few_statements(
    sizes: tuple[Subject, Subject], kind: Kind
) -> None:
    for subject in sizes:
        subject.write(kind, TASKS)
        for count in (1, 10, TASKS):
            with subject.statements() as found:
                subject.write(kind, count)
            assert len(found) <= PER_REQUEST[kind] + count * PER_OPERATION[kind], found


@pytest.mark.parametrize("kind", KINDS)
def test_no_statement_of_a_write_is_compiled_twice(
    sizes: tuple[Subject, Subject], kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, _ = sizes
    subject.write(kind, 2)
    compiled: list[str] = []
    make = SQLCompiler.__init__

    def note(self: SQLCompiler, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        compiled.append(str(self))

    monkeypatch.setattr(SQLCompiler, "__init__", note)
    subject.write(kind, TASKS)
    assert compiled == []
    sa.select(sa.literal(1)).compile()
    assert len(compiled) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_costs_the_database_no_more_on_a_larger_production(
    sizes: tuple[Subject, Subject], kind: Kind
) -> None:
    """Instructions of SQLite, which are the same on every run."""
    steps = []
    for subject in sizes:
        subject.write(kind, TASKS)
        with counted(subject.emulator) as cost:
            subject.write(kind, TASKS)
        steps.append(cost.steps)
    assert steps[1] <= 1.1 * steps[0] + 2


def test_a_create_costs_the_database_no_more_beside_many_siblings(
    sizes: tuple[Subject, Subject],
) -> None:
    subject, _ = sizes
    steps = []
    for siblings in (1, 1_000):
        subject.write("create", siblings)
        with counted(subject.emulator) as cost:
            subject.write("create", TASKS)
        steps.append(cost.steps)
    assert steps[1] <= 1.1 * steps[0] + 2
