"""The values that an entity had before its edits."""

from __future__ import annotations

from ftrack_models import Shot, Task
from ftrack_orm import EntityState
from ftrack_orm.entity.tracking import (
    bare_key,
    is_new,
    key_of,
    record,
    restore_committed,
    server_value,
    store,
    unshared_state,
)
from ftrack_orm.types import NOT_LOADED
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete


def task() -> Task:
    return persistent(Task, id="t1", name="anim", bid=1.0)


def test_a_key_has_its_values_and_a_key_of_one_value_is_bare() -> None:
    assert key_of(task()) == ("t1",)
    assert bare_key(task()) == "t1"


def test_an_entity_is_new_until_a_server_has_it() -> None:
    assert is_new(incomplete(Task, name="anim"))
    assert not is_new(task())
    assert unshared_state(task()).state is EntityState.PERSISTENT


def test_an_edit_keeps_the_first_committed_value() -> None:
    edited = task()

    record(edited, "name", "fx")
    record(edited, "name", "comp")

    assert edited.name == "comp"
    assert server_value(edited, "name") == "anim"
    assert server_value(edited, "bid") == 1.0


def test_an_edit_of_a_value_that_was_not_loaded_says_so() -> None:
    edited = task()

    record(edited, "description", "new")

    assert server_value(edited, "description") is NOT_LOADED
    assert server_value(edited, "status_id") is NOT_LOADED


def test_a_loaded_value_does_not_replace_an_edit() -> None:
    edited = task()
    record(edited, "name", "fx")

    store(edited, "name", "from the server")

    assert edited.name == "fx"
    assert server_value(edited, "name") == "from the server"


def test_restoring_shows_the_committed_values_again() -> None:
    edited = task()
    record(edited, "name", "fx")
    record(edited, "bid", 2.0)

    restore_committed(edited, ["name"])
    assert (edited.name, edited.bid) == ("anim", 2.0)

    restore_committed(edited)
    assert (edited.name, edited.bid) == ("anim", 1.0)


def test_restoring_forgets_a_value_that_was_not_loaded() -> None:
    edited = task()
    record(edited, "description", "new")

    restore_committed(edited)

    assert "description" not in vars(edited)


def test_a_new_entity_has_no_server_value() -> None:
    shot = incomplete(Shot, name="010")

    assert is_new(shot)
    assert bare_key(shot) == shot.id
