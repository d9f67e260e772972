"""Units are named as a person would name their entities."""

from __future__ import annotations

from typing import Final

import pytest

from ftrack_models import (
    Appointment,
    Asset,
    AssetVersion,
    CalendarEvent,
    Note,
    Sequence,
    Shot,
    Task,
    User,
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


@pytest.mark.parametrize(
    ("content", "title"), [("It's late", '"It\'s late"'), ("x" * 41, f"'{'x' * 40}…'")]
)
def test_a_note_is_named_by_its_text(content: str, title: str) -> None:
    note = Note(content=content, parent_id="t1", parent_type="Task")
    assert title_of(note) == f"Note {title}"


def test_an_entity_without_a_name_is_named_by_its_links() -> None:
    task = Task(name="animation", parent=SHOT)
    assignment = Appointment(
        context=task, resource=User(username="anna"), type="assignment"
    )
    assert title_of(assignment) == "Appointment animation, anna"
    key = Appointment.model_construct(id="a1", context_id="t1", resource_id="u1")
    assert title_of(key) == "Appointment a1"


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
