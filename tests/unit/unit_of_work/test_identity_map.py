"""One object for each key of a family of types."""

from __future__ import annotations

from ftrack_models import Metadata, Shot, Task, registry
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.identity_map import IdentityMap, bare
from tests.support.fake_executor import persistent


def empty() -> IdentityMap:
    return IdentityMap(lambda name: registry.resolve(name).__ftrack__)


def test_an_entity_is_found_by_its_type_and_by_a_base() -> None:
    identity_map, task = empty(), persistent(Task, id="t1")

    assert identity_map.add(task)

    assert identity_map.get(Reference("Task", ("t1",))) is task
    assert identity_map.find("Task", ("t1",)) is task
    assert identity_map.find("TypedContext", ("t1",)) is task
    assert identity_map.find("Context", ("t1",)) is task


def test_a_reference_names_exactly_one_type() -> None:
    identity_map = empty()
    identity_map.add(persistent(Task, id="t1"))

    assert identity_map.get(Reference("TypedContext", ("t1",))) is None
    assert identity_map.find("Shot", ("t1",)) is None


def test_an_unknown_type_or_key_finds_nothing() -> None:
    identity_map = empty()

    assert identity_map.find("Task", ("t1",)) is None
    assert identity_map.find("Unheard", ("t1",)) is None


def test_the_first_object_of_a_key_stays() -> None:
    identity_map, first = empty(), persistent(Task, id="t1")
    second, shot = persistent(Task, id="t1"), persistent(Shot, id="t1")
    identity_map.add(first)

    assert identity_map.add(first)
    assert not identity_map.add(second)
    assert not identity_map.add(shot)

    assert list(identity_map) == [first]
    assert first in identity_map
    assert second not in identity_map


def test_an_entity_without_a_whole_key_is_not_added() -> None:
    identity_map = empty()

    assert not identity_map.add(persistent(Metadata, key="source"))

    assert len(identity_map) == 0


def test_keys_of_several_values_are_tuples() -> None:
    identity_map = empty()
    row = persistent(Metadata, parent_id="t1", key="source")
    identity_map.add(row)

    key = row.__ftrack__.primary_key
    found = identity_map.find("Metadata", tuple(getattr(row, name) for name in key))

    assert found is row
    assert bare(("t1", "source")) == ("t1", "source")
    assert bare(("t1",)) == "t1"


def test_discarding_forgets_that_object_alone() -> None:
    identity_map, first = empty(), persistent(Task, id="t1")
    identity_map.add(first)

    identity_map.discard(persistent(Task, id="t1"))
    assert first in identity_map

    identity_map.discard(first)
    identity_map.discard(first)
    assert len(identity_map) == 0


def test_an_entity_whose_key_has_changed_is_discarded_by_the_old_one() -> None:
    identity_map, task = empty(), persistent(Task, id="t1")
    identity_map.add(task)
    vars(task)["id"] = "t2"

    identity_map.discard(task, "t1")

    assert len(identity_map) == 0


def test_clearing_forgets_everything() -> None:
    identity_map, task = empty(), persistent(Task, id="t1")
    identity_map.add(task)

    identity_map.clear()

    assert list(identity_map) == []
    assert task not in identity_map
