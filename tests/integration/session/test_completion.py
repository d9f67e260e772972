"""Completers, debuggers and displays of a session: which of them send a request."""

from __future__ import annotations

import rlcompleter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from ftrack_models import Shot, Status, Task
from ftrack_orm import InspectionError, NotLoadedError, Select, Session, TrackedList
from ftrack_orm.emulator import Emulator
from ftrack_orm.select.display import first_rows


def inspect(module: str, function: Callable[[], Any]) -> Any:
    """Call a function as a module of that name would."""
    names: dict[str, Any] = {"__name__": module}
    exec("def call(function):\n    return function()", names)  # noqa: S102 # our own text
    return names["call"](function)


def complete(function: Callable[[], Any]) -> Any:
    return inspect("rlcompleter", function)


@pytest.fixture
def task(session: Session) -> Task:
    """A task with its key only."""
    [task] = session.select(Task).only(Task.id).limit(1)
    return task


# It reads the attributes of the base classes too, pydantic's deprecated ones included.
@pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211")
def test_the_standard_completer_sends_nothing(session: Session, task: Task) -> None:
    before = session.requests
    completer = rlcompleter.Completer({"task": task, "Task": Task})
    texts = ("task.", "task.status.s", "Task.status.s", "task.project.na")
    matches = {
        text: [completer.complete(text, place) for place in range(200)]
        for text in texts
    }

    assert "task.description" in matches["task."]
    assert "task.status.state" in matches["task.status.s"]
    assert "Task.status.state" in matches["Task.status.s"]
    assert "task.project.name" in matches["task.project.na"]
    assert session.requests == before


def test_a_completer_gets_an_empty_stand_in_of_a_relation(
    session: Session, task: Task
) -> None:
    before = session.requests
    status = complete(lambda: task.status)
    state = complete(lambda: status.state)
    notes = complete(lambda: task.notes)
    metadata = complete(lambda: task.metadata)

    assert "name" in dir(status)
    assert "short" in dir(state)
    assert isinstance(notes, TrackedList)
    assert "content" in dir(notes[0])
    assert complete(lambda: dict(metadata)) == {}
    assert session.requests == before


def test_a_stand_in_is_stored_nowhere(session: Session, task: Task) -> None:
    before = dict(vars(task))
    complete(lambda: (task.status, task.notes, task.metadata))

    assert vars(task) == before
    assert not session.plan()
    assert task.status.name
    assert isinstance(task.notes, list)


def test_a_scalar_that_is_not_loaded_cannot_be_completed(task: Task) -> None:
    with pytest.raises(InspectionError, match="completer read a value"):
        complete(lambda: task.description)
    assert complete(lambda: getattr(task, "description", "missing")) == "missing"
    assert complete(lambda: hasattr(task, "description")) is False


def test_a_debugger_loads_nothing(session: Session, task: Task) -> None:
    before = session.requests
    for name in ("status", "notes", "metadata", "description"):
        with pytest.raises(InspectionError, match="debugger"):
            inspect("_pydevd_bundle.pydevd_resolver", partial(getattr, task, name))
    assert session.requests == before


@pytest.mark.parametrize(
    "action",
    [
        lambda session: session.select(Task).first(),
        lambda session: session.select(Task).count(),
        lambda session: session.get(Task, "unknown"),
        lambda session: session.commit(),
    ],
    ids=["first", "count", "get", "commit"],
)
def test_no_method_sends_a_request_for_a_completer(
    session: Session, task: Task, action: Callable[[Session], Any]
) -> None:
    task.name = "changed"
    before = session.requests

    with pytest.raises(InspectionError):
        complete(lambda: action(session))

    assert session.requests == before
    session.commit()
    assert session.requests > before


def test_the_session_works_on_after_a_completion(session: Session, task: Task) -> None:
    with pytest.raises(InspectionError):
        complete(lambda: task.description)

    assert task.description is not None


def test_a_strict_session_completes_too(emulator: Emulator) -> None:
    with Session(transport=emulator.transport(), load="strict") as strict:
        [task] = strict.select(Task).only(Task.id).limit(1)
        assert "name" in dir(complete(lambda: task.status))
        with pytest.raises(NotLoadedError):
            _ = task.status


# -- keys --------------------------------------------------------------------------


def keys_of(mapped: Any) -> list[str]:
    keys: list[str] = mapped._ipython_key_completions_()
    return keys


def test_keys_come_from_the_values_in_memory(session: Session) -> None:
    [first, second] = session.select(Shot).limit(2)
    assert first.custom_attributes["fstart"]
    before = session.requests

    assert "fstart" in keys_of(first.custom_attributes)
    assert "fstart" in keys_of(Shot.custom_attributes)
    assert "fstart" in keys_of(Task.parent.as_(Shot).custom_attributes)
    assert "fstart" in keys_of(complete(lambda: second.custom_attributes))
    assert session.requests == before


def test_keys_of_metadata_include_those_of_other_entities(session: Session) -> None:
    first, second = session.select(Task).load(Task.metadata).limit(2)
    first.metadata["reviewed_by"] = "anna"
    second.metadata["vendor"] = "x"
    before = session.requests

    assert keys_of(first.metadata)[-1] == "vendor"
    assert {"reviewed_by", "vendor"} <= set(keys_of(Task.metadata))
    assert "vendor" not in keys_of(Shot.metadata)
    assert session.requests == before


def test_keys_of_a_new_entity_come_from_the_configurations(session: Session) -> None:
    shot = Shot(name="new", parent=session.select(Shot).limit(1).one())
    session.add(shot)
    shot.custom_attributes["fstart"] = 1
    assert session._core.configurations.known_keys(Shot.__ftrack__)
    before = session.requests

    assert {"fstart", "fend", "handles"} <= set(keys_of(shot.custom_attributes))
    assert session.requests == before


# -- selects -----------------------------------------------------------------------


class Printer:
    """IPython's printer."""

    stack = (object(),)

    def __init__(self) -> None:
        self.shown = ""

    def text(self, text: str) -> None:
        self.shown += text


def shown(select: Select[Any]) -> str:
    printer = Printer()
    select._repr_pretty_(printer, False)
    return printer.shown


def test_a_select_is_shown_with_one_request(session: Session) -> None:
    select = session.select(Task).where(Task.name == "animation")
    assert "Select(" in repr(select)
    assert session.requests == 0

    table = shown(select)

    assert table.startswith('Task where name is "animation"\nTask ')
    assert "/animation " in table
    assert table.endswith("… and more")
    assert "<table>" in select._repr_html_()
    assert shown(select) == table
    assert session.requests == 1


def test_names_of_links_are_shown_without_another_request(session: Session) -> None:
    columns = shown(session.select(Task).limit(2)).splitlines()[1].split()

    assert {"status", "type"} <= set(columns)
    assert session.requests == 1


def test_rows_that_are_fetched_are_shown_without_a_request(session: Session) -> None:
    select = session.select(Task)
    next(iter(select))
    before = session.requests

    assert "… and more" in shown(select)
    assert session.requests == before


def test_the_limit_of_a_select_is_kept(session: Session) -> None:
    assert len(first_rows(session.select(Task).limit(3))) == 3
    assert shown(session.select(Task).limit(0)) == "Task limit 0: no results"


def test_a_select_that_cannot_be_read_shows_the_error(session: Session) -> None:
    select = session.select(Status)
    session.close()

    assert "The rows cannot be shown. SessionClosedError" in shown(select)
    assert "SessionClosedError" in select._repr_html_()


def test_values_are_shown_under_their_paths(session: Session) -> None:
    rows: Any = session.select(Task).limit(2).values(Task.name, Task.status.name)
    printer = Printer()
    rows._repr_pretty_(printer, False)

    assert printer.shown.splitlines()[0].split() == ["name", "status.name"]
    assert "<th>status.name</th>" in rows._repr_html_()
    assert rows == [tuple(row) for row in rows]
