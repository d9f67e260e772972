"""Units are named as a person would name their entities."""

from __future__ import annotations

from typing import Final

import pytest

from ftrack_models import (
    Asset,
    AssetVersion,
    CalendarEvent,
    Note,
    Sequence,
    Shot,
    Task,
)
from ftrack_orm.entity.entity import Entity
from ftrack_orm.migrations.titles import title_of, title_projections

SEQUENCE: Final = Sequence.model_construct(name="sq010")
SHOT: Final = Shot(name="sh010", parent=SEQUENCE)


@pytest.mark.parametrize(
    ("entity", "title"),
    [
        (SHOT, "Shot sq010/sh010"),
        (SEQUENCE, "Sequence sq010"),
        (Task(name="animation", parent=SHOT), "Task sh010/animation"),
        (
            AssetVersion(asset=Asset(name="hero", parent=SHOT), version=3),
            "AssetVersion hero/v3",
        ),
        (Asset(name="hero", parent=SHOT), "Asset sh010/hero"),
    ],
)
def test_an_entity_is_named_with_its_place(entity: Entity, title: str) -> None:
    assert title_of(entity) == title


def test_an_entity_without_a_name_has_its_key() -> None:
    note = Note(content="x", parent_id="t1", parent_type="Task")
    assert title_of(note) == f"Note {note.id}"


@pytest.mark.parametrize(
    ("entity_class", "names"),
    [
        (Task, ["parent.name"]),
        (Asset, ["parent.name"]),
        (AssetVersion, ["asset.name"]),
        (Note, []),
        (CalendarEvent, []),
    ],
)
def test_names_of_places_are_read_with_the_entities(
    entity_class: type[Entity], names: list[str]
) -> None:
    assert title_projections(entity_class.__ftrack__) == names
