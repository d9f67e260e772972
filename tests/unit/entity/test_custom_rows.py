"""Configurations of custom attributes, and which of them gets a shared key."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from ftrack_models import CustomAttributeConfiguration, Note, Task
from ftrack_orm.entity.custom_rows import Configuration, CustomRows, bare_id, rank
from ftrack_orm.entity.entity import adopt
from ftrack_orm.entity.state import EntityState, InstanceState
from ftrack_orm.types import Reference
from tests.support.fake_executor import NeverLoading, persistent
from tests.support.incomplete import incomplete


def configuration(
    key: str,
    *,
    project: str | None = None,
    hierarchical: bool = False,
    object_type: str | None = None,
) -> Configuration:
    return Configuration(key, "fps", "task", object_type, project, hierarchical)


# From the most to the least specific.
SPECIFIC = configuration("specific", project="p1", object_type="shot")
PROJECT = configuration("project", project="p1", hierarchical=True)
PLAIN = configuration("plain", object_type="shot")
EVERY = configuration("every")
GLOBAL = configuration("global", hierarchical=True)
RANKED = [SPECIFIC, PROJECT, PLAIN, EVERY, GLOBAL]


class Configured(NeverLoading):
    """An owner that has the configurations above."""

    def configured(self, configuration_id: str) -> Configuration | None:
        return {one.id: one for one in RANKED}.get(configuration_id)


def configured_task() -> Task:
    state = InstanceState(EntityState.PERSISTENT, Configured())
    made: Task = adopt(Task, {"id": "t1"}, state)
    return made


def test_a_project_comes_before_a_plain_and_that_before_a_hierarchical_one() -> None:
    by_precedence = sorted(RANKED, key=lambda one: one.precedence, reverse=True)

    assert [one.id for one in by_precedence] == [one.id for one in RANKED]


@pytest.mark.parametrize("order", list(permutations([PROJECT, PLAIN, GLOBAL])))
def test_the_most_specific_configuration_gets_the_key_in_any_order_of_rows(
    order: tuple[Configuration, ...],
) -> None:
    first, *others = order
    rows = {"fps": f"{first.id} value", **{one.id: f"{one.id} value" for one in others}}
    row_keys = {"fps": first.id, **{one.id: one.id for one in others}}
    custom = CustomRows({one.id: "fps" for one in others})
    assert not custom.is_ranked

    rank(configured_task(), custom, rows, row_keys)

    assert rows == {
        "fps": "project value",
        "plain": "plain value",
        "global": "global value",
    }
    assert row_keys == {"fps": "project", "plain": "plain", "global": "global"}
    assert custom.shadowed == {"plain": "fps", "global": "fps"}
    assert custom.is_ranked


def test_a_row_of_an_unknown_configuration_keeps_its_name() -> None:
    rows = {"fps": 24, "unknown": 25}
    custom = CustomRows({"unknown": "fps"})

    rank(configured_task(), custom, rows, {"fps": "global", "unknown": "unknown"})

    assert rows == {"fps": 24, "unknown": 25}


def test_rows_of_an_entity_without_a_session_are_not_ranked() -> None:
    rows = {"fps": 24, "project": 25}
    custom = CustomRows({"project": "fps"})

    rank(
        incomplete(Task, name="anim"),
        custom,
        rows,
        {"fps": "global", "project": "project"},
    )

    assert rows == {"fps": 24, "project": 25}
    assert not custom.is_ranked


def test_rows_without_a_shared_key_need_no_ranking() -> None:
    assert CustomRows().is_ranked


class Name(str):
    """A text of another class."""


@pytest.mark.parametrize(
    "key",
    [
        "c1",
        Name("c1"),
        Reference("CustomAttributeConfiguration", ("c1",)),
        persistent(CustomAttributeConfiguration, id="c1"),
    ],
)
def test_a_configuration_is_addressed_by_its_plain_id(key: Any) -> None:
    assert bare_id(key) == "c1"
    assert type(bare_id(key)) is str


@pytest.mark.parametrize(
    "key",
    [5, None, Reference("Note", ("n1",)), persistent(Note, id="n1")],
)
def test_another_key_is_returned_unchanged(key: Any) -> None:
    assert bare_id(key) is key
