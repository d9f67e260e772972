"""Tab, display and question marks in IPython, with jedi and without; no request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from ftrack_models import Status, Task

DRIVER: Final = Path(__file__).parents[1] / "support" / "ipython_driver.py"

SETUP: Final = """
from ftrack_models import Note, Shot, Status, Task
from ftrack_orm import ServerError, Session
from ftrack_orm.emulator import Emulator
session = Session(transport=Emulator(seed="demo").transport())
select = session.select(Task).where(Task.project.name == "bunny")
task = select.first()
tasks = session.select(Task).limit(30).all()
shot = session.select(Shot).load(Shot.custom_attributes, Shot.children).first()
rows = session.select(Task).limit(3).values(Task.name, Task.status.name)
error = ServerError("ParseError", "no such attribute", error_code="x")
preview = session.select(Status)
"""

COMPLETIONS: Final = (
    "Task.s",
    "Task.",
    "task.",
    "task.s",
    "task.status.",
    "task.status.state.",
    "Task.status.",
    "Task.status.state.",
    "session.select(Task).where(Task.na",
    'shot.custom_attributes["',
    'Shot.custom_attributes["f',
    'task.custom_attributes["',
    "tasks[0].na",
    "task.assignments.app",
    "Task(na",
)

SHOWN: Final = (
    "task",
    "tasks",
    "shot.children",
    "rows",
    "preview",
    "error",
    "session.plan()",
    'Task.project.name == "bunny"',
    "[task]",
)

SCHEMA: Final = frozenset(Task.__ftrack__.attributes)
STATUS: Final = frozenset(Status.__ftrack__.attributes)
DEPRECATED: Final = frozenset(
    {"construct", "copy", "dict", "from_orm", "json", "parse_obj", "schema", "validate"}
)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what IPython answers to all questions, asked in one process."""
    questions = {
        "setup": SETUP,
        "completions": COMPLETIONS,
        "shown": SHOWN,
        "inspected": ["Task", "task", "Task.bid", "Task.status"],
        "documented": ["Task.bid", "task.bid", "Shot.bid"],
    }
    done = subprocess.run(
        [sys.executable, str(DRIVER)],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "IPYTHONDIR": str(tmp_path_factory.mktemp("ipython"))},
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.slow
@pytest.mark.parametrize("is_jedi_used", [True, False])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Task.", SCHEMA),
        ("task.", SCHEMA),
        ("Task.s", {name for name in SCHEMA if name.startswith("s")}),
        ("task.s", {name for name in SCHEMA if name.startswith("s")}),
        ("Task.status.", STATUS | {"has", "is_"}),
        ("task.status.", STATUS),
        ("Task.status.state.", {"short"}),
        ("task.status.state.", {"short"}),
        ("session.select(Task).where(Task.na", {"name"}),
        ('shot.custom_attributes["', {"fstart", "fend", "handles"}),
        ('Shot.custom_attributes["f', {"fstart", "fend"}),
        ("tasks[0].na", {"name"}),
        ("task.assignments.app", {"append"}),
        ("Task(na", {"name="}),
    ],
)
def test_tab_shows_the_schema_and_sends_nothing(
    answers: dict[str, Any], text: str, expected: set[str], is_jedi_used: bool
) -> None:
    answer = answers["completions"][text][0 if is_jedi_used else 1]

    assert expected - set(answer["names"]) == set()
    assert DEPRECATED & set(answer["names"]) == set()
    assert answer["requests"] == 0


@pytest.mark.slow
def test_no_completion_sends_a_request(answers: dict[str, Any]) -> None:
    sent = {
        text: [answer["requests"] for answer in pair]
        for text, pair in answers["completions"].items()
    }

    assert sent == {text: [0, 0] for text in COMPLETIONS}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "others"),
    [
        (
            "task.",
            {
                *("clone", "effective", "entity_state", "entity_type", "reference"),
                *("model_copy", "model_dump", "model_dump_json"),
            },
        ),
        (
            "Task.",
            {
                *("model_construct", "model_json_schema", "mro"),
                *("model_validate", "model_validate_json"),
            },
        ),
    ],
)
def test_nearly_all_names_are_the_schemas(
    answers: dict[str, Any], text: str, others: set[str]
) -> None:
    names = answers["completions"][text][0]["names"]

    assert set(names) - SCHEMA == others
    assert not any(name.startswith("_") for name in names)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("expression", "line", "html"),
    [
        ("task", "  name            modeling", "<td>modeling</td>"),
        ("tasks", "… and 10 more", "<th>bid</th>"),
        ("shot.children", "4 entities", "<td>sq010_sh010/layout</td>"),
        ("rows", "name       status.name", "<th>status.name</th>"),
        ("error", "  error_code   'x'", "<b>ServerError</b>"),
        ("session.plan()", "Nothing to commit.", "<p>Nothing to commit.</p>"),
    ],
)
def test_display_sends_nothing(
    answers: dict[str, Any], expression: str, line: str, html: str
) -> None:
    shown = answers["shown"][expression]

    assert any(text.startswith(line) for text in shown["plain"].splitlines())
    assert html in shown["html"]
    assert shown["requests"] == 0


@pytest.mark.slow
def test_a_select_fetches_its_first_rows_once(answers: dict[str, Any]) -> None:
    shown = answers["shown"]["preview"]

    assert "Approved" in shown["plain"]
    assert "<td>Approved</td>" in shown["html"]
    assert shown["is_same_again"]
    assert shown["requests"] == 1


@pytest.mark.slow
def test_a_condition_is_shown_as_it_was_written(answers: dict[str, Any]) -> None:
    assert answers["shown"]['Task.project.name == "bunny"']["plain"] == (
        'Task.project.name == "bunny"'
    )


@pytest.mark.slow
def test_an_entity_in_a_list_is_one_line(answers: dict[str, Any]) -> None:
    plain = answers["shown"]["[task]"]["plain"]

    assert plain.startswith("[Task(id=")
    assert "\n" not in plain


@pytest.mark.slow
def test_a_question_mark_shows_the_constructor(answers: dict[str, Any]) -> None:
    inspected = answers["inspected"]["Task"]

    assert "name: str = ''" in inspected["plain"]
    assert "bid: float = ..." in inspected["plain"]
    assert "A piece of work" in inspected["plain"]
    assert inspected["requests"] == 0
    assert answers["inspected"]["task"]["requests"] == 0


@pytest.mark.slow
def test_a_question_mark_shows_the_unit_of_an_attribute(
    answers: dict[str, Any],
) -> None:
    assert (
        "The estimated work, in seconds." in answers["inspected"]["Task.bid"]["plain"]
    )
    assert "Task.status" in answers["inspected"]["Task.status"]["plain"]


@pytest.mark.slow
def test_jedi_shows_the_docstring_of_an_attribute(answers: dict[str, Any]) -> None:
    assert answers["documented"] == {
        "Task.bid": ["The estimated work, in seconds."],
        "task.bid": ["The estimated work, in seconds."],
        "Shot.bid": ["The estimated work, in seconds. Read-only."],
    }
