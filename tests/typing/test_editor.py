"""Completion, hover and definitions in an editor: pyright's server, at 24 places.

An editor reads the sources and runs no program, so no request can be sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from ftrack_models import Appointment, Status, Task
from tests.support.language_server import LanguageServer, Position, marked

PREAMBLE: Final = [
    "from ftrack_models import Appointment, AssetVersion, Component, Shot, Task, User",
    "from ftrack_models import Timelog",
    "from ftrack_orm import Session",
    "session = Session()",
    "task = session.select(Task).one()",
    "shot = session.select(Shot).one()",
    "version = session.select(AssetVersion).one()",
]

HOVERS: Final = {
    "task.bi|d": ("bid: float", "in seconds"),
    "Task.bi|d": ("bid: Path[float]", "in seconds"),
    "shot.bi|d": ("bid: float", "Read-only."),
    "task.time_log|ged": ("float | None", "Computed by the server."),
    "Timelog.durati|on": ("Path[float]", "in seconds"),
    "Component.si|ze": ("Path[", "in bytes"),
    "task.created_a|t": ("datetime | None", "in UTC. Set by the server."),
    "task.status.state.sho|rt": ("short: str", ""),
    "version.is_latest_ver|sion": ("bool", "no version of the asset"),
    "Ta|sk": ("class Task", "A piece of work"),
    "Ta|sk(name='x')": ("name: str", "bid: float"),
}
"""Line, with the cursor: the type and a part of the docstring that are shown."""

TASK: Final = frozenset(Task.__ftrack__.attributes)
STATUS: Final = frozenset(Status.__ftrack__.attributes)

COMPLETIONS: Final = {
    "Task.|": TASK,
    "task.|": TASK,
    "Task.status.|": STATUS | {"has", "is_"},
    "task.status.|": STATUS,
    "Task.assignments.each.|": frozenset(Appointment.__ftrack__.attributes),
    "session.select(Task).where(Task.|)": TASK,
    "session.select(Task).one().|": TASK,
    "Task.name.|": {"asc", "desc", "in_", "like"},
}
"""Line, with the cursor: the names that are offered."""

DEFINITIONS: Final = {
    "Ta|sk": "task.py",
    "task.bi|d": "typed_context.py",
    "Task.status.na|me": "status.py",
    "task.custom_attri|butes": "context.py",
    "session.se|lect(Task)": "session.py",
}
"""Line, with the cursor: the file that defines the name."""

DOCUMENT, POSITIONS = marked([*PREAMBLE, *HOVERS, *COMPLETIONS, *DEFINITIONS])
_FIRST_COMPLETION: Final = len(HOVERS)
_FIRST_DEFINITION: Final = len(HOVERS) + len(COMPLETIONS)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """A server for all tests, which has the lines of all tests in one document."""
    with LanguageServer(tmp_path_factory.mktemp("editor"), DOCUMENT) as running:
        yield running


@pytest.mark.parametrize(
    ("position", "expected"),
    list(zip(POSITIONS, HOVERS.values(), strict=False)),
    ids=HOVERS,
)
def test_hover_shows_the_type_and_the_docstring(
    server: LanguageServer, position: Position, expected: tuple[str, str]
) -> None:
    shown = server.hover(position)

    assert expected[0] in shown
    assert expected[1] in shown


@pytest.mark.parametrize(
    ("position", "expected"),
    list(zip(POSITIONS[_FIRST_COMPLETION:], COMPLETIONS.values(), strict=False)),
    ids=COMPLETIONS,
)
def test_completion_offers_the_schema(
    server: LanguageServer, position: Position, expected: frozenset[str]
) -> None:
    items = server.completions(position)

    assert expected - {item["label"] for item in items} == set()
    # The attributes of the class itself come first.
    assert items[0]["label"] in expected


@pytest.mark.parametrize(
    ("position", "expected"),
    list(zip(POSITIONS[_FIRST_DEFINITION:], DEFINITIONS.values(), strict=True)),
    ids=DEFINITIONS,
)
def test_a_definition_is_found_in_the_sources(
    server: LanguageServer, position: Position, expected: str
) -> None:
    assert server.definitions(position) == [expected]
