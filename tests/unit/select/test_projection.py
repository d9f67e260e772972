"""The projections of a select, from its type and the attributes to load."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Shot, State, Task
from ftrack_orm import QueryError
from ftrack_orm.select.projection import loaded_projections, relation_names

STATE_SCALARS = {"id", "name", "short"}


def texts(*paths: Any, all_own: bool = False) -> list[str]:
    projections = loaded_projections(Task.__ftrack__, paths, all_own=all_own)
    return [str(path) for path in projections]


def test_a_select_projects_the_scalars_of_its_type_and_no_relations() -> None:
    own = texts(all_own=True)

    assert {"id", "name", "bid", "status_id", "start_date"} <= set(own)
    assert {"status", "children", "metadata"}.isdisjoint(own)
    assert texts() == []


def test_a_loaded_link_projects_the_scalars_of_its_target() -> None:
    assert set(texts(Task.status.state)) == {
        f"status.state.{name}" for name in STATE_SCALARS
    }


def test_a_loaded_scalar_projects_itself_only() -> None:
    assert texts(Task.status.name) == ["status.name"]


def test_a_downcast_link_projects_the_scalars_of_the_narrower_type() -> None:
    general, narrow = texts(Task.parent), texts(Task.parent.as_(Shot))

    assert "parent.bid" not in general
    assert {"parent[Shot].name", "parent[Shot].bid"} <= set(narrow)
    assert all(text.startswith("parent[Shot].") for text in narrow)


def test_mapped_attributes_project_their_keys_and_values() -> None:
    custom, state = Task.__ftrack__.attributes["custom_attributes"], State.__ftrack__
    target = Task.__ftrack__.type_named(str(custom.target))

    assert texts(Task.metadata) == ["metadata.key", "metadata.value"]
    # The key of a custom attribute's row is its configuration (protocol 3.5).
    assert set(relation_names(custom, target)) == {"key", "value", "configuration_id"}
    link = Task.__ftrack__.attributes["status"]
    assert set(relation_names(link, state)) == STATE_SCALARS


def test_a_projection_is_asked_for_once_in_the_order_of_the_arguments() -> None:
    assert texts(Task.status.name, Task.bid, Task.status.name) == ["status.name", "bid"]
    own = texts(all_own=True)
    assert texts(Task.name, Task.status.name, all_own=True) == [*own, "status.name"]


def test_an_attribute_for_conditions_only_cannot_be_loaded() -> None:
    with pytest.raises(QueryError, match=r"Use it in where\(\)"):
        texts(Task.custom_attribute_links)
