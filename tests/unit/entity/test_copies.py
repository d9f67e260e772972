"""Copies and dumps of entities, which load nothing and change no session."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import PrivateAttr

from ftrack_models import Shot, Status, Task, Timelog, registry
from ftrack_orm import EntityState, Registry, UnknownEntityTypeError
from ftrack_orm.entity.copies import (
    bare_entity,
    deepcopy_extras,
    dump_values,
    extras_of,
    loaded_values,
    restore,
    set_extras,
    shallow_copy,
)
from ftrack_orm.entity.entity import adopt
from ftrack_orm.entity.state import InstanceState
from ftrack_orm.types import Reference
from tests.support.fake_executor import NeverLoading, persistent
from tests.support.incomplete import incomplete

APPROVED = persistent(Status, id="approved")


def loaded(**values: Any) -> Task:
    """Return a task of a session that has a status in memory and cannot load."""
    state = InstanceState(
        EntityState.PERSISTENT,
        NeverLoading(),
        tables={"Status": {"approved": APPROVED}},
    )
    made: Task = adopt(Task, {"id": "t1", **values}, state)
    return made


def test_the_loaded_values_have_each_link_whose_target_is_in_memory() -> None:
    task = loaded(status_id="approved", type_id="elsewhere", parent_id=None)

    assert loaded_values(task) == {
        "id": "t1",
        "status_id": "approved",
        "type_id": "elsewhere",
        "parent_id": None,
        "status": APPROVED,
    }


def test_an_unloaded_collection_is_no_loaded_value() -> None:
    task = incomplete(Task, name="anim")
    task.timelogs.append(timelog := Timelog(duration=60.0))
    assert list(loaded_values(task)["timelogs"]) == [timelog]

    task.timelogs.is_loaded = False

    assert "timelogs" not in loaded_values(task)


def test_a_copy_shares_linked_entities_and_no_collection() -> None:
    task = Task(name="anim", parent=incomplete(Shot, name="010"), metadata={"a": "1"})
    task.timelogs.append(timelog := Timelog(duration=60.0))

    copied = shallow_copy(task)
    copied.timelogs.append(Timelog(duration=5.0))
    copied.metadata["b"] = "2"

    assert copied.parent is task.parent
    assert list(task.timelogs) == [timelog]
    assert copied.timelogs[0] is timelog
    assert dict(task.metadata) == {"a": "1"}
    assert dict(copied.metadata) == {"a": "1", "b": "2"}


def test_a_copy_is_new_if_the_entity_is_and_else_belongs_to_no_session() -> None:
    task = loaded(status_id="approved")

    copied = shallow_copy(task)
    copied.status_id = "omitted"

    assert copied.entity_state is EntityState.DETACHED
    assert copied.__ftrack_state__.owner is None
    assert task.status is APPROVED
    assert (
        shallow_copy(incomplete(Task, name="anim")).entity_state
        is EntityState.TRANSIENT
    )


def test_a_dump_has_references_and_plain_containers_and_is_restored() -> None:
    task = incomplete(Task, name="anim", metadata={"a": "1"})
    task.timelogs.append(timelog := Timelog(duration=60.0))
    task.status = APPROVED

    dumped = dump_values(task)
    restored = restore(Task, dumped, new=False)

    assert dumped == {
        "id": task.id,
        "name": "anim",
        "metadata": {"a": "1"},
        "timelogs": [Reference("Timelog", (timelog.id,))],
        "status_id": "approved",
        "status": Reference("Status", ("approved",)),
    }
    assert type(dumped["timelogs"]) is list
    assert restored.entity_state is EntityState.DETACHED
    assert (restored.status, restored.status is APPROVED) == (APPROVED, False)
    assert vars(restored.timelogs[0]) == {"id": timelog.id}
    assert restored.metadata == {"a": "1"}
    assert restore(Task, dumped, new=True).entity_state is EntityState.TRANSIENT


def test_a_bare_entity_has_its_key_alone() -> None:
    bare = bare_entity(registry, Reference("NoteLabelLink", ("n1", "l1")))

    assert vars(bare) == {"note_id": "n1", "label_id": "l1"}
    assert bare.entity_state is EntityState.DETACHED
    for unknown in (None, Registry("absent_package")):
        with pytest.raises(UnknownEntityTypeError, match="NoteLabelLink"):
            bare_entity(unknown, Reference("NoteLabelLink", ("n1", "l1")))


class Reviewed(Task):
    """A task with values that are not of the schema."""

    tags: list[Any] = []  # noqa: RUF012 # pydantic copies a default
    _seen: list[str] = PrivateAttr(default_factory=list)


def test_the_values_of_a_subclass_are_copied_with_their_names() -> None:
    task, copied = (
        incomplete(Reviewed, name="anim", tags=["a"]),
        incomplete(Reviewed, name="anim"),
    )
    task._seen.append("today")

    extras = extras_of(task)
    assert extras is not None
    assert extras == ({"tags": ["a"]}, {"_seen": ["today"]}, frozenset({"tags"}))
    set_extras(copied, extras)

    assert (copied.tags, copied._seen) == (["a"], ["today"])
    assert "tags" in copied.model_fields_set
    assert extras_of(incomplete(Task, name="anim")) is None


def test_a_deep_copy_of_the_values_shares_nothing_and_keeps_circles() -> None:
    task, copied = incomplete(Reviewed, name="anim"), incomplete(Reviewed, name="anim")
    task.tags = [["nested"], task]

    deepcopy_extras(task, copied, {})
    copied.tags[0].append("more")

    assert copied.tags[1] is copied
    assert task.tags[0] == ["nested"]
