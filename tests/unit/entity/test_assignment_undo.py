"""Assignments that a model validator rejects, and that change nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ConfigDict, ValidationError, model_validator

from ftrack_models import (
    ContextCustomAttributeValue,
    NoteLabelLink,
    Shot,
    Task,
    Timelog,
    TypedContextList,
)
from ftrack_orm import Session
from ftrack_orm.entity.assignment_undo import undo_of
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete
from tests.support.transports import UnusedTransport


class Guarded(Task):
    """A task that accepts assignments until it is closed."""

    model_config = ConfigDict(validate_assignment=True)

    closed: bool = False

    @model_validator(mode="after")
    def refuse_edits(self) -> Guarded:
        """Refuse every assignment to a closed task."""
        if self.closed and CLOSED:
            raise ValueError("closed")
        return self


CLOSED: list[Guarded] = []


def closed(task: Guarded) -> Guarded:
    """Close a task, whose next assignments are rejected."""
    CLOSED.clear()
    task.closed = True
    CLOSED.append(task)
    return task


FIRST, SECOND, REFUSED = (persistent(Shot, id=f"s{number}") for number in range(3))


@pytest.mark.parametrize("edit", [None, SECOND])
@pytest.mark.parametrize(
    ("name", "value"), [("parent", REFUSED), ("parent_id", "s2"), ("parent", None)]
)
def test_a_rejected_link_leaves_the_key_and_the_target(
    edit: Shot | None, name: str, value: Any
) -> None:
    task = Guarded(name="anim", parent=FIRST)
    if edit is not None:
        task.parent = edit
    closed(task)

    with pytest.raises(ValidationError, match="closed"):
        setattr(task, name, value)

    assert task.parent is (edit or FIRST)
    assert task.parent_id == (edit or FIRST).id


def test_a_rejected_first_link_leaves_no_target() -> None:
    task = closed(incomplete(Guarded, name="anim"))

    with pytest.raises(ValidationError, match="closed"):
        task.parent = REFUSED

    assert task.parent is None
    assert task.parent_id is None


class ShortValue(ContextCustomAttributeValue):
    """A value of two items at most."""

    model_config = ConfigDict(validate_assignment=True)

    @model_validator(mode="after")
    def refuse_long(self) -> ShortValue:
        """Refuse more than two items."""
        if isinstance(self.value, list) and len(self.value) > 2:
            raise ValueError("too long")
        return self


def test_a_rejected_list_leaves_the_content_before() -> None:
    row: Any = incomplete(
        ShortValue, configuration_id="c1", entity_id="t1", value=["a"]
    )
    row.value.append("b")

    for edit in (lambda: setattr(row, "value", [1, 2, 3]), lambda: row.value.append(3)):
        with pytest.raises(ValidationError, match="too long"):
            edit()
        assert row.value == ["a", "b"]


def test_rejected_rows_leave_the_edits_before() -> None:
    task = incomplete(Guarded, name="anim", metadata={"a": "1"})
    task.metadata["b"] = "2"
    closed(task)

    with pytest.raises(ValidationError, match="closed"):
        task.metadata = {"a": "3"}

    assert dict(task.metadata) == {"a": "1", "b": "2"}


def test_rejected_members_leave_the_list_its_order_and_all_keys() -> None:
    task, other = incomplete(Guarded, name="anim"), incomplete(Task, name="comp")
    first, second, foreign = (Timelog(duration=float(number)) for number in range(3))
    with Session(transport=UnusedTransport(), check_schema="ignore") as session:
        session.add_all([task, other, first, second, foreign])
        task.timelogs = [second, first]
        other.timelogs = [foreign]
        closed(task)

        with pytest.raises(ValidationError, match="closed"):
            task.timelogs = [foreign, first, Timelog(duration=4.0)]

        assert list(task.timelogs) == [second, first]
        assert list(other.timelogs) == [foreign]
        assert second.context_id == task.id
        assert foreign.context_id == other.id


def test_rejected_members_of_pairs_leave_both_ends() -> None:
    task = incomplete(Guarded, name="anim")
    before, after = (
        incomplete(TypedContextList, name=name) for name in ("before", "after")
    )
    with Session(transport=UnusedTransport(), check_schema="ignore") as session:
        session.add_all([task, before, after])
        task.lists = [before]
        closed(task)

        with pytest.raises(ValidationError, match="closed"):
            task.lists = [after]

        assert list(task.lists) == [before]
        assert list(before.items) == [task]
        assert list(after.items) == []


class OpenLink(NoteLabelLink):
    """A link that refuses one label."""

    model_config = ConfigDict(validate_assignment=True)

    @model_validator(mode="after")
    def refuse_label(self) -> OpenLink:
        """Refuse one label."""
        if self.label_id == "refused":
            raise ValueError("refused")
        return self


@pytest.mark.parametrize("make", [OpenLink, OpenLink.model_construct])
def test_a_rejected_key_leaves_the_entity_under_the_key_before(
    make: Callable[..., OpenLink],
) -> None:
    link = make(note_id="n1", label_id="l1")
    with Session(transport=UnusedTransport(), check_schema="ignore") as session:
        session.add(link)

        with pytest.raises(ValidationError, match="refused"):
            link.label_id = "refused"

        assert session.get(NoteLabelLink, ("n1", "l1")) is link
        free = incomplete(NoteLabelLink, note_id="n1", label_id="refused")
        session.add(free)
        assert session.get(NoteLabelLink, ("n1", "refused")) is free


def edited(task: Task) -> Task:
    task.name = "edited"
    return task


@pytest.mark.parametrize("prepare", [lambda task: task, edited])
def test_an_undone_value_is_an_edit_only_if_it_was_one(
    prepare: Callable[[Task], Task],
) -> None:
    task = prepare(persistent(Task, id="t1", name="anim"))
    before, committed = task.name, dict(task.__ftrack_state__.committed or {})

    undo = undo_of(task, Task.__ftrack__.attributes["name"], "refused")
    task.name = "refused"
    undo()

    assert task.name == before
    assert task.__ftrack_state__.committed == committed
