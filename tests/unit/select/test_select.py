"""Selects: what each word adds to the expression, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ftrack_models import (
    Appointment,
    AssetVersion,
    Metadata,
    Shot,
    Status,
    Task,
    TypedContext,
    User,
)
from ftrack_orm import CriterionError, MultipleResultsError, NoResultError, QueryError
from tests.support.fake_executor import select, tasks


def text(built: Any) -> str:
    """Return an expression without the attributes that are selected by default."""
    expression: str = built.expression
    return expression[expression.index("from ") :]


def projected(built: Any) -> list[str]:
    expression: str = built.expression
    names = expression.removeprefix("select ").split(" from ", 1)[0]
    return names.split(", ")


def test_a_select_asks_for_the_stored_scalars_of_its_type() -> None:
    every, _ = select(Status)
    assert set(projected(every)) == {"id", "name", "color", "is_active", "sort"}


def test_what_a_server_works_out_is_not_asked_for_unasked() -> None:
    every, _ = select(Task)
    assert {"id", "name", "status_id", "start_date", "bid"} <= set(projected(every))
    assert not {"time_logged", "thumbnail_url", "link", "_link", "notes"} & set(
        projected(every)
    )


def test_where_demands_every_condition_ever_given() -> None:
    every, _ = select(Task)
    narrowed = every.where(Task.name == "a", Task.bid > 1).where(
        (Task.sort < 2) | (Task.sort > 9)
    )
    assert text(narrowed) == (
        'from Task where name is "a" and bid > 1 and (sort < 2 or sort > 9)'
    )


def test_each_word_returns_a_new_select() -> None:
    every, _ = select(Task)
    before = every.expression
    made = [
        every.where(Task.name == "a"),
        every.order_by(Task.name),
        every.limit(1),
        every.offset(1),
        every.load(Task.status),
        every.only(Task.name),
    ]
    assert every.expression == before
    assert all(one is not every and one.expression != before for one in made)


def test_order_limit_and_offset_stand_behind_the_conditions() -> None:
    every, _ = select(Task)
    built = (
        every.limit(5)
        .offset(2)
        .order_by(Task.end_date.desc(), Task.name)
        .order_by(Task.status.name.asc())
        .where(Task.name == "a")
    )
    assert text(built) == (
        'from Task where name is "a" order by end_date descending, name ascending, '
        "status.name ascending offset 2 limit 5"
    )


@pytest.mark.parametrize("word", ["limit", "offset"])
def test_a_negative_count_is_refused(word: str) -> None:
    every, _ = select(Task)
    with pytest.raises(QueryError, match="0 or more"):
        getattr(every, word)(-1)


def test_where_refuses_conditions_about_another_type() -> None:
    every, _ = select(Task)
    with pytest.raises(CriterionError, match="This is about User, not Task"):
        every.where(User.username == "anna")


def test_where_takes_conditions_of_a_base_and_refuses_those_of_a_subtype() -> None:
    contexts, _ = select(TypedContext)
    with pytest.raises(CriterionError, match="about Task, not TypedContext"):
        contexts.where(Task.name == "x")
    found, _ = select(Task)
    assert text(found.where(TypedContext.name == "x")) == 'from Task where name is "x"'


@pytest.mark.parametrize("value", [True, None, "name = 'x'", Task.name])
def test_where_refuses_what_is_no_condition(value: Any) -> None:
    every, _ = select(Task)
    with pytest.raises(CriterionError, match="not a condition"):
        every.where(value)


@pytest.mark.parametrize("word", ["load", "only", "order_by"])
def test_paths_of_another_type_and_other_values_are_refused(word: str) -> None:
    every, _ = select(Task)
    with pytest.raises(CriterionError):
        getattr(every, word)(User.username)
    with pytest.raises((CriterionError, AttributeError)):
        getattr(every, word)("name")


# -- load and only ---------------------------------------------------------------


def test_load_of_a_link_asks_for_the_stored_scalars_of_its_target() -> None:
    every, _ = select(Task)
    added = set(projected(every.load(Task.status))) - set(projected(every))
    statuses, _ = select(Status)
    assert added == {f"status.{name}" for name in projected(statuses)}


def test_load_goes_on_through_links_collections_and_casts() -> None:
    every, _ = select(Task)
    names = projected(
        every.load(
            Task.status.state,
            Task.assignments.each.resource.as_(User),
            Task.time_logged,
            Task.project.name,
        )
    )
    assert "status.state.short" in names
    assert "assignments.resource[User].username" in names
    assert "time_logged" in names
    assert "project.name" in names


def test_load_of_metadata_asks_for_key_and_value() -> None:
    every, _ = select(Task)
    added = set(projected(every.load(Task.metadata))) - set(projected(every))
    assert added == {"metadata.key", "metadata.value"}


def test_load_of_custom_attributes_asks_for_what_an_update_needs() -> None:
    every, _ = select(Task)
    added = set(projected(every.load(Task.custom_attributes))) - set(projected(every))
    assert added == {
        "custom_attributes.key",
        "custom_attributes.value",
        "custom_attributes.configuration_id",
    }


def test_load_twice_asks_once() -> None:
    every, _ = select(Task)
    once = every.load(Task.status)
    assert once.load(Task.status).expression == once.expression


def test_load_refuses_what_can_only_be_filtered_by() -> None:
    every, _ = select(Task)
    with pytest.raises(QueryError, match="filtered by, but not loaded"):
        _ = every.load(Task.custom_attribute_links).expression


def test_only_replaces_the_stored_scalars() -> None:
    every, _ = select(Task)
    assert every.only(Task.name).expression == "select name from Task"
    assert (
        every.only(Task.name, Task.name, Task.status.name).expression
        == "select name, status.name from Task"
    )


def test_only_and_load_add_up_in_either_order() -> None:
    every, _ = select(Task)
    status = {f"status.{name}" for name in projected(select(Status)[0])}
    for built in (
        every.only(Task.name).load(Task.status),
        every.load(Task.status).only(Task.name),
    ):
        assert set(projected(built)) == {"name"} | status


def test_only_nothing_is_refused() -> None:
    every, _ = select(Task)
    with pytest.raises(QueryError, match="at least one"):
        every.only()


def test_a_select_inside_another_needs_one_attribute() -> None:
    every, _ = select(Task)
    rows, _ = select(Metadata)
    with pytest.raises(QueryError, match="one attribute"):
        every.only(Task.id, Task.name)._as_subquery()
    with pytest.raises(QueryError, match="one attribute"):
        rows._as_subquery()  # two attributes make its key


# -- single results --------------------------------------------------------------


def test_first_asks_for_one_row_and_may_find_none() -> None:
    found, executor = select(Task, tasks(3))
    first = found.first()
    assert first is not None
    assert first.name == "t0"
    assert executor.asked[0].endswith("offset 0 limit 1")
    assert select(Task)[0].first() is None


def test_one_asks_for_two_rows_to_know_that_there_is_one() -> None:
    found, executor = select(Task, tasks(1))
    assert found.one().name == "t0"
    assert executor.asked[0].endswith("offset 0 limit 2")


def test_one_of_none_says_what_was_asked() -> None:
    every, _ = select(Task)
    with pytest.raises(NoResultError) as caught:
        every.where(Task.name == "x").one()
    assert 'name is "x"' in caught.value.expression


def test_one_of_several_names_two() -> None:
    found, _ = select(Task, tasks(3))
    for ask in (found.one, found.one_or_none):
        with pytest.raises(MultipleResultsError) as caught:
            ask()
        assert caught.value.keys == ("Task(id0)", "Task(id1)")


def test_one_or_none_of_none_is_none() -> None:
    assert select(Task)[0].one_or_none() is None


def test_a_smaller_limit_stands() -> None:
    found, executor = select(Task, tasks(3))
    assert found.limit(0).first() is None
    assert found.limit(1).one().name == "t0"
    assert executor.asked[-1].endswith("limit 1")


# -- values ----------------------------------------------------------------------


def test_values_are_rows_of_the_paths_in_order() -> None:
    status = {"__entity_type__": "Status", "id": "s", "name": "Open"}
    rows: list[dict[str, Any]] = [
        {"__entity_type__": "Task", "id": "1", "name": "a", "status": status},
        {"__entity_type__": "Task", "id": "2", "name": "b", "status": None},
    ]
    found, executor = select(Task, rows)
    assert found.values(Task.status.name, Task.name) == [("Open", "a"), (None, "b")]
    assert executor.asked == ["select status.name, name from Task offset 0 limit 3"]


def test_values_fill_in_what_a_reply_said_before() -> None:
    # Protocol 3.6: later occurrences are bare references.
    state = {"__entity_type__": "State", "id": "x", "short": "DONE"}
    first = {"__entity_type__": "Status", "id": "s", "name": "Ok", "state": state}
    bare = {"__entity_type__": "Status", "id": "s"}
    other = {
        "__entity_type__": "Status",
        "id": "s2",
        "name": "Also",
        "state": {"__entity_type__": "State", "id": "x"},
    }
    rows: list[dict[str, Any]] = [
        {"__entity_type__": "Task", "id": str(i), "status": status}
        for i, status in enumerate([first, bare, other])
    ]
    found, _ = select(Task, rows)
    assert found.values(Task.status.name, Task.status.state.short) == [
        ("Ok", "DONE"),
        ("Ok", "DONE"),
        ("Also", "DONE"),
    ]


def test_values_fill_in_a_row_that_was_a_reference_before() -> None:
    # A root reached through a relation is bare there, even when it comes first.
    rows: list[dict[str, Any]] = [
        {
            "__entity_type__": "Task",
            "id": "1",
            "name": "child",
            "parent": {"__entity_type__": "Task", "id": "2"},
        },
        {"__entity_type__": "Task", "id": "2", "name": "root", "parent": None},
    ]
    found, _ = select(Task, rows)
    assert found.values(Task.name, Task.parent.name.or_none) == [
        ("child", "root"),
        ("root", None),
    ]


def test_values_read_time_in_utc() -> None:
    rows: list[dict[str, Any]] = [
        {
            "__entity_type__": "Task",
            "id": "1",
            "end_date": {"__type__": "datetime", "value": "2022-10-10T10:12:09"},
        }
    ]
    [(end,)] = select(Task, rows)[0].values(Task.end_date)
    assert end is not None
    assert end.isoformat() == "2022-10-10T10:12:09+00:00"


def test_values_of_a_mapped_date_are_datetimes() -> None:
    item: dict[str, Any] = {
        "__entity_type__": "ContextCustomAttributeValue",
        "configuration_id": "c",
        "entity_id": "1",
        "key": "due",
        "value": {"__type__": "datetime", "value": "2022-10-10T10:12:09"},
    }
    row = {"__entity_type__": "Task", "id": "1", "custom_attributes": [item]}
    found, executor = select(Task, [row])
    paths = Task.custom_attributes["due"], Task.custom_attributes["other"]
    assert found.values(*paths) == [(datetime(2022, 10, 10, 10, 12, 9, 0, UTC), None)]
    assert executor.asked == [
        "select custom_attributes.key, custom_attributes.value from Task "
        "offset 0 limit 3"
    ]


def test_values_take_the_first_occurrence_of_a_mapped_attribute() -> None:
    # Later occurrences of an entity are its type and key alone (protocol 3.6).
    full = {
        "__entity_type__": "Shot",
        "id": "s",
        "metadata": [
            {"__entity_type__": "Metadata", "parent_id": "s", "key": "k", "value": "v"}
        ],
    }
    bare = {"__entity_type__": "Shot", "id": "s"}
    rows: list[dict[str, Any]] = [
        {"__entity_type__": "Task", "id": "1", "parent": full},
        {"__entity_type__": "Task", "id": "2", "parent": bare},
        {"__entity_type__": "Task", "id": "3", "parent": None},
    ]
    found, _ = select(Task, rows)
    assert found.values(Task.parent.as_(Shot).metadata["k"]) == [
        ("v",),
        ("v",),
        (None,),
    ]


def test_a_row_that_occurred_before_as_a_link_is_complete() -> None:
    rows: list[dict[str, Any]] = [
        {
            "__entity_type__": "Shot",
            "id": "1",
            "parent": {"__entity_type__": "Sequence", "id": "2", "name": "seq"},
        },
        {"__entity_type__": "Sequence", "id": "2", "parent": None},
    ]
    found, _ = select(TypedContext, rows)
    assert found.values(TypedContext.parent.name.or_none, TypedContext.name) == [
        ("seq", None),
        (None, "seq"),
    ]


def test_values_of_one_path_twice_ask_once() -> None:
    found, executor = select(Task, tasks(1))
    assert found.values(Task.name, Task.name) == [("t0", "t0")]
    assert executor.asked == ["select name from Task offset 0 limit 3"]


def test_values_come_over_all_pages_up_to_the_limit() -> None:
    found, executor = select(Task, tasks(8))
    assert found.limit(7).values(Task.name) == [(f"t{i}",) for i in range(7)]
    assert [asked[-16:] for asked in executor.asked] == [
        "offset 0 limit 3",
        "offset 3 limit 3",
        "offset 6 limit 1",
    ]


def test_values_refuse_what_is_no_scalar() -> None:
    found: Any = select(Task)[0]
    for path in (Task.status, Task.notes, Task.metadata, "name"):
        with pytest.raises(QueryError, match="scalar"):
            found.values(path)
    with pytest.raises(QueryError, match="at least one"):
        found.values()


def test_values_refuse_to_go_through_a_collection() -> None:
    found, executor = select(Task)
    with pytest.raises(QueryError, match="collection 'notes'"):
        found.values(Task.notes.each.content)
    assert executor.asked == []


def test_values_refuse_a_collection_behind_a_cast_when_they_meet_it() -> None:
    rows: list[dict[str, Any]] = [
        {
            "__entity_type__": "Appointment",
            "id": "1",
            "resource": {"__entity_type__": "User", "id": "u", "timelogs": [{}]},
        }
    ]
    found, _ = select(Appointment, rows)
    with pytest.raises(QueryError, match="collection before 'id'"):
        found.values(Appointment.resource.as_(User).timelogs.each.id.or_none)


def test_values_of_another_type_are_refused() -> None:
    found, _ = select(Task)
    with pytest.raises((CriterionError, QueryError)):
        found.values(AssetVersion.comment)
