"""`clone` copies what a client may set, and nothing else."""

from __future__ import annotations

import pytest

from ftrack_models import (
    AssetVersion,
    Note,
    ObjectType,
    Project,
    ProjectSchema,
    Schema,
    Sequence,
    Shot,
    Task,
)
from ftrack_orm import (
    NO_RETRIES,
    AttributeValueError,
    EntityState,
    NotLoadedError,
    ReadOnlyAttributeError,
    Session,
    UnknownAttributeError,
)
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot, a_task, project, state_of


def test_values_are_copied_and_the_key_is_new(session: Session) -> None:
    task = a_task(session)
    task.description, task.bid = "hard", 7200.0
    copy = task.clone(name="animation 2")
    assert state_of(copy) is EntityState.TRANSIENT
    assert copy.id != task.id
    assert (copy.name, copy.description, copy.bid) == ("animation 2", "hard", 7200.0)
    session.add(copy)
    session.commit()
    assert copy.parent is task.parent
    assert (copy.type, copy.status, copy.priority) == (
        task.type,
        task.status,
        task.priority,
    )
    assert (copy.start_date, copy.end_date) == (task.start_date, task.end_date)
    assert copy.project is project(session)
    session.expire()
    assert list(copy.assignments) == []
    assert copy.created_by is session.me


def test_stored_custom_attributes_and_metadata_are_copied(session: Session) -> None:
    shot = a_shot(session)
    shot.metadata.update({"cut": "7", "vendor": "x"})
    del shot.custom_attributes["handles"]
    shot.custom_attributes["fend"] = 1234
    session.commit()
    copy = shot.clone(name="new")
    session.add(copy)
    session.commit()
    session.expire()
    assert dict(copy.metadata) == {"cut": "7", "vendor": "x"}
    assert copy.custom_attributes["fend"] == 1234
    for key in shot.custom_attributes:
        assert copy.custom_attributes[key] == shot.custom_attributes[key]
        assert copy.custom_attributes.is_set(key) == shot.custom_attributes.is_set(key)
    assert not copy.custom_attributes.is_set("handles")
    assert not copy.custom_attributes.is_set("duration")


def test_changes_replace_values(session: Session) -> None:
    shot = a_shot(session)
    sequence = session.find(Sequence, name="sq020")
    copy = shot.clone(
        name="new",
        parent=sequence,
        custom_attributes={"fstart": 5},
        metadata={"a": "b"},
    )
    assert copy.parent is sequence
    assert dict(copy.custom_attributes) == {"fstart": 5}
    other = shot.clone(name="x", parent_id=sequence.id, status_id=shot.status_id)
    session.add_all([copy, other])
    session.commit()
    assert {copy.parent, other.parent} == {sequence}


def test_a_clone_in_another_project_belongs_to_that_project(session: Session) -> None:
    shot = a_shot(session)
    target = next(
        each for each in session.select(Project) if each.name != shot.project.name
    )
    copy = shot.clone(parent=target)
    session.add(copy)
    session.commit()
    session.expire()
    assert copy.project is target


def test_a_version_gets_the_next_number(session: Session) -> None:
    version = session.select(AssetVersion).order_by(AssetVersion.version.desc())[0]
    copy = version.clone(comment="again")
    session.add(copy)
    session.commit()
    session.expire()
    assert copy.asset is version.asset
    assert copy.version == version.version + 1
    assert list(copy.components) == []


def test_many_clones_take_two_requests(session: Session) -> None:
    shots = session.select(Shot).all()
    before = session.requests
    clones = [shot.clone(name=f"{shot.name} 2") for shot in shots]
    # The rows of all shots, and which of them are stored.
    assert session.requests - before == 2
    assert len(clones) == len(shots)
    assert all(clone.custom_attributes for clone in clones)


def test_a_note_keeps_its_subject(session: Session) -> None:
    note = session.select(Note).where(Note.parent_type == "TypedContext").first()
    note = note or session.select(Note).where(Note.content != "").all()[0]
    copy = note.clone(content="copied")
    session.add(copy)
    session.commit()
    session.expire()
    assert (copy.parent_id, copy.content) == (note.parent_id, "copied")


def test_the_parts_of_a_composed_key_are_copied(session: Session) -> None:
    rules = session.find(ProjectSchema, name="VFX").schemas_[0]
    row = rules.statuses[0]
    added = Schema(
        project_schema_id=rules.project_schema_id,
        type_id=session.find(ObjectType, name="Folder").id,
    )
    copy = row.clone(schema_id=added.id)
    session.add_all([added, copy])
    session.commit()
    assert copy.reference.key == (row.status_id, added.id)


def test_a_new_entity_can_be_cloned(session: Session) -> None:
    sequence = session.find(Sequence, name="sq010")
    shot = Shot(name="a", parent=sequence, description="x", metadata={"k": "v"})
    copy = shot.clone(name="b")
    assert (copy.name, copy.description, dict(copy.metadata)) == ("b", "x", {"k": "v"})
    assert (copy.id != shot.id, copy.parent) == (True, sequence)
    session.add(shot)
    second = shot.clone(name="c")
    session.add(second)
    assert second.parent is sequence


def test_the_original_is_not_changed(session: Session) -> None:
    shot = a_shot(session)
    children = len(shot.children)
    shot.clone(name="b").metadata["x"] = "y"
    assert not session.plan()
    assert len(shot.children) == children
    assert "x" not in shot.metadata


def test_wrong_changes_are_refused(session: Session) -> None:
    shot = a_shot(session)
    with pytest.raises(UnknownAttributeError, match="Did you mean 'name'"):
        shot.clone(nmae="x")
    with pytest.raises(AttributeValueError):
        shot.clone(name=5)
    with pytest.raises(ReadOnlyAttributeError):
        shot.clone(created_at=None)


def test_a_strict_session_names_what_is_missing(emulator: Emulator) -> None:
    with Session(
        transport=emulator.transport(),
        check_schema="ignore",
        retry=NO_RETRIES,
        load="strict",
    ) as session:
        task = session.select(Task).where(Task.name == "animation").all()[0]
        with pytest.raises(NotLoadedError, match=r"metadata|custom_attributes"):
            task.clone()
