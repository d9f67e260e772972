"""Values read from the rows of responses, as `values()` returns them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ftrack_models import (
    Appointment,
    AssetVersion,
    Note,
    Project,
    Shot,
    Task,
    TypedContext,
    User,
)
from ftrack_orm import QueryError, ResponseFormatError
from ftrack_orm.query import ast
from ftrack_orm.query.path import Path
from ftrack_orm.select.pages import Pages
from ftrack_orm.select.tuples import Column, ValueReader, columns_of
from tests.support.fake_executor import FakeExecutor


def read(rows: list[dict[str, Any]], *paths: Any) -> list[tuple[Any, ...]]:
    reader = ValueReader(Task.__ftrack__, columns_of(Task.__ftrack__, paths))
    query = ast.Query("Task", reader.projections)
    found = reader.rows(FakeExecutor(rows, 2), Pages.of(query, 2))
    return [reader.read(row) for row in found]


def task(key: str, **values: Any) -> dict[str, Any]:
    return {"__entity_type__": "Task", "id": key, **values}


def status(key: str, **values: Any) -> dict[str, Any]:
    return {"__entity_type__": "Status", "id": key, **values}


def test_rows_have_their_values_in_the_order_of_the_columns() -> None:
    moment = {"__type__": "datetime", "value": "2024-03-01T10:00:00"}
    rows = [
        task("t1", name="anim", start_date=moment),
        task("t2", name="comp", start_date=None),
        task("t3", name="fx", start_date=None),
    ]

    assert read(rows, Task.start_date, Task.name) == [
        (datetime(2024, 3, 1, 10, tzinfo=UTC), "anim"),
        (None, "comp"),
        (None, "fx"),
    ]


def test_a_link_without_a_target_gives_none() -> None:
    rows = [task("t1", status=status("s1", name="Done")), task("t2", status=None)]

    assert read(rows, Task.status.name) == [("Done",), (None,)]


def test_values_that_the_server_sent_once_are_in_every_row() -> None:
    # Protocol 3.6: only the first occurrence of an entity has its data.
    rows = [
        task("t1", status=status("s1", name="Done")),
        task("t2", status=status("s1")),
    ]

    assert read(rows, Task.status.name) == [("Done",), ("Done",)]


def test_a_row_may_come_before_the_data_of_its_entity() -> None:
    rows = [
        task("t1", parent=task("t2")),
        task("t2"),
        task("t3", parent=task("t2", name="comp")),
    ]
    names = Column.of_expression(ast.PathExpression.of("name"))
    reader = ValueReader(Task.__ftrack__, [names])
    pages = Pages.of(ast.Query("Task", reader.projections), 3)

    found = list(reader.rows(FakeExecutor(rows), pages))

    assert [reader.read(row) for row in found] == [(None,), ("comp",), (None,)]


def test_a_key_of_metadata_is_compared_with_regard_to_case() -> None:
    rows = [
        task("t1", metadata=[{"key": "Take", "value": "1"}]),
        task(
            "t2",
            metadata=[{"key": "Take", "value": "1"}, {"key": "take", "value": "2"}],
        ),
    ]
    for row in rows:
        for item in row["metadata"]:
            item |= {"__entity_type__": "Metadata", "parent_id": row["id"]}

    assert read(rows, Task.metadata["take"]) == [(None,), ("2",)]


def test_columns_through_one_relation_are_queried_once() -> None:
    paths: list[Path[Any]] = [Task.name, Task.metadata["a"], Task.metadata["b"]]
    reader = ValueReader(Task.__ftrack__, columns_of(Task.__ftrack__, paths))

    assert [str(path) for path in reader.projections] == [
        "name",
        "metadata.key",
        "metadata.value",
    ]


@pytest.mark.parametrize(
    ("type_info", "paths"),
    [
        (Task.__ftrack__, []),
        (Task.__ftrack__, [Task.status]),
        (Project.__ftrack__, [Project.children.each.name]),
        (Shot.__ftrack__, [Shot.parent]),
    ],
)
def test_columns_are_single_values(type_info: Any, paths: list[Any]) -> None:
    with pytest.raises(QueryError, match=r"values\(\)"):
        columns_of(type_info, paths)


@pytest.mark.parametrize(
    "row",
    [
        {"id": "t1", "name": "secret"},
        {"__entity_type__": "Task", "name": "secret"},
        task("t1", name={"__type__": "datetime", "value": "secret"}),
    ],
)
def test_a_malformed_row_is_reported_without_its_values(row: dict[str, Any]) -> None:
    with pytest.raises(ResponseFormatError) as caught:
        read([row], Task.name)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "passed"),
    [
        (Shot.type.name, "Shot.type"),
        (Task.parent.parent.name, "Task.parent"),
        (TypedContext.status.state.short, "TypedContext.status"),
        (Note.category.name, "Note.category"),
        (Appointment.resource.as_(User).username, "Appointment.resource cast"),
        (AssetVersion.asset.parent.as_(Shot).name, "AssetVersion.asset.parent cast"),
        (AssetVersion.asset.parent.as_(Shot).status.name, "cast to Shot"),
    ],
)
def test_a_path_through_a_link_that_may_be_null_must_say_so(
    path: Any, passed: str
) -> None:
    type_info = path._root
    with pytest.raises(QueryError) as raised:
        columns_of(type_info, [path])

    assert passed in str(raised.value)
    assert str(raised.value).endswith(f"Write {path!r}.or_none.")
    assert columns_of(type_info, [path.or_none]) == [Column.of(path)]


@pytest.mark.parametrize(
    "path",
    [
        Task.status.name,
        Task.project.name,
        Task.description,
        Shot.type_id,
        AssetVersion.asset.name,
        AssetVersion.asset.parent.name,
        Shot.type.name.or_none,
        Task.parent.as_(Shot).metadata["camera"],  # a missing item is None already
    ],
)
def test_other_paths_need_no_word(path: Any) -> None:
    [column] = columns_of(path._root, [path])

    assert column.names == tuple(step.name for step in path._steps)


def test_a_null_link_gives_none_in_the_row() -> None:
    rows = [
        task("t1", parent={"__entity_type__": "Shot", "id": "s1", "name": "sh010"}),
        task("t2", parent=None),
    ]

    assert read(rows, Task.parent.name.or_none) == [("sh010",), (None,)]
