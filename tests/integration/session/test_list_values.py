"""Values that are lists or mappings: edits are recorded, or cannot be made."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from ftrack_models import ContextCustomAttributeValue, CustomAttributeConfiguration
from ftrack_orm import PlanChangedError, Session
from ftrack_orm.unit_of_work.changes import DeleteChange
from tests.support.custom_attribute_configurations import configure
from tests.support.demo_production import a_task


@pytest.fixture
def tags(other: Session, session: Session) -> CustomAttributeConfiguration:
    """The configuration of a list of tags of tasks."""
    made = configure(other, "tags", "enumerator", ["a"])
    found = session.get(CustomAttributeConfiguration, made)
    assert found is not None
    return found


def shown(tags: CustomAttributeConfiguration) -> Any:
    return tags.default


def test_the_list_of_a_variable_attribute_records_its_changes(
    session: Session, other: Session, tags: CustomAttributeConfiguration
) -> None:
    held: Any = tags.default
    held.append("b")
    plan = session.plan()
    [change] = plan
    assert not isinstance(change, DeleteChange)
    assert change.values == {"default": ("a", "b")}
    held.append("c")
    with pytest.raises(PlanChangedError):
        session.commit(expect=plan)
    session.commit()
    assert shown(tags) is held
    held.clear()
    session.rollback()
    assert held == ["a", "b", "c"]
    seen = other.get(CustomAttributeConfiguration, tags.id)
    assert seen is not None
    seen.default = ["z"]
    other.commit()
    session.refresh(tags)
    assert shown(tags) is held
    assert held == ["z"]
    tags.default = ["y"]
    assert held == ["y"]
    tags.default = ["z"]
    assert not session.plan()


def test_a_row_and_its_owner_show_the_same_list(
    session: Session, tags: CustomAttributeConfiguration
) -> None:
    task = a_task(session)
    row = (
        session.select(ContextCustomAttributeValue)
        .where(
            ContextCustomAttributeValue.entity_id == task.id,
            ContextCustomAttributeValue.key == "tags",
        )
        .one()
    )
    held: Any = row.value
    held.append("b")
    session.commit()
    assert row.value is held
    assert task.custom_attributes["tags"] == ["a", "b"]
    task.custom_attributes["tags"] = ["c"]
    session.commit()
    assert row.value is held
    assert held == ["c"]


NESTED = [
    ([["a"]], lambda value: value[0].append("b")),
    ([["a"]], lambda value: value[0].__iadd__(["b"])),
    ([["a"]], lambda value: value[0].clear()),
    ([["a"]], lambda value: value[0].__setitem__(0, "b")),
    ([{"a": 1}], lambda value: value[0].update(a=2)),
    ([{"a": [1]}], lambda value: value[0]["a"].pop()),
    ({"a": 1}, lambda value: value.__setitem__("b", 2)),
    ({"a": 1}, lambda value: value.pop("a")),
    ({"a": {"b": 1}}, lambda value: value["a"].clear()),
    ({"a": [1]}, lambda value: value["a"].append(2)),
]


@pytest.mark.parametrize(("value", "edit"), NESTED)
def test_a_part_of_a_value_cannot_be_changed_in_place(
    session: Session, tags: CustomAttributeConfiguration, value: Any, edit: Any
) -> None:
    before = copy.deepcopy(value)
    tags.default = value
    plan = session.plan()
    with pytest.raises(TypeError, match="assign it to the attribute"):
        edit(tags.default)
    edit(value)  # the caller's own value is another
    assert tags.default == before
    assert session.plan() == plan
    pickled = pickle.dumps(tags.default)
    edit(copy.deepcopy(tags.default))
    edit(pickle.loads(pickled))  # noqa: S301 # pickled above
    assert tags.default == before
