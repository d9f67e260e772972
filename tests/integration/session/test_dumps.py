"""Dumps of everything that was loaded validate back, for every type with rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ftrack_models import ContextCustomAttributeValue, Task, registry
from ftrack_orm import NO_RETRIES, EntityState, Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.entity.entity import Entity
from ftrack_orm.schema.attribute_kind import AttributeKind
from tests.support.incomplete import incomplete

TYPES_WITH_ROWS = 65
"""The demo seed has rows of at least this many types."""


def load_everything(entity: Entity) -> None:
    """Read every attribute that can be read."""
    for name, attribute in type(entity).__ftrack__.attributes.items():
        if attribute.restricted_projection:
            continue
        value = getattr(entity, name)
        if attribute.kind in (AttributeKind.COLLECTION, AttributeKind.MAPPED):
            len(value)


@pytest.fixture(scope="module")
def loaded(seeded: tuple[Emulator, bytes]) -> Iterator[list[Entity]]:
    """Two entities of each type that the seed has, with all their attributes."""
    emulator, snapshot = seeded
    emulator.restore(snapshot)
    with Session(
        transport=emulator.transport(), check_schema="ignore", retry=NO_RETRIES
    ) as session:
        entities: list[Entity] = []
        for name in sorted(registry):
            entities += session.select(registry.resolve(name)).limit(2).all()
        for entity in entities:
            load_everything(entity)
        yield entities


ROUND_TRIPS: dict[str, Callable[[Any], Any]] = {
    "python": lambda entity: type(entity).model_validate(entity.model_dump()),
    "alias": lambda entity: type(entity).model_validate(
        entity.model_dump(by_alias=True)
    ),
    "round trip": lambda entity: type(entity).model_validate(
        entity.model_dump(round_trip=True, exclude_unset=True)
    ),
    "json": lambda entity: type(entity).model_validate_json(entity.model_dump_json()),
    "json alias": lambda entity: type(entity).model_validate_json(
        entity.model_dump_json(by_alias=True)
    ),
}


@pytest.mark.parametrize("name", ROUND_TRIPS)
def test_a_dump_of_everything_validates_back(loaded: list[Entity], name: str) -> None:
    assert len({type(entity) for entity in loaded}) >= TYPES_WITH_ROWS
    for entity in loaded:
        again = ROUND_TRIPS[name](entity)
        assert again.entity_state is EntityState.TRANSIENT
        assert again == entity
        assert again.model_dump() == entity.model_dump(), repr(entity)


def test_a_dump_without_nulls_validates_back(loaded: list[Entity]) -> None:
    for entity in loaded:
        dumped = entity.model_dump(exclude_none=True)
        assert None not in dumped.values()
        again = type(entity).model_validate(dumped)
        assert again.model_dump(exclude_none=True) == dumped


def test_a_dump_holds_every_attribute(loaded: list[Entity]) -> None:
    """Links to nowhere are left out: their key is dumped, and says the same."""
    for entity in loaded:
        type_info = type(entity).__ftrack__
        dumped = entity.model_dump()
        by_alias = entity.model_dump(by_alias=True)
        for name, attribute in type_info.attributes.items():
            if attribute.restricted_projection:
                assert name not in dumped
            elif attribute.kind is not AttributeKind.LINK:
                assert name in dumped
                assert by_alias[attribute.server_name] == dumped[name]


def test_validated_data_leads_to_entities_of_the_right_type(
    loaded: list[Entity],
) -> None:
    task = next(entity for entity in loaded if type(entity) is Task)
    again = Task.model_validate(task.model_dump())
    assert task.parent is not None
    assert again.parent == task.parent
    assert type(again.parent) is type(task.parent)
    assert again.status == task.status
    assert list(again.assignments) == list(task.assignments)
    assert again.link_ == task.link_
    assert again.created_at == task.created_at


def test_parts_of_nested_values_can_be_chosen(loaded: list[Entity]) -> None:
    task = next(entity for entity in loaded if type(entity) is Task)
    dumped = task.model_dump(include={"name": True, "link": {0: {"name"}}})
    assert dumped == {"name": task.name, "link": [{"name": task.link[0]["name"]}]}
    short = task.model_dump(exclude={"link": {"__all__": {"id", "type"}}})
    assert short["link"] == [{"name": item["name"]} for item in task.link]


MOMENT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def test_moments_in_values_of_any_type_come_back_as_moments() -> None:
    """In JSON they are as the wire has them: bare text would come back as text."""
    task = incomplete(
        Task, name="a", custom_attributes={"due": MOMENT, "text": "2026-01-05"}
    )
    value = ContextCustomAttributeValue.model_construct(value=MOMENT)
    assert task.model_dump()["custom_attributes"]["due"] == MOMENT
    assert value.model_dump(mode="json")["value"] == {
        "__type__": "datetime",
        "value": "2026-01-05T09:30:00+00:00",
    }
    for entity, read in ((task, "custom_attributes"), (value, "value")):
        again: Any = type(entity).model_validate_json(entity.model_dump_json())
        assert getattr(again, read) == getattr(entity, read)
