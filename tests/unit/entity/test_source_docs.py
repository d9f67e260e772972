"""The docstrings of attributes, which consoles show for `Task.bid?`."""

from __future__ import annotations

import inspect

import pytest

from ftrack_models import Shot, Task, Timelog, TypedContext
from ftrack_orm import Path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (Task.bid, "The estimated work, in seconds."),
        (Shot.bid, "The estimated work, in seconds. Read-only."),
        (Timelog.duration, "The logged time, in seconds."),
        (Task.assignments, "The users and groups that a task is assigned to."),
        (Task.metadata["x"], "Free text by key."),
        (Task.parent, "The project or object directly above it."),
        (Task.status_id, "Foreign key(s): Status.id"),
    ],
    ids=repr,
)
def test_a_path_has_the_docstring_of_its_attribute(path: object, text: str) -> None:
    assert inspect.getdoc(path) == text


def test_a_path_without_one_has_that_of_its_class() -> None:
    assert TypedContext.__ftrack__.attributes["name"].documentation == ""
    assert inspect.getdoc(Task.name) == inspect.getdoc(Path)
    assert inspect.getdoc(Path) == "The query path of a scalar attribute."
