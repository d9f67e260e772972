"""Values are checked when they are set; errors name what they are about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any

import pytest

from ftrack_models import AssetVersion, Job, Metadata, Shot, Status, Task
from ftrack_orm import (
    AttributeValueError,
    EntityState,
    NotLoadedError,
    ReadOnlyAttributeError,
    UnknownAttributeError,
)
from tests.support.incomplete import incomplete

EAST = timezone(timedelta(hours=2))
WEST = timezone(timedelta(hours=-2))


class Colour(str, Enum):  # noqa: UP042 # `str(Colour.RED)` is not "red"
    RED = "red"


class Size(IntEnum):
    LARGE = 3


class Share(float, Enum):
    HALF = 0.5


class Moment(datetime):
    pass


@pytest.mark.parametrize(
    ("make", "attribute", "value", "expected"),
    [
        (Task, "name", 3, "text"),
        (Task, "bid", "long", "a number"),
        (Task, "bid", True, "a number"),
        (Status, "sort", 1.5, "a whole number"),
        (Status, "is_active", 1, "a boolean"),
        (Task, "bid", float("inf"), "a finite number"),
        (Task, "bid", Decimal("0.1"), "a number"),
        (Task, "start_date", datetime.max.replace(tzinfo=WEST), "years 1 to 9999"),
        (Task, "start_date", datetime.min.replace(tzinfo=EAST), "years 1 to 9999"),
        (Task, "start_date", "soon", "a datetime with a time zone"),
        (Task, "start_date", datetime(2026, 1, 1), "a datetime with a time zone"),
        (Job, "status", "finished", "'queued', 'running', 'done', 'failed'"),
        (Task, "status", "Approved", "a Status"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_changes_nothing(
    make: Any, attribute: str, value: object, expected: str
) -> None:
    entity = make()
    before = dict(vars(entity))

    with pytest.raises(AttributeValueError) as caught:
        setattr(entity, attribute, value)

    error = caught.value
    assert error.attribute == attribute
    assert error.value is value or error.value == value
    for part in (attribute, repr(value), expected):
        assert part in str(error)
    assert dict(vars(entity)) == before


def test_no_number_is_refused_and_changes_nothing() -> None:
    task = incomplete(Task, name="a", bid=1.0)

    with pytest.raises(AttributeValueError, match=r"nan .*a finite number"):
        task.bid = float("nan")

    assert task.bid == 1.0


@pytest.mark.parametrize(
    ("make", "attribute", "value", "expected"),
    [
        (Task, "description", Colour.RED, "red"),
        (Status, "sort", Size.LARGE, 3),
        (Task, "bid", Share.HALF, 0.5),
        (Task, "bid", Size.LARGE, 3),
        (Metadata, "value", Colour.RED, "red"),
        (
            Task,
            "start_date",
            Moment(2026, 1, 1, tzinfo=UTC),
            datetime(2026, 1, 1, tzinfo=UTC),
        ),
    ],
)
def test_a_subclass_of_a_scalar_is_kept_as_the_scalar(
    make: Any, attribute: str, value: object, expected: object
) -> None:
    entity = make()

    setattr(entity, attribute, value)

    kept = getattr(entity, attribute)
    assert kept == expected
    assert type(kept) is type(expected)


def test_a_datetime_is_kept_in_utc() -> None:
    east = timezone(timedelta(hours=2))
    task = incomplete(Task, name="a", start_date=datetime(2026, 1, 1, 12, tzinfo=east))

    assert task.start_date == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert task.start_date is not None
    assert task.start_date.utcoffset() == timedelta(0)


def test_what_only_the_server_sets_is_refused() -> None:
    task: Any = incomplete(Task, name="a")
    for name in ("id", "link", "created_at", "time_logged"):
        with pytest.raises(ReadOnlyAttributeError, match=name):
            setattr(task, name, None)
    shot: Any = incomplete(Shot, name="b")
    with pytest.raises(ReadOnlyAttributeError, match="bid"):
        shot.bid = 1.0


@pytest.mark.parametrize(
    "use",
    [
        lambda: Task(nmae="a"),  # type: ignore[call-arg]
        lambda: incomplete(Task, name="a").nmae,  # type: ignore[attr-defined]
        lambda: setattr(incomplete(Task, name="a"), "nmae", "b"),
        lambda: Task.nmae,  # type: ignore[attr-defined]
    ],
)
def test_an_unknown_name_offers_the_nearest(use: Any) -> None:
    with pytest.raises(UnknownAttributeError) as caught:
        use()
    assert "name" in caught.value.suggestions
    assert "'name'" in str(caught.value)


def test_a_new_entity_gets_its_key_here_and_no_other_value() -> None:
    task = incomplete(Task, name="a")

    assert task.entity_state is EntityState.TRANSIENT
    assert len(task.id) == 36
    assert set(vars(task)) == {"id", "name"}
    assert incomplete(Task, name="a").id != task.id


def test_a_composite_key_is_given_by_the_caller() -> None:
    row = Metadata(parent_id="p", parent_type="Task", key="k", value="v")
    assert row.reference == ("Metadata", ("p", "k"))


def test_unset_attributes_of_a_new_entity_read_as_what_is_known() -> None:
    task = incomplete(Task, name="a")
    assert task.start_date is None
    assert list(task.children) == []
    assert dict(task.metadata) == {}
    with pytest.raises(NotLoadedError, match="the server sets it"):
        _ = task.bid


def test_a_link_and_its_foreign_key_agree() -> None:
    approved, other = (
        Status(name="Approved", is_active=True),
        Status(name="Other", is_active=True),
    )
    task = incomplete(Task, name="a", status=approved)
    assert task.status_id == approved.id

    task.status = other
    assert task.status_id == other.id


def test_a_constructor_enters_no_collection_and_an_append_sets_the_link() -> None:
    first, second = incomplete(Shot, name="010"), incomplete(Shot, name="020")
    assert (list(first.children), list(second.children)) == ([], [])
    task = Task(name="a", parent=first)
    # Entities outside a session touch no other entity's collections.
    assert list(first.children) == []

    second.children.append(task)
    assert task.parent is second
    assert task.parent_id == second.id
    assert list(second.children) == [task]

    second.children.remove(task)
    assert [task.parent, task.parent_id] == [None, None]


def test_a_member_of_the_wrong_type_or_twice_is_refused() -> None:
    shot = incomplete(Shot, name="010")
    task = incomplete(Task, name="a")
    shot.children.append(task)
    wrong: Any = Status(name="x", is_active=True)
    for members in ([wrong], [task, task]):
        with pytest.raises(AttributeValueError, match="children"):
            shot.children = members
    assert list(shot.children) == [task]


def test_what_the_server_works_out_is_not_edited() -> None:
    task = incomplete(Task, name="a")
    with pytest.raises(ReadOnlyAttributeError, match="ancestors"):
        task.ancestors.append(incomplete(Shot, name="010"))


def test_metadata_holds_text_under_text() -> None:
    version = incomplete(AssetVersion, metadata={"a": "b"})
    metadata: Any = version.metadata
    with pytest.raises(AttributeValueError, match="metadata"):
        metadata["c"] = 3
    assert dict(version.metadata) == {"a": "b"}
