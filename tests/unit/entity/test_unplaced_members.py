"""The index of entities whose owners have no loaded collection."""

from __future__ import annotations

from ftrack_models import Note, Task
from ftrack_orm.entity.unplaced_members import UnplacedMembers
from ftrack_orm.types import NOT_LOADED
from tests.support.fake_executor import persistent

CHILD = ("Context", "parent_id")


def task(key: str, **values: object) -> Task:
    return persistent(Task, id=key, **values)


def test_the_index_starts_with_the_entities_in_memory() -> None:
    first, second = task("t1", parent_id="s1"), task("t2", parent_id="s1")
    index = UnplacedMembers()

    index.track(*CHILD, {"t1": first, "t2": second, "t3": task("t3", parent_id="s2")})

    assert index.with_key(*CHILD, "s1") == [first, second]


def test_an_entity_without_a_loaded_owner_key_is_not_indexed() -> None:
    index = UnplacedMembers()

    index.track(*CHILD, {"t1": task("t1"), "t2": task("t2", parent_id=None)})
    index.add(*CHILD, NOT_LOADED, task("t3"))

    assert index.with_key(*CHILD, None) == []
    assert index.with_key(*CHILD, NOT_LOADED) == []


def test_nothing_is_indexed_before_a_collection_starts_the_index() -> None:
    index = UnplacedMembers()
    early, late = task("t1", parent_id="s1"), task("t2", parent_id="s1")

    index.add(*CHILD, "s1", early)
    index.track(*CHILD, {})
    index.add(*CHILD, "s1", late)

    assert index.with_key(*CHILD, "s1") == [late]


def test_a_second_start_keeps_the_index() -> None:
    index = UnplacedMembers()
    index.track(*CHILD, {})
    added = task("t1", parent_id="s1")
    index.add(*CHILD, "s1", added)

    index.track(*CHILD, {"t2": task("t2", parent_id="s1")})

    assert index.with_key(*CHILD, "s1") == [added]


def test_an_entity_leaves_every_index_of_its_root_type_only() -> None:
    index = UnplacedMembers()
    leaving = task("t1", parent_id="s1", project_id="p1")
    staying, note = task("t2", parent_id="s1"), persistent(Note, parent_id="s1")
    index.track(*CHILD, {"t1": leaving, "t2": staying})
    index.track("Context", "project_id", {"t1": leaving})
    index.track("Note", "parent_id", {"n1": note})

    index.remove("Context", leaving)

    assert index.with_key(*CHILD, "s1") == [staying]
    assert index.with_key("Context", "project_id", "p1") == []
    assert index.with_key("Note", "parent_id", "s1") == [note]


def test_an_entity_leaves_its_former_key_only() -> None:
    index = UnplacedMembers()
    moved = task("t1", parent_id="s1")
    index.track(*CHILD, {"t1": moved})
    index.add(*CHILD, "s2", moved)

    index.remove_key(*CHILD, "s1", moved)

    assert index.with_key(*CHILD, "s1") == []
    assert index.with_key(*CHILD, "s2") == [moved]


def test_a_cleared_index_has_to_be_started_again() -> None:
    index = UnplacedMembers()
    child = task("t1", parent_id="s1")
    index.track(*CHILD, {"t1": child})

    index.clear()
    index.add(*CHILD, "s1", child)
    assert index.with_key(*CHILD, "s1") == []

    index.track(*CHILD, {"t1": child})
    assert index.with_key(*CHILD, "s1") == [child]
