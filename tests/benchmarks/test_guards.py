"""What must not grow, counted: seconds are for the table that `make bench` prints."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from cProfile import Profile
from pstats import Stats
from typing import Any, Final

import pytest
import sqlalchemy as sa

from ftrack_models import Shot, Task
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.demo import build_demo
from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.session.core import SessionCore
from tests.benchmarks.rows import (
    EchoTransport,
    loaded_task,
    session,
    session_with_pages,
    shot_of,
    task_row,
)
from tests.benchmarks.task_page import (
    ask,
    counted,
    expression_for,
    give_tasks_attributes,
    query,
)
from tests.support.incomplete import incomplete

TASKS = 400
PAGE = 100


@pytest.fixture(scope="module")
def emulator() -> Emulator:
    made = Emulator()
    build_demo(made.storage, 1, shots=TASKS // 4, tasks_per_shot=4)
    return made


class Asked:
    """An emulator with so many shots, and what one page of tasks costs it."""

    def __init__(self, shots: int) -> None:
        emulator = Emulator()
        build_demo(emulator.storage, 1, shots=shots, tasks_per_shot=20)
        give_tasks_attributes(emulator)
        page = query(expression_for(emulator, PAGE), PAGE)
        ask(emulator, page)  # statements are built once
        with counted(emulator) as self.cost:
            self.tasks = ask(emulator, page)
        storage = emulator.storage
        self.scanned = self.cost.scanned(storage._driver)
        with storage.transaction() as connection:
            self.rows = {
                name: connection.execute(
                    sa.select(sa.func.count()).select_from(family.table)
                ).scalar_one()
                for name, family in storage.tables.families.items()
            }
        emulator.close()


@pytest.fixture(scope="module")
def sizes() -> tuple[Asked, Asked]:
    """A production, and one of four times its size."""
    return Asked(60), Asked(240)


def test_a_page_takes_no_more_statements_on_a_larger_production(
    sizes: tuple[Asked, Asked],
) -> None:
    smaller, larger = sizes
    assert larger.rows["Context"] > 3.8 * smaller.rows["Context"]
    assert len(smaller.tasks) == len(larger.tasks) == PAGE
    for task in larger.tasks:
        assert task["assignments"]
        assert len(task["custom_attributes"]) == 2
    assert len(smaller.cost.statements) == len(larger.cost.statements)


def test_a_page_reads_no_table_through_that_grows_with_the_production(
    sizes: tuple[Asked, Asked],
) -> None:
    smaller, larger = sizes
    for name in smaller.scanned | larger.scanned:
        assert smaller.rows[name] == larger.rows[name], name


def test_a_page_costs_the_database_no_more_on_a_larger_production(
    sizes: tuple[Asked, Asked],
) -> None:
    """Instructions of SQLite, which are the same on every run."""
    smaller, larger = sizes
    assert larger.cost.steps < 1.5 * smaller.cost.steps


def test_models_come_without_session_queries_and_network() -> None:
    code = "import sys; from ftrack_models import Task; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    models = [name for name in loaded if name.startswith("ftrack_models.")]
    assert sorted(models) == [
        "ftrack_models._registry",
        "ftrack_models.context",
        "ftrack_models.task",
        "ftrack_models.typed_context",
    ]
    forbidden = (
        "requests",
        "sqlalchemy",
        "datamodel_code_generator",
        "ftrack_orm.session",
        "ftrack_orm.query.path",
        "ftrack_orm.query.mapped_paths",
        "ftrack_orm.query.relation_paths",
        "ftrack_orm.unit_of_work",
        "ftrack_orm.schema.model",
        "ftrack_orm.emulator",
    )
    assert [name for name in loaded if name.startswith(forbidden)] == []


# Modules of the library that most programs never need, and others that are costly.
_NEEDED_LATE: Final = (
    "concurrent.futures",
    "difflib",
    "graphlib",
    "html",
    "requests",
    "sqlalchemy",
    "tempfile",
    "ftrack_orm.console",
    "ftrack_orm.emulator",
    "ftrack_orm.entity.display",
    "ftrack_orm.entity.listing",
    "ftrack_orm.entity.signature",
    "ftrack_orm.entity.source_docs",
    "ftrack_orm.errors.display",
    "ftrack_orm.inspection",
    "ftrack_orm.listed_names",
    "ftrack_orm.query.ast",
    "ftrack_orm.query.criterion",
    "ftrack_orm.query.path",
    "ftrack_orm.query.written",
    "ftrack_orm.schema.constraints",
    "ftrack_orm.schema.inheritance",
    "ftrack_orm.schema.diff",
    "ftrack_orm.schema.fingerprint",
    "ftrack_orm.schema.model",
    "ftrack_orm.schema.ownership",
    "ftrack_orm.schema.parse",
    "ftrack_orm.schema.problems",
    "ftrack_orm.schema.relations",
    "ftrack_orm.select.display",
    "ftrack_orm.session.cancellation",
    "ftrack_orm.session.cascade",
    "ftrack_orm.session.commit",
    "ftrack_orm.session.component_size",
    "ftrack_orm.session.custom_attribute_configurations",
    "ftrack_orm.session.effective_values",
    "ftrack_orm.session.ensure",
    "ftrack_orm.session.find",
    "ftrack_orm.session.find_or_add",
    "ftrack_orm.session.in_doubt",
    "ftrack_orm.session.look_up_cache",
    "ftrack_orm.select.select",
    "ftrack_orm.session.known_keys",
    "ftrack_orm.session.memory",
    "ftrack_orm.session.reliable_sender",
    "ftrack_orm.tables",
    "ftrack_orm.transfer.active_upload",
    "ftrack_orm.transfer.checksum",
    "ftrack_orm.transfer.download",
    "ftrack_orm.transfer.journal",
    "ftrack_orm.transfer.parts",
    "ftrack_orm.transfer.rollback",
    "ftrack_orm.transfer.source",
    "ftrack_orm.transfer.upload",
    "ftrack_orm.transport.http",
    "ftrack_orm.unit_of_work.changes",
    "ftrack_orm.unit_of_work.description",
    "ftrack_orm.unit_of_work.plan",
)


def test_a_session_comes_without_writing_transfers_and_network() -> None:
    code = """
import sys
import pydantic.main, pydantic.fields
before = set(sys.modules)
from ftrack_orm import Session
from ftrack_models import Task
print(*set(sys.modules) - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "ftrack_orm.session.session" in loaded
    assert [name for name in loaded if name in _NEEDED_LATE] == []
    # Each module costs some 0.1 ms, whatever is in it.
    assert len([name for name in loaded if name.startswith("ftrack_orm.")]) <= 90


def test_importing_the_session_compiles_few_methods() -> None:
    """A standard dataclass compiles five or more when it is defined."""
    code = """
import sys
import pydantic.main, pydantic.fields
texts = []
sys.addaudithook(
    lambda event, facts: texts.append(facts[0]) if event == "compile" else None
)
from ftrack_orm import Session
from ftrack_models import Task
print(sum('def ' in str(text)[:8] for text in texts))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) <= 3


def test_an_entity_costs_few_calls_to_load(emulator: Emulator) -> None:
    """Building one needs `_build`, `adopt` and a handful of built-in calls.

    A row of three entities (task, status, state) that convert one time is some twenty
    calls; a per-attribute call, for twenty attributes each, would be sixty more.
    """
    opened = Session(transport=emulator.transport())
    select = opened.select(Task).load(Task.status.state)
    core = SessionCore(
        emulator.transport(),
        models=None,
        load="auto",
        check_schema="ignore",
        page_size=500,
    )
    rows = core.fetch_rows([f"{select.expression} limit {TASKS}"])[0]
    core.build([rows[0]], LoadGroup())  # plans are made once
    profile = Profile()
    profile.enable()
    taken = core.build(rows[1:], LoadGroup())
    profile.disable()

    assert len(taken) > TASKS - 100
    calls: int = Stats(profile).total_calls  # type: ignore[attr-defined] # typeshed lacks it
    assert calls / len(taken) < 40


def test_a_loop_over_statuses_takes_three_requests(emulator: Emulator) -> None:
    opened = Session(transport=emulator.transport())
    tasks = opened.select(Task).limit(TASKS)
    assert all(task.status.name for task in tasks)
    assert opened.requests <= 3


def test_a_walk_down_the_tree_takes_five_requests(emulator: Emulator) -> None:
    opened = Session(transport=emulator.transport())
    names: list[str] = []
    for project in opened.select(opened.model("Project")):
        for sequence in project.children:  # type: ignore[attr-defined] # by name only
            for shot in sequence.children:
                names.extend(task.name for task in shot.children)
    assert len(names) >= TASKS
    assert opened.requests <= 5


def _calls(work: Callable[[], object]) -> int:
    """Return how many calls some work makes, built-in functions included."""
    profile = Profile()
    profile.enable()
    work()
    profile.disable()
    calls: int = Stats(profile).total_calls  # type: ignore[attr-defined] # typeshed lacks it
    return calls


def _append_each(children: list[Any], entities: list[Any]) -> None:
    for entity in entities:
        children.append(entity)


def _calls_of_appending(members: int, *, is_new: bool) -> int:
    opened = session()
    children = shot_of(opened, members).children
    appended: list[Any] = (
        [incomplete(Task, name=f"new {number}") for number in range(30)]
        if is_new
        else list(shot_of(opened, 30).children)
    )
    for _ in range(10):  # the first edits copy the members and compile validators
        children.append(appended.pop())
    return _calls(lambda: _append_each(children, appended))


@pytest.mark.parametrize("is_new", [True, False])
def test_appending_calls_nothing_for_each_member(is_new: bool) -> None:
    _calls_of_appending(1, is_new=is_new)  # imports and plans are made once
    few = _calls_of_appending(10, is_new=is_new)
    many = _calls_of_appending(1000, is_new=is_new)
    assert few == many


def _calls_of_adding(count: int) -> int:
    opened = session()
    shot = shot_of(opened, 10)

    def add() -> None:
        for number in range(count):
            opened.add(Task(name=f"new {number}", parent=shot))

    return _calls(add)


def test_adding_under_a_loaded_parent_is_linear() -> None:
    _calls_of_adding(1)
    once, more, most = (_calls_of_adding(count) for count in (100, 200, 400))
    # A call more or less for each entity would differ by a hundred.
    assert abs((most - more) - 2 * (more - once)) < 50


def test_appending_new_entities_is_linear() -> None:
    def append(count: int) -> int:
        children = shot_of(session(), 10).children
        tasks = [incomplete(Task, name=f"new {number}") for number in range(count)]
        return _calls(lambda: _append_each(children, tasks))

    append(1)
    once, more, most = (append(count) for count in (100, 200, 400))
    # A call more or less for each entity would differ by a hundred.
    assert abs((most - more) - 2 * (more - once)) < 50


def _calls_of_appending_outside(members: int) -> int:
    shot = incomplete(Shot, name="shot")
    _append_each(
        shot.children, [incomplete(Task, name=f"old {n}") for n in range(members)]
    )
    appended = [incomplete(Task, name=f"new {number}") for number in range(30)]
    return _calls(lambda: _append_each(shot.children, appended))


def test_appending_outside_a_session_calls_nothing_for_each_member() -> None:
    _calls_of_appending_outside(1)
    few, many = (_calls_of_appending_outside(members) for members in (10, 1000))
    # Thirty are appended; one call for each member would be a thousand more.
    assert abs(many - few) < 30


def _calls_of_arriving(members: int) -> int:
    opened = session()
    shot = shot_of(opened, members)
    rows = [task_row(number, parent_id=shot.id) for number in range(50)]
    opened._core.build(rows[:10], LoadGroup())  # the first looks at each member once
    calls = _calls(lambda: opened._core.build(rows[10:], LoadGroup()))
    assert len(shot.children) == members + 50
    return calls


def test_rows_that_arrive_below_a_loaded_parent_call_nothing_for_each_member() -> None:
    _calls_of_arriving(1)
    few, many = (_calls_of_arriving(members) for members in (10, 1000))
    assert abs(many - few) < 30


def test_reading_a_loaded_link_makes_few_calls() -> None:
    task = loaded_task(session())
    assert task.status.reference.entity_type == "Status"
    assert _calls(lambda: task.status) <= 8


def test_opening_a_session_makes_no_request(emulator: Emulator) -> None:
    assert Session(transport=emulator.transport()).requests == 0


def test_paths_of_one_level_load_in_one_request(emulator: Emulator) -> None:
    opened = Session(transport=emulator.transport())
    tasks = opened.select(Task).only(Task.id).limit(50).all()
    before = opened.requests
    opened.load(tasks, Task.status, Task.type, Task.priority, Task.parent)
    assert opened.requests - before == 1
    for task in tasks:
        assert task.status.name
        assert task.type.name
        assert task.priority.name
        assert task.parent
    assert opened.requests - before == 1


def test_all_entities_of_a_result_load_without_a_full_collection() -> None:
    """Each would visit every entity that was loaded before."""
    opened = session_with_pages(5000)
    full: list[int] = []

    def note(phase: str, facts: dict[str, int]) -> None:
        if phase == "start" and facts["generation"] == 2:
            full.append(facts["collected"])

    before = gc.get_threshold()
    gc.collect()
    gc.callbacks.append(note)
    try:
        gc.set_threshold(100, 1, 1)
        entities = opened.select(Task).all()
        assert full == []
    finally:
        gc.callbacks.remove(note)
        gc.set_threshold(*before)
    assert len(entities) == 5000


def _collections_of_committing(count: int) -> int:
    opened = session()
    transport = EchoTransport()
    opened._core.client.transport = transport
    tasks: list[Any] = list(shot_of(opened, count).children)
    for task in tasks:
        task.description = "changed"
    collections: list[str] = []

    def note(phase: str, facts: dict[str, int]) -> None:
        collections.append(phase)

    gc.collect()
    gc.callbacks.append(note)
    try:
        opened.commit()
    finally:
        gc.callbacks.remove(note)
    assert transport.was_collecting
    return collections.count("start")


def test_a_larger_commit_collects_garbage_no_more_often() -> None:
    """Its records live until it ends: looking through them frees nothing."""
    _collections_of_committing(1)  # imports and compiles the rest
    assert _collections_of_committing(4000) == _collections_of_committing(8000) <= 3
