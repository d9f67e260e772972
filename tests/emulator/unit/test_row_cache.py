"""Rows that a batch reads again: always those that the database holds."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm.emulator.row_cache import RowCache
from tests.support.emulator_client import Client, Refused, create, delete, ref, update

TEXT = "6268aef0-381c-11e0-acff-0019bb49847a"


@pytest.fixture
def shot(client: Client) -> str:
    """A shot "010" with a task "t1"."""
    client.project(id="p1")
    client.create("Shot", id="s1", name="010", parent_id="p1")
    client.create("Task", id="t1", name="anim", parent_id="s1")
    return "s1"


@pytest.fixture(autouse=True)
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Compare each cached row with the stored one; return the families found."""
    find = RowCache.find
    found: list[str] = []

    def compare(self: RowCache, root: str, key: tuple[Any, ...]) -> Any:
        row = find(self, root, key)
        if row is not None:
            storage = self._storage
            stored = storage.find(storage._connection, root, key)
            assert [*map(repr, row.items())] == [*map(repr, (stored or {}).items())]
            found.append(root)
        return row

    monkeypatch.setattr(RowCache, "find", compare)
    return found


@pytest.mark.parametrize("bid", [5, 5.5, -0.0, 0, 2**53 + 1])
def test_a_number_is_read_again_as_it_is_stored(
    client: Client, shot: str, compared: list[str], bid: float
) -> None:
    operations = update("Task", "t1", bid=bid), update("Task", "t1", name="light")
    [first, _] = client.call(*operations)
    assert "Context" in compared
    [task] = client.query("select bid from Task where id is t1")
    assert repr(first["data"]["bid"]) == repr(task["bid"])


def test_a_new_row_is_read_again_as_it_is_stored(
    client: Client, shot: str, compared: list[str]
) -> None:
    client.call(
        create("User", id="u1", username="eve", is_active=True),
        update("User", "u1", first_name="Eve"),
        create("Task", id="t2", name="light", parent_id=shot, bid=3),
        create("Note", id="n1", content="x", parent_id="t2", parent_type="Task"),
        update("Note", "n1", content="y"),
    )
    assert {"Context", "Note", "Resource"} <= set(compared)


def test_later_operations_see_earlier_ones(client: Client, shot: str) -> None:
    results = client.call(
        update("Task", "t1", name="light"),
        create("Task", id="t2", name="anim", parent_id=shot),
        update("Task", "t2", name="comp"),
        update("Task", "t1", name="anim"),
    )
    assert results[-1]["data"]["name"] == "anim"
    with pytest.raises(Refused, match="already exists"):
        client.call(update("Task", "t1", name="x"), update("Task", "t2", name="x"))
    names = {row["name"] for row in client.query("select name from Task")}
    assert names == {"anim", "comp"}


def test_a_row_that_the_batch_deleted_is_not_found(client: Client, shot: str) -> None:
    with pytest.raises(Refused, match="Could not find"):
        client.call(
            update("Task", "t1", name="light"),
            delete("Shot", shot),
            update("Task", "t1", name="comp"),
        )
    [task] = client.query("select name from Task")
    assert task["name"] == "anim"


def test_rows_below_a_moved_one_are_read_again(client: Client, shot: str) -> None:
    client.project(name="p2", id="p2")
    [_, _, moved] = client.call(
        update("Task", "t1", bid=1),
        update("Shot", shot, parent=ref("Project", "p2")),
        update("Task", "t1", bid=2),
    )
    assert moved["data"]["project_id"] == "p2"


def test_a_configuration_of_the_batch_applies_to_later_values(
    client: Client, shot: str
) -> None:
    def value(configuration: str, number: int) -> dict[str, Any]:
        key = (configuration, "t1")
        return update("ContextCustomAttributeValue", *key, value=f"v{number}")

    data = {
        "key": "made",
        "label": "made",
        "config": "{}",
        "type_id": TEXT,
        "entity_type": "task",
    }
    results = client.call(
        create("CustomAttributeConfiguration", id="c1", **data),
        value("c1", 1),
        value("c1", 2),
        # A configuration of the project hides the one of all projects.
        create("CustomAttributeConfiguration", id="c2", project_id="p1", **data),
        value("c2", 3),
    )
    assert [each["data"].get("value") for each in results[1:3]] == ["v1", "v2"]
    for refused in (value("c1", 4), value("c2", 4)):
        before = [delete("CustomAttributeConfiguration", "c2"), value("c1", 5)]
        if refused["entity_key"] == ["c1", "t1"]:
            before = [value("c2", 5)]
        with pytest.raises(Refused, match="Could not find"):
            client.call(*before, refused)


def test_the_result_of_a_value_is_the_row_of_a_query(client: Client, shot: str) -> None:
    client.create(
        "CustomAttributeConfiguration",
        id="c1",
        key="made",
        label="made",
        config="{}",
        type_id=TEXT,
        entity_type="task",
    )
    result = client.update("ContextCustomAttributeValue", "c1", "t1", value="x")
    [row] = client.query(
        "select value from ContextCustomAttributeValue "
        "where configuration_id is c1 and entity_id is t1"
    )
    assert list(result.items()) == list(row.items())
